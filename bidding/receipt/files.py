"""`yangguang receipt verify FILE…`: receipts as they lie in files, with the keys beside them."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass, field
from pathlib import Path

from audit import cosignature, note, tlogproof
from audit.bundles import UNFORESEEN
from audit.note import BadNote
from kernel.canonical import NotCanonical, b64, jcs, parse, parse_canonical

from .. import receipt
from .shape import BadReceipt, CannotCheck, Finding, Keys

LARGEST = 8 << 20


@dataclass
class Files:
    """What the files given are: name → content."""

    promises: dict[str, str] = field(default_factory=dict)
    proofs: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    receipts: dict[str, dict] = field(default_factory=dict)
    declarations: dict[str, str] = field(default_factory=dict)
    places: dict[str, object] = field(default_factory=dict)
    """A refusal's path to its digest, by the stem that it shares with the promise."""


def read_files(paths: list[Path]) -> Files:
    """Sort the files by what they are. Raises BadReceipt, CannotCheck."""
    found = Files()
    for path in paths:
        data = _read(path)
        if path.suffix == ".leaf":
            continue
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BadReceipt(f"{path.name}: not UTF-8") from error
        if path.suffix == ".tlog-proof" or text.startswith(tlogproof.HEADER):
            found.proofs[path.name] = (text, _read(path.with_suffix(".leaf")))
        elif path.name.endswith(".place.json"):
            found.places[path.name.removesuffix(".place.json")] = _path(path.name, text)
        elif path.name.endswith(".paths.json"):
            raise CannotCheck(f"{path.name}: paths to the roots of a lot; `yangguang verify` follows "
                              "them in an evidence folder")
        elif "\n\n\u2014 " in text:
            found.promises[path.name] = text
        else:
            _object(path.name, data, found)
    return found


def _path(name: str, text: str) -> object:
    try:
        return parse(text)
    except NotCanonical as error:
        raise BadReceipt(f"{name}: not a path: {error}") from error


def _object(name: str, data: bytes, found: Files) -> None:
    if downloaded := _downloaded(data):
        for number, one in enumerate(downloaded, 1):
            label = f"{name} ({number})"
            found.receipts[label] = _named(label, receipt.read, jcs(one))
        return
    try:
        value = parse_canonical(data.removesuffix(b"\n"))
    except NotCanonical as error:
        raise BadReceipt(f"{name}: neither a promise nor a proof nor canonical JSON: {error}") \
            from error
    kind = value.get("type") if isinstance(value, dict) else None
    if kind in ("bid", "bid-withdrawal"):
        found.declarations[name] = data.decode()
    else:
        found.receipts[name] = _named(name, receipt.read, data)


def _downloaded(data: bytes) -> list:
    """The receipts of the file that the page of a bid gives out, which holds all of them."""
    try:
        value = parse(data.decode())
    except (NotCanonical, UnicodeDecodeError):
        return []
    told = value.get("receipts") if isinstance(value, dict) and "type" not in value else None
    return told if isinstance(told, list) else []


