"""The opening done again: closing, authorisation, record, forms, commitments, shares.

The form part of every opened bid is decrypted from the seed that was published, and must lead
from the declared ciphertext to the declared recipient, the declared manifest and the price of
the opening record. The other parts stay sealed to the public: their ciphertexts, where they are
here, must have the declared hashes; with `--panel` they are opened as well. A lot of two
envelopes has a second record of forms and prices. Of a part that was handed in plain (办法 31)
there is no seed, but the archive, which must be what the declared manifest says.
"""

from __future__ import annotations

from bidding import closing, policy
from bidding.declaration import Declaration
from kernel.canonical import NotCanonical, jcs, sha256

from .archives import block_hash
from .consortia import REJECTED
from .entries import Entries, Entry
from .folder import Evidence, Unreadable
from .notices import LotTerms
from .parts import ACTS, Opening, Panel, Parts
from .receipts import Held


def check(evidence: Evidence, entries: Entries, held: Held, terms: dict[str, LotTerms],
          panel: Panel | None) -> list[Opening]:
    """Check every opening of the folder. Returns the openings."""
    return _Checker(evidence, entries, held, terms, panel).run()


class _Checker(Parts):
    def __init__(self, evidence: Evidence, entries: Entries, held: Held,
                 terms: dict[str, LotTerms], panel: Panel | None):
        super().__init__(evidence, entries, held, panel)
        self.terms = terms
        self.purposes: dict[str, set[str]] = {}
        """What each bid has a path for, by stem."""

    def run(self) -> list[Opening]:
        self.files = self._ciphertexts()
        openings = []
        for name in self.evidence.within("openings", ".json"):
            opening = self._opening(name)
            if opening:
                openings.append(opening)
        self._whole(openings)
        for digest, name in sorted(self.files.items()):
            self.findings.require(name in self.claimed, name,
                                  "is the ciphertext of no declared part of an opened bid")
        for ending, what in ((".key", "key"), (".tar", "archive")):
            for name in self.evidence.within("bids", ending):
                self.findings.require(name in self.claimed, name,
                                      f"is the {what} of no published part")
        for stem, purposes in sorted(self.purposes.items()):
            self._no_more_paths(stem, purposes)
        self._say(openings)
        return openings

    def _whole(self, openings: list[Opening]) -> None:
        """Every opening in the record is here; a second envelope is of the bids that passed."""
        here = {(one.lot, one.stage): one for one in openings}
        for stage, (kind, *_) in ACTS.items():
            for entry in self.entries.of(kind):
                if (entry.record["lot"], stage) not in here:
                    self.findings.wrong("openings", f"{entry} opened lot {entry.record['lot']}, "
                                                    "whose opening record is not here")
        for (lot, stage), second in here.items():
            first = here.get((lot, 1))
            if stage == 1 or first is None:
                continue
            passed = {row["bid"] for row in first.record["bids"] if row["verdict"] == "opened"}
            self.findings.require({row["bid"] for row in second.record["bids"]} == passed,
                                  second.name, "is not of the bids that were opened before")
            authorised = self.entries.of(ACTS[2][1], lot)
            sheets = self.entries.of("score.signed", lot)
            self.findings.require(
                bool(authorised) and all(one.position < authorised[0].position for one in sheets),
                second.name, "was authorised before every technical sheet was signed")

    def _ciphertexts(self) -> dict[str, str]:
        return {block_hash(self.evidence.root / name): name
                for name in self.evidence.within("bids", ".age")}

    def _opening(self, name: str) -> Opening | None:
        try:
            page = self.evidence.json(name)
            record, lot = page["record"], page["lot_id"]
            digest = sha256(jcs(record)).hex()
            kind = ACTS[record["stage"]][0]
            opened = self.entries.one(kind, lot)
            if not self.findings.require(
                    opened is not None and opened.facts["record"] == digest
                    and page["record_hash"] == digest, name,
                    "is not the opening record whose hash the record holds"
                    + (f" in {opened}" if opened else "")):
                return None
            opening = Opening(name, lot, record, self.terms.get(lot))
            if opening.terms:
                named = f"lot{opening.terms.number}{'-prices' if opening.stage == 2 else ''}"
                self.findings.require(name == f"openings/{named}.json", name,
                                      f"is the record that {named}.json should hold")
            self._times(opening, opened)
            self._signed(page, opening, digest)
            for row in record["bids"]:
                self._bid(opening, row)
            if opening.stage == 1:
                self._standing(opening)
            self._shares(opening)
            return opening
        except Unreadable as error:
            self.findings.wrong(*error.args)
        except (KeyError, TypeError, AttributeError, NotCanonical) as error:
            self.findings.wrong(name, f"is not an opening record ({error})")
        return None

    def _times(self, opening: Opening, opened: Entry) -> None:
        record, lot = opening.record, opening.lot
        closed = self.entries.of("lot.closed", lot)
        authorised = self.entries.of(ACTS[opening.stage][1], lot)
        require = self.findings.require
        require(bool(closed) and closed[-1].facts["deadline"] == record["deadline"], opening.name,
                "no closing entry of this lot has its deadline")
        if opening.terms:
            held = opening.terms.deadline_at(record["authorised_at"])
            require(record["deadline"] == held, opening.name,
                    f"is over the deadline {record['deadline']}, not {held}, which was in force")
            require(record["parts"] == opening.terms.parts(opening.stage), opening.name,
                    f"opens {record['parts']} in stage {opening.stage}, against the notice")
        require(bool(authorised) and record["parts"] == sorted(
            one["part"] for one in authorised[0].facts["parts"]), opening.name,
            "opens other parts than were authorised")
        tree = opening.terms.tree if opening.terms else None
        holders = {leaf["holder"] for leaf in policy.holders(tree).values()} if tree else set()
        require(not authorised or not holders or authorised[0].facts["official"] in holders,
                opening.name, "was authorised by nobody who could open it")
        require(bool(authorised) and authorised[0].record["at"] == record["authorised_at"],
                opening.name, "the authorisation was recorded at another time")
        require(opened.record["at"] == record["opened_at"], opening.name,
                f"{opened} was at another time")
        require(record["deadline"] <= record["authorised_at"] <= record["opened_at"],
                opening.name, "the order of deadline, authorisation and opening is wrong")
        for verdict in ("opened", "rejected", "unopened"):
            found = sum(row["verdict"] == verdict for row in record["bids"])
            require(opened.facts.get(verdict, 0) == found, opening.name,
                    f"{opened} counts another number of bids {verdict}")

    def _signed(self, page: dict, opening: Opening, digest: str) -> None:
        said = {(one["official"], one["signed_at"]) for one in page["signatures"]}
        found = {(one.record["subject"], one.record["at"])
                 for one in self.entries.of("opening_record.signed", opening.lot)
                 if one.facts["record"] == digest}
        self.findings.require(said == found, opening.name,
                              "the signatures are not those in the record")
        self.count["signed"] += len(found)

    def _bid(self, opening: Opening, row: dict) -> None:
        name, bid = opening.name, row["bid"]
        declared = self.held.declarations.get(row["declaration"])
        if declared is None:
            self.findings.wrong(name, f"bid {bid}: its declaration is not in this folder")
            return
        require = self.findings.require
        stem = self.held.stems[declared.hash]
        same = (declared.bid, declared.tenderer, declared.version, declared.lot) == (
            bid, row["tenderer"], row["version"], opening.lot)
        require(same, name, f"bid {bid}: {stem}.declaration.json is of another bid")
        if opening.terms:
            require(declared.suite == opening.terms.suite, f"{stem}.declaration.json",
                    "names another suite than the notice")
            require(declared.policy_hash == opening.terms.policy_hash, f"{stem}.declaration.json",
                    "names another policy than the notice")
        entry = self._submission(declared)
        require(entry is not None and entry.record["at"] == row["received_at"], name,
                f"bid {bid}: the record does not show it received at {row['received_at']}")
        held = opening.terms.deadline_at(row["received_at"]) if opening.terms else \
            opening.record["deadline"]
        require(row["received_at"] < held, name,
                f"bid {bid}: was received at or after the deadline")
        self._paths(opening, declared, stem)
        if row["verdict"] != "opened":
            require(row["form"] is None, name, f"bid {bid}: not opened, yet a form is shown")
            return
        for part in declared.parts:
            if part.part in opening.record["parts"]:
                self._part(opening, row, declared, part)

    def _standing(self, opening: Opening) -> None:
        """Every bid that the record shows to stand at the deadline is in the opening record, with
        the version that stood. By the times of the entries: within a tick they have no order."""
        stood: dict[str, str | None] = {}
        kinds = ("bid.submitted", "bid.replaced", "bid.withdrawn")
        for entry in sorted((one for kind in kinds for one in self.entries.of(kind, opening.lot)),
                            key=lambda one: one.record["at"]):
            gone = entry.record["type"] == "bid.withdrawn"
            stood[entry.record["subject"]] = None if gone else entry.facts["declaration"]
        shown = {row["bid"]: row["declaration"] for row in opening.record["bids"]}
        for bid, declaration in sorted(stood.items()):
            if declaration is None:
                self.findings.require(bid not in shown, opening.name,
                                      f"bid {bid} had been withdrawn and stands here")
            elif self.findings.require(bid in shown, opening.name, f"bid {bid} stood at the "
                                       "deadline and is not in the opening record"):
                self.findings.require(shown[bid] == declaration, opening.name,
                                      f"bid {bid}: another version of it stood at the deadline")

    def _submission(self, declared: Declaration) -> Entry | None:
        for kind in ("bid.submitted", "bid.replaced"):
            for entry in self.entries.of(kind, declared.lot, declared.bid):
                if entry.facts["declaration"] == declared.hash:
                    return entry
        return None

    def _paths(self, opening: Opening, declared: Declaration, stem: str) -> None:
        """The bid stands under the closing root, and each part under its authorisation's."""
        name = f"{stem}.paths.json"
        try:
            places = self.evidence.json(name)
        except Unreadable as error:
            self.findings.wrong(*error.args)
            return
        roots = self._roots(opening)
        self.purposes.setdefault(stem, set()).update(roots)
        self.findings.require(set(places) >= set(roots), name,
                              f"has places for {sorted(places)}, the record has roots for "
                              f"{sorted(roots)}")
        for purpose in sorted(set(places) & set(roots)):
            try:
                place = closing.Place.from_json(places[purpose])
                spelled = place.to_json() == places[purpose]
            except NotCanonical as error:
                self.findings.wrong(name, f"{purpose}: {error}")
                continue
            good = spelled and closing.verify(roots[purpose][1], declared.bid, declared.hash, place)
            if self.findings.require(good, name, f"{purpose}: does not lead to the root of "
                                                 f"{roots[purpose][0]}"):
                self.count["paths"] += 1

    def _no_more_paths(self, stem: str, purposes: set[str]) -> None:
        name = f"{stem}.paths.json"
        try:
            places = self.evidence.json(name)
        except Unreadable:
            return  # `_paths` has said so
        self.findings.require(set(places) == purposes, name,
                              f"has places for {sorted(places)}, the record has roots for "
                              f"{sorted(purposes)}")

    def _roots(self, opening: Opening) -> dict[str, tuple[Entry, str]]:
        """The closing's, the last where a deadline was restored, and those of a stage's parts."""
        roots, lot = {}, opening.lot
        if opening.stage == 1:
            for entry in self.entries.of("lot.closed", lot):
                roots["closing"] = entry, entry.facts["root"]
        for entry in self.entries.of(ACTS[opening.stage][1], lot):
            for part in entry.facts["parts"]:
                roots[part["part"]] = entry, part["root"]
        return roots

    def _shares(self, opening: Opening) -> None:
        """What an official gave is what was declared for it: the root over the share hashes."""
        tree = opening.terms.tree if opening.terms else None
        if tree is None:
            return
        paths = {leaf["holder"]: path for path, leaf in policy.holders(tree).items()}
        declared = [self.held.declarations[row["declaration"]] for row in opening.record["bids"]
                    if row["declaration"] in self.held.declarations]
        parts = opening.record["parts"]
        for entry in self.entries.of(ACTS[opening.stage][2], opening.lot):
            facts = entry.facts
            path = paths.get(entry.record["subject"])
            hashes = [bytes.fromhex(share.share_hash) for _, _, share in sorted(
                (one.bid, part.part, share) for one in declared for part in one.parts
                for share in part.shares if part.part in parts and share.path == path)]
            if facts["wrong"] or facts["count"] != len(hashes):
                continue
            if self.findings.require(closing.list_root(hashes).hex() == facts["root"],
                                     opening.name, f"{entry}: the shares given are not those "
                                                   "declared"):
                self.count["shares"] += len(hashes)

    def _say(self, openings: list[Opening]) -> None:
        count, did = self.count, self.findings.did
        if openings:
            did(f"{len(openings)} 份开标记录与记录中的哈希一致，{count['signed']} 个签名在案",
                f"{len(openings)} opening record(s) of the hash in the record, "
                f"{count['signed']} signature(s) there")
            did(f"{count['forms']} 份开标一览表由种子重新解密，报价一致",
                f"{count['forms']} form(s) decrypted again from their seeds: the prices are those "
                "shown")
            did(f"{count['paths']} 条路径通向截止根与授权根",
                f"{count['paths']} path(s) to closing and authorisation roots")
        shut = [row for one in openings for row in one.record["bids"]
                if row["verdict"] != "opened" and not str(row["reason"]).startswith(REJECTED)]
        if shut:
            self.findings.could_not(
                f"{len(shut)} 份投标未开启或与声明不符，其理由不公开，只能由其投标人和开标人员核对",
                f"{len(shut)} bid(s) not opened, or rejected: for what reason only their tenderers "
                "and the officials can check")
        if count["shares"]:
            did(f"{count['shares']} 个开标人员份额与声明一致",
                f"{count['shares']} officials' shares, as declared")
        if count["plain"]:
            did(f"{count['plain']} 个以明文补救的部分与声明的清单一致",
                f"{count['plain']} part(s) handed in plain, each what its declared manifest says")
        if count["sealed"]:
            did(f"{count['sealed']} 个其他部分的密文与声明一致",
                f"{count['sealed']} ciphertext(s) of other parts, of the declared hash")
        if self.panel is not None:
            for recipient in sorted(set(self.panel.seeds) - self.used):
                self.findings.wrong("--panel", f"the key of {recipient[:24]}… opens no part here")
            did(f"{count['panel']} 个其他部分由评审密钥重新开启",
                f"{count['panel']} other part(s) opened again with the panel's keys")
        elif count["sealed"]:
            self.findings.could_not(
                f"{count['sealed']} 个技术与报价部分未开启：密钥不公开（--panel）",
                f"{count['sealed']} technical and price part(s) not opened: their keys are not "
                "public (--panel)")
        if self.absent:
            self.findings.could_not(f"{self.absent} 个部分的密文不在此处",
                                    f"{self.absent} ciphertext(s) are not here")
