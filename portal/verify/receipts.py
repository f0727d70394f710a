"""Declarations, promises and proofs: what the tenderers hold, against the record.

A receipt's files share a stem: `NAME.receipt.txt` is the promise, `NAME.tlog-proof` with
`NAME.leaf` the proof that the record kept it, `NAME.declaration.json` what was declared and
`NAME.signature.json` who signed it; `.ending.txt` is the promise of a withdrawal, `.refusalN.txt`
that of a refusal. A promise that must be in the record by a time is compared with the tick of
the leaf that keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from audit import tlogproof
from audit.checkpoint import Head
from bidding import declaration, promise, receipt
from bidding.declaration import BadDeclaration, Declaration
from kernel.canonical import NotCanonical, parse_time
from people import x509

from .entries import Entries
from .findings import Findings
from .folder import Evidence, Keys, Unreadable
from .notices import LotTerms

ENDINGS = (".receipt.txt", ".ending.txt")


@dataclass
class Held:
    """Everything the folder holds of declarations, receipts and proofs."""

    declarations: dict[str, Declaration] = field(default_factory=dict)
    """By their hash."""
    stems: dict[str, str] = field(default_factory=dict)
    """The stem of a declaration's file, by its hash."""
    heads: list[tuple[str, Head]] = field(default_factory=list)
    """The checkpoint of every proof, by the file it stands in."""
    proofs: dict[str, tlogproof.Proven] = field(default_factory=dict)
    """By stem."""


def load(evidence: Evidence, keys: Keys) -> Held:
    """Read what can be read before the record is: declarations, and the heads of proofs."""
    held = Held()
    for name in evidence.within("receipts", ".declaration.json"):
        try:
            declared = declaration.parse(evidence.text(name))
            held.declarations[declared.hash] = declared
            held.stems[declared.hash] = _stem(name, ".declaration.json")
        except BadDeclaration as error:
            evidence.findings.wrong(name, str(error))
        except Unreadable as error:
            evidence.findings.wrong(*error.args)
    for name in evidence.within("receipts", ".tlog-proof"):
        stem = _stem(name, ".tlog-proof")
        try:
            proven = tlogproof.verify(evidence.text(name), evidence.read(f"{stem}.leaf"), keys.log,
                                      keys.witnesses)
            held.heads.append((name, proven.head))
            held.proofs[stem] = proven
        except tlogproof.BadProofFile as error:
            evidence.findings.wrong(name, str(error))
        except Unreadable as error:
            evidence.findings.wrong(*error.args)
    for name in evidence.within("receipts", ".leaf"):
        proof = f"{_stem(name, '.leaf')}.tlog-proof"
        evidence.findings.require(proof in evidence.names, name, "has no proof beside it")
    return held


def _stem(name: str, ending: str) -> str:
    return name.removesuffix(ending)


def check(evidence: Evidence, held: Held, entries: Entries, keys: Keys, terms: dict) -> None:
    """Every proof against the record, every promise against its proof or its entry."""
    findings = evidence.findings
    for stem, proven in held.proofs.items():
        _in_record(findings, f"{stem}.tlog-proof", proven, evidence, entries)
    if held.proofs:
        findings.did(f"{len(held.proofs)} 份存证证明指向本记录",
                     f"{len(held.proofs)} proof(s) of inclusion, each in this record")
    count = proven = 0
    for ending in ENDINGS:
        for name in evidence.within("receipts", ending):
            count += 1
            proven += _formed(findings, name, _promise, evidence, held, keys, terms, name,
                              _stem(name, ending))
    refusals = [name for name in evidence.within("receipts", ".txt")
                if not name.endswith(ENDINGS)]
    digested = sum(_formed(findings, name, _refusal, evidence, keys, held, name)
                   for name in refusals)
    if count:
        findings.did(f"{count} 份回执签名有效并与声明一致，其中 {proven} 份附有存证证明",
                     f"{count} promise(s) signed by the platform and naming their declaration, "
                     f"{proven} with a proof that the record kept them in time")
    if count > proven:
        findings.could_not(f"{count - proven} 份回执未附证明",
                           f"{count - proven} promise(s) came without a proof")
    if refusals:
        findings.did(f"{len(refusals)} 份拒收回执签名有效，其中 {digested} 份附有存证证明",
                     f"{len(refusals)} refusal(s) signed by the platform, {digested} with a proof "
                     "that the record kept them")
    _signatures(evidence, held)


def _formed(findings: Findings, name: str, check, *args) -> bool:
    """What `check` says of a file. What the platform signed may still lack a field of a promise,
    or have one of another type: then the file is named."""
    try:
        return check(*args)
    except (KeyError, TypeError, AttributeError) as error:
        findings.wrong(name, f"is signed, but is no promise of this form ({error})")
        return False


def _in_record(findings: Findings, name: str, proven: tlogproof.Proven, evidence: Evidence,
               entries: Entries) -> None:
    stem = _stem(name, ".tlog-proof")
    if proven.index >= entries.head.size:
        findings.wrong(name, f"names entry {proven.index}, which the record here does not have yet")
    elif entries.leaf(proven.index) != evidence.read(f"{stem}.leaf"):
        findings.wrong(f"{stem}.leaf", f"is not entry {proven.index} of the record")


