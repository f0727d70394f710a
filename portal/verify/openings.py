"""The opening done again: closing, authorisation, record, forms, commitments, shares.

The form part of every opened bid is decrypted from the seed that was published, and must lead
from the declared ciphertext to the declared recipient, the declared manifest and the price of
the opening record. The other parts stay sealed to the public: their ciphertexts, where they are
here, must have the declared hashes; with `--panel` they are opened as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bidding import age, blocks, closing, policy, suites
from bidding.content import BadContent, examine
from bidding.declaration import Declaration, Part
from bidding.manifest import FORM_FILE, BadManifest, read_form
from kernel.canonical import NotCanonical, jcs, sha256, unb64

from .entries import Entries, Entry
from .findings import Findings
from .folder import PIECE, Evidence, Unreadable
from .notices import LotTerms
from .receipts import Held


@dataclass
class Opening:
    """One lot's opening: where it is written, its record, what the notice fixed of the lot."""

    name: str
    lot: str
    record: dict
    terms: LotTerms | None


class Sealed:
    """An age file on disk, read in places."""

    def __init__(self, path: Path):
        self.path, self.size = path, path.stat().st_size

    def read_at(self, offset: int, length: int) -> bytes:
        """Bytes of the file."""
        with open(self.path, "rb") as file:
            file.seek(offset)
            return file.read(length)


def block_hash(path: Path) -> str:
    """The hash over a file's blocks, as declarations state it."""
    hasher = blocks.Hasher()
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            hasher.update(piece)
    return hasher.hexdigest()


def check(evidence: Evidence, entries: Entries, held: Held, terms: dict[str, LotTerms],
          panel: dict[str, bytes] | None) -> list[Opening]:
    """Check every opening of the folder; `panel` are seeds by recipient. Returns the openings."""
    return _Checker(evidence, entries, held, terms, panel).run()


