"""The operator as forger: whoever holds the log's key, the platform's key and the database.

`Forger` reads an honest evidence folder, lets a forgery change entries of the record and files, and
writes all of it again as if it had always been so: each hash that one thing has of another, each
leaf, tile, checkpoint, proof and signature of the platform follows. What stays as it was is what
the operator cannot make: the tenderers' signatures, the sealed bids, and what others have kept.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from audit import checkpoint, disclosed, leaf, proofs, tiles, tlogproof
from audit.bundles import read as read_file
from audit.checkpoint import Head
from audit.note import Signer
from audit.note import parse as parse_note
from audit.tiles import ENTRIES, WIDTH, tile_path
from evaluation import draw, rules
from evaluation.report import SignedSheet
from kernel.canonical import b64, jcs, parse_canonical, sha256, unb64, unhex
from portal.verify.folder import INDEX, pretty
from tender import notices
from tests.portal.courses import sign_again

COVER = {"type": "cover"}


class Forger:
    """An evidence folder in the operator's hands. `files` are its JSON files, by name."""

    def __init__(self, public: Path, panel: Path, keys: Path, to: Path):
        self.public = Path(shutil.copytree(public, to / "public"))
        self.panel = to / "panel"
        if panel.is_dir():
            shutil.copytree(panel, self.panel)
        self.log, self.platform = (Signer.parse((keys / f"{name}.skey").read_text().strip())
                                   for name in ("log", "platform"))
        self.honest = (public / "record/checkpoint").read_bytes()
        self.cosigners: list = []
        self.lie: Callable[[dict], dict] = dict
        """Makes what the document of a draw says of what it gives."""
        self.then: list[Callable[[Forger], object]] = []
        """What a forgery still has to do once the draws are held again."""
        self.files = {path.relative_to(self.public).as_posix(): json.loads(path.read_text())
                      for path in self.public.rglob("*.json") if path.parent.name != "ocds"}
        self.reports = {path.name: json.loads(path.read_text())
                        for path in self.panel.glob("*.json")}
        self._as_it_was = {name: jcs(value) for name, value in (self.files | self.reports).items()}
        self._read()

    def _read(self) -> None:
        head = checkpoint.read(self.honest, self.log.verifier)
        self.leaves: list[bytes] = []
        for index in range(-(-head.size // WIDTH)):
            wide = min(WIDTH, head.size - index * WIDTH)
            self.leaves += tiles.unpack(read_file(self.public / "record",
                                                  tile_path(ENTRIES, index, wide)))
        self.records: dict[int, dict] = {}
        self.salts: dict[int, bytes] = {}
        for path in (self.public / "record").rglob("*.jsonl"):
            for line in path.read_text().splitlines():
                one = json.loads(line)
                self.records[one["i"]], self.salts[one["i"]] = one["r"], unb64(one["s"])

    # --- what a forgery uses -------------------------------------------------------------------
    def all(self, kind: str, lot: str | None = None) -> list[dict]:
        """The entries of a type, by place; each may be changed."""
        return [one for _, one in sorted(self.records.items()) if one.get("type") == kind
                and (lot is None or one["lot"] == lot)]

    def one(self, kind: str, lot: str | None = None) -> dict:
        """The only entry of a type."""
        (found,) = self.all(kind, lot)
        return found

    def never_was(self, record: dict) -> None:
        """Put cover in an entry's place."""
        record.clear()
        record.update(COVER)

    def unsaid(self, record: dict) -> None:
        """Disclose an entry no more; its leaf stays."""
        (place,) = [at for at, one in self.records.items() if one is record]
        del self.records[place], self.salts[place]

    def more(self, record: dict) -> None:
        """Put an entry behind all others, of the last tick."""
        place = len(self.leaves)
        self.records[place], self.salts[place] = record, bytes(32)
        self.leaves.append(self.leaves[-1])

    def file(self, beginning: str) -> dict:
        """The JSON file whose name begins so."""
        (name,) = [one for one in self.files if one.startswith(beginning)]
        return self.files[name]

    def row(self, notice: str, name: str, value: object) -> None:
        """Another value in the rows of a published notice, and how it reads."""
        for part in self.file(f"published/{notice}")["sections"]:
            for row in part["rows"]:
                if row["name"] == name:
                    row["value"], row["text"] = value, notices.read(row["kind"], value)

    # --- everything made again -----------------------------------------------------------------
    def write(self) -> Path:
        """Write the folder again, consistently; return it."""
        self._approved()
        self._openings()
        self._reports()
        self._notices()
        self._leaves()
        for name in sorted(one for one in self.files if one.startswith("draws/")):
            self._draw(name)
        for act in self.then:
            act(self)
        self._reports()
        self._open_data()
        for name, page in self.files.items():
            if name.startswith("results/") and page["award"]:
                self._again(page["award_hash"], rules.digest(page["award"]))
                page["award_hash"] = rules.digest(page["award"])
        self._notices()
        self._leaves()
        self._put()
        return self.public

    def _again(self, old: str, new: str) -> None:
        """Every hash in entries and published notices becomes another."""
        if old == new:
            return
        for record in self.records.values():
            if old in (text := jcs(record).decode()):
                changed = json.loads(text.replace(old, new))
                record.clear()
                record.update(changed)
        for name, value in self.files.items():
            if name.startswith(("published/", "draws/")) and old in (text := jcs(value).decode()):
                self.files[name] = json.loads(text.replace(old, new))

    def _changed(self, folder: str) -> list[tuple[str, str, str]]:
        """(name, hash before, hash now) of the canonical files of a folder that changed."""
        found = []
        for name in [one for one in self.files if one.startswith(f"{folder}/")]:
            before, now = self._as_it_was[name], jcs(self.files[name])
            if before != now:
                found.append((name, sha256(before).hex(), sha256(now).hex()))
                self._as_it_was[name] = now
        return found

    def _approved(self) -> None:
        for folder in ("profiles", "notices"):
            for _, before, now in self._changed(folder):
                self._again(before, now)

    def _reports(self) -> None:
        for name, value in self.reports.items():
            if name.endswith("-report.json"):
                self._again(jcs_hash(self._as_it_was[name]), rules.digest(value))
                self._as_it_was[name] = jcs(value)

    def _open_data(self) -> None:
        """The open data says what the results say, where they changed."""
        for name, page in self.files.items():
            if not name.startswith("results/") or not page["award"] \
                    or jcs(json.loads(self._as_it_was[name])["award"]) == jcs(page["award"]):
                continue
            path, winner = self.public / "ocds/release-package.json", page["award"]["winner"]
            package = json.loads(path.read_text())
            for release in package["releases"]:
                for one in release.get("awards", ()):
                    one["value"]["amount"] = winner["price_fen"] / 100
                    one["suppliers"] = [{"id": f"CN-USCC-{winner['uscc']}", "name": winner["name"]}]
                for one in release.get("contracts", ()):
                    one["value"]["amount"] = page["contract"]["amount_fen"] / 100
            path.write_text(json.dumps(package))

    def _openings(self) -> None:
        for name, page in self.files.items():
            if name.startswith("openings/"):
                digest = sha256(jcs(page["record"])).hex()
                self._again(page["record_hash"], digest)
                page["record_hash"] = digest

    def _notices(self) -> None:
        """What was published: its hash in the record, the platform's signature."""
        origin = self.log.name
        for name, before, now in self._changed("published"):
            self._again(before, now)
            said = notices.statement(origin, self.files[name], now)
            (self.public / name).with_suffix(".note").write_text(notices.sign(said, self.platform))

    def _leaves(self) -> None:
        for place, record in self.records.items():
            tick = self.leaves[place][50:]
            committed = leaf.commitment(self.salts[place], jcs(record))
            self.leaves[place] = b'{"c":"' + b64(committed).encode() + tick

    def _tree(self, size: int) -> proofs.Node:
        return proofs.of_leaves([tiles.leaf_hash(one) for one in self.leaves[:size]])

    def _checkpoint(self, size: int) -> str:
        root = tiles.tree_hash([tiles.leaf_hash(one) for one in self.leaves[:size]])
        return checkpoint.sign(Head(self.log.name, size, root), self.log)

    def _seed(self, size: int) -> str:
        """The checkpoint of a draw, with the lines of whoever the operator calls witnesses."""
        note = self._checkpoint(size)
        head = note.encode().partition(b"\n\n")[0].decode() + "\n"
        return note + "".join(one.cosign(head, 1_800_000_000) for one in self.cosigners)

    def _draw(self, name: str) -> None:
        """Hold a draw again over the announcement and the tree as they are now."""
        old = self.files[name]
        size = checkpoint.head_of(parse_note(old["checkpoint"])).size
        announcement = old["announcement"]
        was = jcs_hash(jcs(json.loads(self._as_it_was[name])["announcement"]))
        self._again(was, rules.digest(announcement))
        self._leaves()
        parts = [draw.Contribution(one["contributor"], one["commitment"],
                                   one["nonce"] and unb64(one["nonce"]))
                 for one in old["contributions"]]
        made = draw.document(old["draw"], announcement, parts, self._seed(size))
        if jcs(made) == self._as_it_was[name]:
            return
        self.files[name] = self.lie(made)
        for record in self.records.values():
            facts = record.get("facts", {})
            if record.get("subject") != old["draw"] or "draw_hash" not in facts:
                continue
            facts["seed"] = made["seed"]
            if "panel" in facts:
                facts |= {"coefficient": made["coefficient"], "panel": made["panel"]}
            if "order" in facts:
                facts["order"] = self._bids(old["draw"], facts["salt"], made["order"])
        self._again(jcs_hash(self._as_it_was[name]), rules.digest(self.files[name]))

    def _bids(self, lottery: str, salt: str, order: list[str]) -> list[str]:
        """The bids that the tickets of a lottery stand for, in their order."""
        (report,) = self.reports.values() if len(self.reports) == 1 else (
            one for name, one in self.reports.items() if name.endswith("-report.json"))
        tickets = {draw.ticket(lottery, unhex(salt, 32), one["bid"]): one["bid"]
                   for one in report["bids"]}
        return [tickets[one] for one in order if one in tickets][:report["most"]]

    # --- files ---------------------------------------------------------------------------------
    def _put(self) -> None:
        record = self.public / "record"
        keys = {path.name: path.read_bytes() for path in record.glob("*.vkey")}
        shutil.rmtree(record)
        size = len(self.leaves)
        edge = tiles.Frontier()
        full = edge.extend(tiles.leaf_hash(one) for one in self.leaves)
        made = {tile_path(level, index, len(data) // tiles.HASH): data
                for level, index, data in [*full, *edge.partials()]}
        for index in range(-(-size // WIDTH)):
            some = self.leaves[index * WIDTH:(index + 1) * WIDTH]
            made[tile_path(ENTRIES, index, len(some))] = tiles.pack(some)
            lines = [disclosed.line(at, jcs(self.records[at]), self.salts[at])
                     for at in sorted(self.records) if at // WIDTH == index]
            if lines:
                made[disclosed.path(index)] = b"".join(lines)
        note = self._checkpoint(size)
        for name, data in (made | keys | {"checkpoint": note.encode()}).items():
            (record / name).parent.mkdir(parents=True, exist_ok=True)
            (record / name).write_bytes(data)
        for name, value in self.files.items():
            canonical = name.startswith(("notices/", "published/", "policies/", "profiles/",
                                         "invitations/")) or name.endswith(".declaration.json")
            (self.public / name).write_bytes(
                jcs(value) if canonical else pretty(value).encode())
        for name, value in self.reports.items():
            (self.panel / name).write_text(pretty(value))
        self._proofs(note)
        self._index()

    def _proofs(self, note: str) -> None:
        """Promises stay as they are; the proofs lead to the tree as it is now."""
        node = self._tree(len(self.leaves))
        for path in (self.public / "receipts").glob("*.tlog-proof"):
            place = tlogproof.parse(path.read_text()).index
            if place not in self.records or self.records[place] == COVER:
                for ending in (".tlog-proof", ".leaf"):
                    path.with_suffix(ending).unlink()
                continue
            made = tlogproof.TlogProof(
                place, tuple(proofs.inclusion(place, len(self.leaves), node)), note,
                self.salts[place] + jcs(self.records[place]))
            path.write_text(made.text())
            path.with_suffix(".leaf").write_bytes(self.leaves[place])

    def _index(self) -> None:
        text = (self.public / INDEX).read_text().partition("\n\n")[0]
        value = parse_canonical(text.strip().encode())
        head = checkpoint.read((self.public / "record/checkpoint").read_bytes(), self.log.verifier)
        value["record"] = {"size": head.size, "root": b64(head.root),
                           "disclosed": len(self.records)}
        (self.public / INDEX).write_text(self.platform.sign(jcs(value).decode() + "\n"))
        sign_again(self.platform, self.public)


def jcs_hash(data: bytes) -> str:
    """SHA-256 of canonical bytes, in hex."""
    return sha256(data).hex()


def sheets_of(report: dict) -> list[SignedSheet]:
    """The sheets as a report by scores shows them."""
    opinions = {one["seat"]: {"lacking": one["lacking"], "argument": one["argument"]}
                for one in report["competition"]["opinions"]}
    return [SignedSheet(one["seat"], {"scores": one["scores"],
                                      "competition": opinions.get(one["seat"])},
                        one["sheet_hash"]) for one in report["sheets"]]
