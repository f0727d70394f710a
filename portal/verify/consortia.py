"""Joint bids judged again from the forms that were opened (实施条例 37; 招标投标法 31).

What the public has is enough to see that no unit stands twice among the bids that were opened, that
every member of a consortium signed, and that the notice allowed it. Whose key a member's is stands
in no public place, and the form of a rejected bid is not published: both are said.
"""

from __future__ import annotations

from bidding import consortium

from .folder import Evidence, Index
from .notices import LotTerms
from .parts import Opening

REJECTED = "form: consortium_"


def check(evidence: Evidence, openings: list[Opening], index: Index) -> None:
    """Judge the consortia of every opening again."""
    joint = rejected = 0
    for opening in openings:
        rows = opening.record["bids"]
        out = [row for row in rows if row["verdict"] == "rejected"
               and str(row["reason"]).startswith(REJECTED)]
        rejected += len(out)
        doubles = [row for row in out if row["reason"] == REJECTED + "double"]
        evidence.findings.require(len(doubles) != 1, opening.name, "rejects one bid alone for a "
                                  "unit that stands in two")
        shown = [row for row in rows if row["verdict"] == "opened" and row["form"] is not None]
        joint += _judged(evidence, opening, shown, index)
    if joint:
        evidence.findings.did(f"{joint} 份联合体投标由开标一览表重新核对：成员均已签名，无一单位参加两份投标",
                              f"{joint} joint bid(s) judged again from their forms: signed by all "
                              "members, no unit in two bids")
        evidence.findings.could_not("联合体成员的密钥是否登记在其名下不公开",
                                    "whether a member's key was bound to it is not public")
    if rejected:
        evidence.findings.could_not(
            f"{rejected} 份投标因联合体被否决，其开标一览表不公开",
            f"{rejected} bid(s) rejected for their consortium: their forms are not public")


def _judged(evidence: Evidence, opening: Opening, rows: list[dict], index: Index) -> int:
    """How many joint bids of an opening stand; every one that should not is named."""
    bids, keys = [], {}
    for row in rows:
        said = row["form"].get("consortium")
        try:
            members = consortium.check(said)["members"] if said is not None else []
        except consortium.BadConsortium as error:
            evidence.findings.wrong(opening.name, f"bid {row['bid']}: {error}")
            continue
        for one in members:
            keys.setdefault(one["uscc"], set()).add(one["key"])
        bids.append(consortium.Joined(row["bid"], row["tenderer"], said))
    asked = _asked(opening.terms)
    wrong = consortium.judge(
        bids, allowed=bool(asked.get("consortium")), most=asked.get("members_max") or 0,
        log_origin=index.log_origin, tender=index.tender, lot=opening.lot, keys=keys)
    for bid, reason in sorted(wrong.items()):
        evidence.findings.wrong(opening.name, f"bid {bid} was opened and is invalid: {reason}")
    return sum(one.consortium is not None and one.bid not in wrong for one in bids)


def _asked(terms: LotTerms | None) -> dict:
    """What the notice asks of tenderers in the lot."""
    return terms.requirement if terms else {}