def _promise(evidence: Evidence, held: Held, keys: Keys, terms: dict, name: str,
             stem: str) -> bool:
    """Check one promise; whether a proof lies beside it."""
    findings = evidence.findings
    try:
        says = promise.read(evidence.text(name), keys.platform)
    except (promise.BadPromise, Unreadable) as error:
        findings.wrong(name, str(error) if isinstance(error, promise.BadPromise)
                       else error.args[1])
        return False
    declared = held.declarations.get(says.get("declaration", ""))
    if not findings.require(declared is not None, name,
                            "promises a declaration that is not in this folder"):
        return False
    for field_ in ("log_origin", "suite", "tender", "lot", "bid"):
        findings.require(says.get(field_) == declared.value[field_], name,
                         f"names another {field_} than the declaration")
    _in_time_rule(findings, name, says, terms)
    proven = held.proofs.get(stem if name.endswith(".receipt.txt") else f"{stem}.ending")
    if proven is None:
        return False
    try:
        receipt.keeps(says, evidence.text(name), proven.record)
    except receipt.BadReceipt as error:
        findings.wrong(name, f"entry {proven.index}: {error}")
    findings.require(proven.tick <= says["include_by"], name,
                     f"was to be in the record by {says['include_by']}; entry {proven.index} "
                     f"came at {proven.tick}")
    return True


def _in_time_rule(findings: Findings, name: str, says: dict, terms: dict) -> None:
    """`include_by` is the rule's and nothing else, so that it tells nothing of the queue."""
    lot = terms.get(says.get("lot"))
    try:
        received, by = parse_time(says["received_at"]), parse_time(says["include_by"])
        # A bid is told that it is deemed withdrawn after the deadline that it missed, and perhaps
        # only when a later one is in force.
        missed = says["type"] == "bid-deemed-withdrawn"
        ends = [parse_time(moment) for moment in _ends(lot, says["received_at"], missed)]
    except (KeyError, NotCanonical):
        findings.wrong(name, "says no times")
        return
    if ends:
        allowed = {promise.include_by(received, end) for end in ends}
        findings.require(by in allowed, name, "promises another time than the rule gives")
    else:
        findings.require(by - received <= timedelta(hours=6), name, "promises a later time")


def _ends(lot: LotTerms | None, received: str, missed: bool) -> list[str]:
    """The deadlines that a promise of that time may have been computed from."""
    if lot is None:
        return []
    if not missed:
        return [lot.deadline_at(received)]
    return [lot.deadline, *(deadline for _, deadline in lot.restored)]


def _refusal(evidence: Evidence, keys: Keys, held: Held, name: str) -> bool:
    """Check one refusal; whether a proof lies beside it, with the path to its digest."""
    stem = _stem(name, ".txt")
    try:
        says = promise.read(evidence.text(name), keys.platform)
        if not evidence.findings.require(says["type"] == "bid-refusal", name,
                                         "is signed, but is no refusal"):
            return False
        proven, path = held.proofs.get(stem), f"{stem}.place.json"
        if proven is None:
            return False
        receipt.keeps(says, evidence.text(name), proven.record, evidence.json(path))
        return True
    except (promise.BadPromise, receipt.BadReceipt) as error:
        evidence.findings.wrong(name, str(error))
    except Unreadable as error:
        evidence.findings.wrong(*error.args)
    return False


def _signatures(evidence: Evidence, held: Held) -> None:
    """Each declaration is signed by the key shown beside it; whose key that is nothing here says."""
    findings, count, certified = evidence.findings, 0, 0
    by_stem = {stem: held.declarations[digest] for digest, stem in held.stems.items()}
    for name in evidence.within("receipts", ".signature.json"):
        stem = _stem(name, ".signature.json")
        try:
            says = evidence.json(name)
            good = declaration.verify(by_stem[stem].value, says["key"], says["signature"])
            findings.require(good, name, "is not the signature of that key over the declaration")
            count += 1
            if isinstance(says["key"], dict):
                certified += 1
                unit, _ = x509.unit_of(x509.parse_chain(says["key"]["certificate"])[0])
                findings.require(unit == by_stem[stem].tenderer, name,
                                 f"is under a certificate of {unit}, not of the tenderer")
        except x509.BadCertificate as error:
            findings.wrong(name, str(error))
        except (KeyError, TypeError):
            findings.wrong(name, "has no declaration beside it, or lacks a field")
        except Unreadable as error:
            findings.wrong(*error.args)
    if count:
        findings.did(f"{count} 份声明的签名与所附公钥相符",
                     f"{count} declaration(s) signed by the key shown beside each")
        findings.could_not("所附公钥属于哪家投标人，由该投标人自己核对",
                           "that such a key is the tenderer's: only the tenderer can say so")
    if certified:
        findings.could_not(f"其中 {certified} 份用数字证书签名：证书链未与认证机构核对",
                           f"{certified} of them under a certificate of the tenderer's: its chain "
                           "was not checked against an authority")