def _read(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise CannotCheck(f"{path} cannot be read ({error.strerror})") from error
    if len(data) > LARGEST:
        raise BadReceipt(f"{path.name}: larger than any receipt")
    return data


def _named(name: str, call, *args):
    try:
        return call(*args)
    except BadReceipt as error:
        raise BadReceipt(f"{name}: {error}") from error


def check_files(found: Files, keys: Keys) -> dict[str, Finding]:
    """Check every file, and each against those it belongs to. Raises BadReceipt, CannotCheck."""
    findings, paired, named = {}, set(), set()
    for name, one in found.receipts.items():
        findings[name] = _with_declaration(name, one, keys, found.declarations, named)
    proven = {name: _named(name, receipt.check_proof, *pair, keys)
              for name, pair in found.proofs.items()}
    for name, text in found.promises.items():
        says = _named(name, receipt.check_promise, text, keys)
        place = found.places.get(name.removesuffix(".txt"))
        mate = next((other for other, shown in proven.items()
                     if _fits(says, text, shown.record, place)), None)
        paired.add(mate)
        pair = found.proofs[mate] if mate else (None, None)
        one = receipt.make(text, pair[0], pair[1] and b64(pair[1]),
                           place=place if mate else None)
        findings[name] = _with_declaration(name, one, keys, found.declarations, named)
    for name, pair in found.proofs.items():
        if name not in paired:
            if found.promises:
                raise BadReceipt(f"{name}: proves something else than the promises given")
            findings[name] = Finding()
            receipt.check_proof(*pair, keys, findings[name])
    lone = set(found.declarations) - named
    if lone:
        raise BadReceipt(f"{min(lone)}: no receipt given is about this declaration")
    return findings


def _fits(says: dict, text: str, record: dict, place: object) -> bool:
    try:
        receipt.keeps(says, text, record, place)
    except BadReceipt:
        return False
    return True


def _with_declaration(name: str, one: dict, keys: Keys, declarations: dict[str, str],
                      named: set[str]) -> Finding:
    found = _named(name, receipt.check, one, keys)
    for other, text in declarations.items():
        try:
            receipt.check_declaration(text, found.says)
        except BadReceipt:
            continue
        named.add(other)
        found.declared = True
    return found


def keys_for(options: argparse.Namespace) -> Keys:
    """The keys given, else those beside the files or one folder up. Raises CannotCheck."""
    folders = []
    for path in options.files:
        folders += [one for one in (path.parent, path.parent.parent) if one not in folders]

    def beside(pattern: str) -> list[Path]:
        return next((hits for one in folders if (hits := sorted(one.glob(pattern)))), [])

    log = [options.vkey] if options.vkey else beside("log.vkey")
    platform = [options.platform_vkey] if options.platform_vkey else beside("platform.vkey")
    witnesses = options.witness_vkey or beside("witness*.vkey")
    tsa = [options.tsa] if options.tsa else beside("tsa.pem")
    try:
        return Keys(*(note.read_vkey(_read(found[0])) if found else None
                      for found in (log, platform)),
                    tuple(cosignature.read_vkey(_read(path)) for path in witnesses),
                    _read(tsa[0]) if tsa else None)
    except BadNote as error:
        raise CannotCheck(f"a key cannot be read: {error}") from error


def main(argv: list[str] | None = None) -> int:
    """Run the command; return 0, 1 or 2."""
    parser = argparse.ArgumentParser(prog="yangguang receipt", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add = commands.add_parser("verify", help="check receipts offline")
    add.add_argument("files", nargs="+", type=Path, metavar="FILE",
                     help="receipt, promise, .tlog-proof (its .leaf beside it) or declaration")
    add.add_argument("--vkey", type=Path, help="the log's key")
    add.add_argument("--platform-vkey", type=Path, help="the key of the platform's promises")
    add.add_argument("--witness-vkey", type=Path, action="append", help="a witness's key")
    add.add_argument("--tsa", type=Path, help="certificates of the time-stamping authority, PEM")
    options = parser.parse_args(argv)
    try:
        findings = check_files(read_files(options.files), keys_for(options))
    except BadReceipt as error:
        print(f"错误 wrong: {error}", file=sys.stderr)
        return 1
    except CannotCheck as error:
        print(f"无法核验 cannot check: {error}", file=sys.stderr)
        return 2
    except UNFORESEEN as error:
        # Whoever made the files may have written anything; it is no fault of this program.
        print(f"错误 wrong: not a receipt ({type(error).__name__}: {str(error)[:200]})",
              file=sys.stderr)
        return 1
    for name, found in findings.items():
        _say(name, found)
    return 0


def _say(name: str, found: Finding) -> None:
    if found.says is None:
        print(f"{name}: 证明成立 · the proof holds ({found.record.get('type')})")
    else:
        print(f"{name}: {found.state.zh} · {found.state.en}")
    for zh, en in receipt.words(found):
        print(f"  {zh}\n  {en}")
    until = found.says and found.record is None and found.says.get("include_by")
    if until:
        print(f"  未附证明：平台承诺不晚于 {until} 载入记录，逾期即可投诉。\n"
              f"  No proof is given: the platform promised one by {until}; after that, complain.")