class _Checker:
    def __init__(self, evidence: Evidence, entries: Entries, held: Held,
                 terms: dict[str, LotTerms], panel: dict[str, bytes] | None):
        self.evidence, self.entries, self.held = evidence, entries, held
        self.terms, self.panel = terms, panel
        self.findings: Findings = evidence.findings
        self.count = dict.fromkeys(("forms", "paths", "sealed", "panel", "shares", "signed"), 0)
        self.absent = 0
        self.claimed: set[str] = set()
        self.used: set[str] = set()

    def run(self) -> list[Opening]:
        self.files = self._ciphertexts()
        openings = []
        for name in self.evidence.within("openings", ".json"):
            opening = self._opening(name)
            if opening:
                openings.append(opening)
        here = {one.lot for one in openings}
        for entry in self.entries.of("lot.opened"):
            if entry.record["lot"] not in here:
                self.findings.wrong("openings", f"{entry} opened lot {entry.record['lot']}, whose "
                                                "opening record is not here")
        for digest, name in sorted(self.files.items()):
            self.findings.require(name in self.claimed, name,
                                  "is the ciphertext of no declared part of an opened bid")
        for name in self.evidence.within("bids", ".key"):
            self.findings.require(name in self.claimed, name, "is the key of no published part")
        self._say(openings)
        return openings

    def _ciphertexts(self) -> dict[str, str]:
        return {block_hash(self.evidence.root / name): name
                for name in self.evidence.within("bids", ".age")}

    def _opening(self, name: str) -> Opening | None:
        try:
            page = self.evidence.json(name)
            record, lot = page["record"], page["lot_id"]
            digest = sha256(jcs(record)).hex()
            opened = self.entries.one("lot.opened", lot)
            if not self.findings.require(
                    opened is not None and opened.facts["record"] == digest
                    and page["record_hash"] == digest, name,
                    "is not the opening record whose hash the record holds"
                    + (f" in {opened}" if opened else "")):
                return None
            opening = Opening(name, lot, record, self.terms.get(lot))
            self._times(opening, opened)
            self._signed(page, opening, digest)
            for row in record["bids"]:
                self._bid(opening, row)
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
        authorised = self.entries.of("opening.authorised", lot)
        require = self.findings.require
        require(bool(closed) and closed[-1].facts["deadline"] == record["deadline"], opening.name,
                "no closing entry of this lot has its deadline")
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
        require(row["received_at"] < opening.record["deadline"], name,
                f"bid {bid}: was received at or after the deadline")
        self._paths(opening, declared, stem)
        if row["verdict"] != "opened":
            require(row["form"] is None, name, f"bid {bid}: not opened, yet a form is shown")
            return
        for part in declared.parts:
            self._part(opening, row, declared, part)

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
        roots = self._roots(opening.lot)
        self.findings.require(set(places) == set(roots), name,
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

    def _roots(self, lot: str) -> dict[str, tuple[Entry, str]]:
        roots = {}
        for entry in self.entries.of("lot.closed", lot):
            roots["closing"] = entry, entry.facts["root"]
        for entry in self.entries.of("opening.authorised", lot):
            for part in entry.facts["parts"]:
                roots[part["part"]] = entry, part["root"]
        return roots

    def _part(self, opening: Opening, row: dict, declared: Declaration, part: Part) -> None:
        where, name = self.files.get(part.ciphertext_hash), self._name(declared, part)
        if where is None:
            if part.part == "form":
                self.findings.wrong(opening.name, f"bid {declared.bid}: the ciphertext of its form "
                                                  "is not here, or was changed")
            elif name in self.evidence.names:
                self.findings.wrong(name, f"bid {declared.bid}: is not the declared ciphertext of "
                                          f"its {part.part} part")
            else:
                self.absent += 1
            return
        self.claimed.add(where)
        self.findings.require(where == name, where, f"is bid {declared.bid}'s {part.part} part, "
                                                    f"which should be {name}")
        if part.part == "form":
            self._form(opening, row, declared, part, where)
        else:
            self.count["sealed"] += 1
            seed = (self.panel or {}).get(part.recipient)
            if seed is not None:
                self.used.add(part.recipient)
                if self._open(where, declared, part, seed):
                    self.count["panel"] += 1
            elif self.panel is not None:
                self.findings.wrong("--panel", f"no key for the {part.part} part of bid "
                                               f"{declared.bid} ({where})")

    def _name(self, declared: Declaration, part: Part) -> str:
        """What the file of this part is called."""
        stem = self.held.stems[declared.hash].removeprefix("receipts/").rpartition("-v")[0]
        return f"bids/{stem}-{part.part}.age"

    def _form(self, opening: Opening, row: dict, declared: Declaration, part: Part,
              where: str) -> None:
        says, bid, name = row["form"], declared.bid, opening.name
        require = self.findings.require
        require(says["recipient"] == part.recipient, name, f"bid {bid}: another recipient")
        require(says["ciphertext_hash"] == part.ciphertext_hash, name,
                f"bid {bid}: another ciphertext")
        seed = unb64(says["seed"], 32)
        key = where.removesuffix(".age") + ".key"
        text = suites.get(declared.suite).identity_text(seed)
        if key in self.evidence.names:
            self.claimed.add(key)
            require(self.evidence.text(key) == text + "\n", key,
                    f"is not the seed that the opening record shows for bid {bid}")
        opened = self._open(where, declared, part, seed)
        if opened is None:
            return
        files, inside = opened
        try:
            if [one["name"] for one in files] != [FORM_FILE]:
                raise BadManifest("form", "holds something else than form.json")
            form = read_form(inside.read(files[0]["offset"], files[0]["size"]))
        except (BadManifest, age.Damaged) as error:
            self.findings.wrong(where, f"bid {bid}: {error}")
            return
        shown = {key: says[key] for key in ("price_fen", "period_days", "quality", "leader")}
        made = {"price_fen": form.price_fen, "period_days": form.period_days,
                "quality": form.quality, "leader": form.leader}
        if require(shown == made, name, f"bid {bid}: shows {shown}, its sealed form says {made}"):
            self.count["forms"] += 1

    def _open(self, where: str, declared: Declaration, part: Part, seed: bytes):
        """(files, opened part), after comparing all of it with the declaration; None if wrong."""
        suite = suites.get(declared.suite)
        bid = declared.bid
        if suite.recipient_of(seed) != part.recipient:
            self.findings.wrong(where, f"bid {bid}: the seed is not that of the declared recipient")
            return None
        binding = {key: declared.value[key] for key in ("log_origin", "tender", "lot", "bid",
                                                        "tenderer", "version")}
        try:
            sealed = Sealed(self.evidence.root / where)
            return examine(sealed, suite.identity(seed), {**binding, "part": part.part},
                           part.manifest_hash)
        except (BadContent, OSError) as error:
            self.findings.wrong(where, f"bid {bid}, {part.part}: {error}")
            return None

    def _shares(self, opening: Opening) -> None:
        """What an official gave is what was declared for it: the root over the share hashes."""
        tree = opening.terms.tree if opening.terms else None
        if tree is None:
            return
        paths = {leaf["holder"]: path for path, leaf in policy.holders(tree).items()}
        declared = [self.held.declarations[row["declaration"]] for row in opening.record["bids"]
                    if row["declaration"] in self.held.declarations]
        for entry in self.entries.of("opening.shares_released", opening.lot):
            facts = entry.facts
            path = paths.get(entry.record["subject"])
            parts = facts.get("parts") or [part.part for part in declared[0].parts]
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
        if count["shares"]:
            did(f"{count['shares']} 个开标人员份额与声明一致",
                f"{count['shares']} officials' shares, as declared")
        if count["sealed"]:
            did(f"{count['sealed']} 个其他部分的密文与声明一致",
                f"{count['sealed']} ciphertext(s) of other parts, of the declared hash")
        if self.panel is not None:
            for recipient in sorted(set(self.panel) - self.used):
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
