"""The parts of opened bids, opened again: from the seed that was published, from the panel's key,
or from what its tenderer handed in plain."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from bidding import age, suites
from bidding.content import BadContent, examine, examine_archive
from bidding.declaration import Declaration, Part
from bidding.manifest import FORM_FILE, BadManifest, read_form
from kernel.canonical import unb64

from .archives import Plain, Sealed
from .entries import Entries
from .findings import Findings
from .folder import Evidence
from .notices import LotTerms
from .receipts import Held

ACTS = {1: ("lot.opened", "opening.authorised", "opening.shares_released"),
        2: ("lot.prices_opened", "opening.prices_authorised", "opening.price_shares_released")}
"""What the record holds of a stage: its opening, its authorisation, officials' shares."""


SHOWN_BESIDES = {"recipient", "seed", "ciphertext_hash"}
"""What an opening record shows beside the form itself: how anybody opens it again."""


@dataclass
class Opening:
    """One lot's opening: where it is written, its record, what the notice fixed of the lot."""

    name: str
    lot: str
    record: dict
    terms: LotTerms | None

    @property
    def stage(self) -> int:
        """1, or 2 of a lot of two envelopes."""
        return self.record["stage"]


class Panel:
    """What supervisor and panel have beside the public folder."""

    def __init__(self) -> None:
        self.seeds: dict[str, bytes] = {}
        """By recipient."""
        self.reports: dict[str, dict] = {}
        self.sheets: dict[str, dict] = {}
        """The experts' sheets whole, by file name."""
        self.archives: dict[str, Path] = {}
        """Parts that their tenderers handed in plain, by file name."""


class Parts:
    """Checks of single parts, and what was counted on the way."""

    def __init__(self, evidence: Evidence, entries: Entries, held: Held, panel: Panel | None):
        self.evidence, self.entries, self.held, self.panel = evidence, entries, held, panel
        self.findings: Findings = evidence.findings
        self.count = dict.fromkeys(("forms", "paths", "sealed", "panel", "shares", "signed",
                                    "plain"), 0)
        self.absent = 0
        self.files: dict[str, str] = {}
        """The ciphertexts here, by their block hash."""
        self.claimed: set[str] = set()
        self.used: set[str] = set()

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
        if part.part in row["plain"]:
            self._plain(opening, row, declared, part, where)
        elif part.part == "form":
            self._form(opening, row, declared, part, where)
        else:
            self.count["sealed"] += 1
            seed = self.panel and self.panel.seeds.get(part.recipient)
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
        self._names_part(opening, row, part)
        seed = unb64(says["seed"], 32)
        key = where.removesuffix(".age") + ".key"
        text = suites.get(declared.suite).identity_text(seed)
        if key in self.evidence.names:
            self.claimed.add(key)
            self.findings.require(self.evidence.text(key) == text + "\n", key,
                                  f"is not the seed that the opening record shows for bid {bid}")
        opened = self._open(where, declared, part, seed)
        if opened is not None:
            self._compare_form(name, row, where, *opened)

    def _names_part(self, opening: Opening, row: dict, part: Part) -> None:
        """The form that is shown is that of the declared part."""
        says, require = row["form"], self.findings.require
        require(says["recipient"] == part.recipient, opening.name,
                f"bid {row['bid']}: another recipient")
        require(says["ciphertext_hash"] == part.ciphertext_hash, opening.name,
                f"bid {row['bid']}: another ciphertext")

    def _compare_form(self, name: str, row: dict, where: str, files: list[dict], inside) -> None:
        says, bid = row["form"], row["bid"]
        try:
            if [one["name"] for one in files] != [FORM_FILE]:
                raise BadManifest("form", "holds something else than form.json")
            form = read_form(inside.read(files[0]["offset"], files[0]["size"]))
        except (BadManifest, age.Damaged) as error:
            self.findings.wrong(where, f"bid {bid}: {error}")
            return
        shown = {key: value for key, value in says.items() if key not in SHOWN_BESIDES}
        made = json.loads(form.to_json())
        if self.findings.require(shown == made, name,
                                 f"bid {bid}: shows {shown}, its sealed form says {made}"):
            self.count["forms"] += 1

    def _plain(self, opening: Opening, row: dict, declared: Declaration, part: Part,
               where: str) -> None:
        """A part handed in plain: the record tells of it, and it is what was declared."""
        given = [one for one in self.entries.of("opening.plain_file_given", opening.lot,
                                                declared.bid)
                 if one.facts == {"part": part.part, "manifest_hash": part.manifest_hash}]
        self.findings.require(len(given) == 1, opening.name,
                              f"bid {declared.bid}: the record knows of no plain {part.part}")
        name = where.removesuffix(".age") + ".tar"
        if part.part != "form":
            self.count["sealed"] += 1
            if self.panel is None:
                return
            path = self.panel.archives.get(name.removeprefix("bids/"))
        else:
            self._names_part(opening, row, part)
            self.findings.require(row["form"]["seed"] is None, opening.name,
                                  f"bid {declared.bid}: shows a seed for a plain form")
            path = self.evidence.root / name if name in self.evidence.names else None
            self.claimed.add(name)
        if path is None:
            self.findings.wrong(name, f"bid {declared.bid}: the plain {part.part} is not here")
            return
        archive = Plain(path)
        try:
            files = examine_archive(archive, self._binding(declared, part), part.manifest_hash)
        except (BadContent, OSError) as error:
            self.findings.wrong(name, f"bid {declared.bid}, {part.part}: {error}")
            return
        self.count["plain"] += 1
        if part.part == "form":
            self._compare_form(opening.name, row, name, files, archive)

    @staticmethod
    def _binding(declared: Declaration, part: Part) -> dict:
        """What the manifest of a part must repeat."""
        return {key: declared.value[key] for key in ("log_origin", "tender", "lot", "bid",
                                                     "tenderer", "version")} | {"part": part.part}

    def _open(self, where: str, declared: Declaration, part: Part, seed: bytes):
        """(files, opened part), after comparing all of it with the declaration; None if wrong."""
        suite = suites.get(declared.suite)
        bid = declared.bid
        if suite.recipient_of(seed) != part.recipient:
            self.findings.wrong(where, f"bid {bid}: the seed is not that of the declared recipient")
            return None
        try:
            sealed = Sealed(self.evidence.root / where)
            return examine(sealed, suite.identity(seed), self._binding(declared, part),
                           part.manifest_hash)
        except (BadContent, OSError) as error:
            self.findings.wrong(where, f"bid {bid}, {part.part}: {error}")
            return None
