"""The commands of the tenderer's program."""

from __future__ import annotations

import argparse
import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from kernel.files import write_whole
from people import x509

from .. import consortium, declaration, ends
from ..manifest import Form
from ..wire import Problem, Wire
from . import bill, joint, keys, limits, notice, places, plain, seal, send, show, standing, trial

PROGRAM = "yangguang bid"
FOLDER = "the folder that seal made"
SAFE = "Nothing is lost; repeat the same command."
AFTER = {
    "seal": "Nothing was sealed and nothing sent; repeat the same command.",
    "replace": "Nothing was sealed and nothing sent; the version that stands still stands. Repeat "
               "the same command.",
    "trial": "A trial counts for nothing; repeat it.",
    "submit": "NOT known to be submitted: `yangguang bid status DIR` says how it stands; the same "
              "command goes on where it was cut off.",
    "bill": "Nothing was sent; repeat the same command.",
    "consortium": "Nothing was sent; repeat the same command.",
    "withdraw": "Not known to be withdrawn: `yangguang bid status DIR` says; repeating does no harm.",
}
"""How things stand when a command was cut off."""


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    made = argparse.ArgumentParser(prog="yangguang bid", description="Seal, submit and open a bid.")
    made.add_argument("--url", default="http://127.0.0.1:8080", help="address of the platform")
    made.add_argument("--token-file", type=Path, help="file with an API token "
                      "(default: the variable YANGGUANG_TOKEN)")
    made.add_argument("--log-vkey", type=Path, help="file with the record's key; without it the "
                      "key met first is kept in the profile folder")
    made.add_argument("--zh", action="store_true", help="状态用中文显示")
    commands = made.add_subparsers(required=True, metavar="COMMAND", dest="command")
    for name, text in (("new-key", "make a signing key"),
                       ("bind-key", "bind a signing key to one's company")):
        commands.add_parser(name, help=text).add_argument(
            "file", type=Path, help="the signing key's file; keep it, and keep it to yourself")
    add = commands.add_parser("notice", help="keep a lot's notice, to seal without a server")
    add.add_argument("--lot", required=True, help="the lot's id")
    add.add_argument("--out", type=Path, required=True, help="the file to write, for --notice")
    for name, text in (("seal", "seal a bid on this machine; nothing is sent"),
                       ("replace", "seal the next version of a bid that stands"),
                       ("trial", "try everything, sending included, in a way that cannot count")):
        _sealing(commands.add_parser(name, help=text), name)
    for name, text in (("submit", "declare and send; may be interrupted and repeated"),
                       ("receipts", "fetch promises and proofs"),
                       ("open", "the same as decrypt without --to"),
                       ("open-prices", "give one's own shares of the second envelope")):
        commands.add_parser(name, help=text).add_argument(
            "folder", type=Path, help=FOLDER)
    add = commands.add_parser("status", help="say in one line how a bid stands")
    add.add_argument("folder", type=Path, help=FOLDER)
    add.add_argument("--json", action="store_true", help="all the platform says, as JSON")
    add = commands.add_parser("decrypt", help="give one's own shares at the opening, or decrypt "
                              "one's own files here")
    add.add_argument("folder", type=Path, help=FOLDER)
    add.add_argument("--to", type=Path, help="write the plain files here; needs no server")
    add = commands.add_parser("plain", help="the key is lost: hand in the plain files at the "
                              "opening; the platform can then read them")
    add.add_argument("folder", type=Path, help="where the bid was sealed; holds the manifests")
    add.add_argument("files", type=Path, nargs="+",
                     help="the files that were sealed, or folders that hold them")
    add.add_argument("--prices", action="store_true", help="those of the second envelope")
    add = commands.add_parser("withdraw", help="withdraw a bid that stands")
    add.add_argument("folder", type=Path, help=FOLDER)
    _signing(add)
    add = commands.add_parser("consortium", help="sign, as a member, with whom one bids together")
    add.add_argument("file", type=Path, help="the consortium's file; one's own signature is added "
                     "to it, and it goes to the next member")
    add.add_argument("--agreement", type=Path, metavar="PDF", help="begin the file: the signed "
                     "agreement, which must be among the bid's files too")
    add.add_argument("--member", nargs=2, action="append", default=[], metavar=("USCC", "DUTY"),
                     help="and each member with its part of the work, the lead first")
    _despite(add)
    add.add_argument("--notice", type=Path, required=True, help="the lot's notice, as `notice` keeps")
    add.add_argument("--uscc", required=True, help="one's own credit code")
    add.add_argument("--key", type=Path, required=True, help="one's own signing key file")
    add = commands.add_parser("bill", help="check a priced bill against the lot's, on this machine")
    add.add_argument("what", choices=("check", "keep"), help="check it, or keep the lot's bill as a "
                     "file to check without a server")
    add.add_argument("file", type=Path, help="the priced bill (.xlsx), or the file to keep")
    add.add_argument("--lot", help="the lot's id")
    add.add_argument("--items", type=Path, help="or the file that `keep` wrote; then no server is "
                     "asked")
    add.add_argument("--price-fen", type=int, help="the form's price, to be held against the total")
    return made


def _signing(add: argparse.ArgumentParser) -> None:
    add.add_argument("--key", type=Path, required=True, help="signing key file of new-key; with "
                     "--certificate the private key of the certificate, in PEM")
    add.add_argument("--certificate", type=Path, metavar="PEM", help="sign with a certificate of "
                     "the company: its chain, its own certificate first")
    add.add_argument("--key-password-file", type=Path, metavar="FILE", help="where --key is "
                     "encrypted; else its password is asked for")


def _despite(add: argparse.ArgumentParser) -> None:
    add.add_argument("--despite-consortium", action="store_true", help="one signed here to bid with "
                     "others in this lot, and that was given up")


def _sealing(add: argparse.ArgumentParser, name: str) -> None:
    if name == "replace":
        add.add_argument("standing", type=Path, help="folder of the version that stands")
    add.add_argument("--lot", help="read the notice of this lot from the platform")
    add.add_argument("--notice", type=Path, help="or from a file; then no server is asked")
    add.add_argument("--uscc", required=True, help="unified social credit code")
    _signing(add)
    add.add_argument("--price-fen", type=int, required=True, help="the price, in fen (1/100 yuan)")
    add.add_argument("--period-days", type=int, required=True, help="days of construction")
    add.add_argument("--quality", required=True, help="promised quality, as 合格")
    add.add_argument("--leader", required=True, help="name of the project leader")
    add.add_argument("--leader-certificate", nargs=2, metavar=("NAME", "NUMBER"), help="the "
                     "project leader's certificate; shown if the bid becomes a candidate")
    add.add_argument("--qualification", help="how one answers the qualification that is asked for")
    add.add_argument("--performance", nargs="+", default=[], metavar="WORK",
                     help="works done, as the documents ask")
    add.add_argument("--consortium", type=Path, metavar="FILE", help="of a joint bid: the file that "
                     "`consortium` made and every member has signed")
    _despite(add)
    add.add_argument("--technical", type=Path, nargs="+", required=True, metavar="FILE",
                     help="files of the technical part")
    add.add_argument("--price", type=Path, nargs="+", required=True, metavar="FILE",
                     help="files of the price part")
    add.add_argument("--bill-items", type=Path, metavar="FILE", help="the lot's bill as `bill keep` "
                     "wrote it: each workbook of the price part is checked against it and the price")
    add.add_argument("--despite-bill", action="store_true", help="seal although that found something")
    add.add_argument("--despite-notice", action="store_true", help="seal although the price or the "
                     "period is beyond what the notice allows")
    add.add_argument("--out", type=Path, required=name != "trial",
                     help="folder to make: sealed parts and bid.key, the bid's own secret key")


def main(argv: list[str] | None = None) -> int:
    """Run one command of the tenderer's program; return its exit status."""
    options = parser().parse_args(argv)
    return ends.run(PROGRAM, lambda: _run(options), after=AFTER.get(options.command, SAFE))


def _run(options: argparse.Namespace) -> int | None:
    if options.command == "new-key":
        print(keys.new_key(options.file))
        return 0
    wire = ends.wire(PROGRAM, options.url, options.token_file)
    if options.command == "bind-key":
        _say(keys.bind_key(wire, keys.read_key(options.file)))
    elif options.command == "notice":
        _trusted(options, notice.read_notice(wire, options.lot)).save(options.out)
    elif options.command in ("seal", "replace", "trial"):
        _seal(options, wire)
    elif options.command == "bill":
        return _bill(options, wire)
    elif options.command == "consortium":
        _join(options)
    else:
        return _of_folder(options, wire)
    return 0


def _profile() -> Path:
    return Path(places.profile(sys.platform, os.environ, str(Path.home())))


def _join(options: argparse.Namespace) -> None:
    """Begin a consortium's file where that is asked, and add one's own signature to it."""
    terms, seed = notice.load_notice(options.notice).terms, keys.read_key(options.key)
    if (options.agreement is None) != (not options.member):
        raise ValueError("--agreement and --member begin a file together")
    said = joint.begin(options.file, options.agreement, options.member) if options.member \
        else consortium.check_members(json.loads(options.file.read_text(encoding="utf-8")))
    units = [one["uscc"] for one in said["members"]]
    if not options.despite_consortium:
        joint.refuse_double(_profile(), terms.lot, options.uscc, units)
    made = joint.sign(options.file, terms, options.uscc, seed)
    joint.note(_profile(), terms.lot, options.uscc, units)
    _say({"agreement": made["agreement"], "members": consortium.standing(
        made, terms.log_origin, terms.tender, terms.lot)})


def _joined(options: argparse.Namespace, found: notice.Notice) -> dict | None:
    """The consortium of the bid, once nothing speaks against it that can be known here."""
    said = options.consortium and joint.load(options.consortium)
    if said:
        joint.fits(said, found, options.uscc, [*options.technical, *options.price])
    if not options.despite_consortium:
        joint.refuse_double(_profile(), found.terms.lot, options.uscc,
                            [one["uscc"] for one in said["members"]] if said else ())
    return said


def _trusted(options: argparse.Namespace, found: notice.Notice) -> notice.Notice:
    """Pin the keys, check the approval; say on stderr what it rests on."""
    given = options.log_vkey.read_text(encoding="utf-8") if options.log_vkey else None
    pinned, at = notice.trust(found, _profile(), given), notice.prove(found)
    print(f"log key: {pinned}; notice: " + (f"approved {at}, proven" if at else
                                            "approval not proven by the record (yet)"),
          file=sys.stderr)
    return found


def _seal(options: argparse.Namespace, wire: Wire) -> None:
    if (options.notice is None) == (options.lot is None):
        raise ValueError("either --lot or --notice")
    found = _trusted(options, notice.load_notice(options.notice) if options.notice
                     else notice.read_notice(wire, options.lot))
    if not options.despite_notice:
        limits.within(found.lot, options.price_fen, options.period_days,
                      [*options.technical, *options.price])
    _check_bills(options, found)
    form = Form(options.price_fen, options.period_days, options.quality, options.leader,
                _joined(options, found), _credentials(options))
    whole = sum(path.stat().st_size for path in [*options.technical, *options.price])
    bar = show.Bar("sealing", whole)
    more = (found, options.uscc, _signer(options), form, options.technical, options.price)
    if options.command == "trial":
        says = trial.run(wire, *more, progress=lambda _part, size: bar.add(size))
        bar.end()
        _say(says)
        print("trial passed: it is NOT a bid and counts for nothing", file=sys.stderr)
        return
    kept = seal.seal(*more, options.out, replaces=getattr(options, "standing", None),
                     progress=lambda _part, size: bar.add(size))
    bar.end()
    _say({"bid": kept["declaration"]["bid"], "version": kept["declaration"]["version"],
          "declaration": declaration.digest(kept["declaration"]),
          "bytes": {part["part"]: part["size"] for part in kept["declaration"]["parts"]}})
    print("draft, NOT submitted: now `yangguang bid submit`", file=sys.stderr)


def _check_bills(options: argparse.Namespace, found: notice.Notice) -> None:
    """Say what is wrong with the priced bills, and stop there unless the person wants it so."""
    if options.bill_items is None:
        return
    wrong = bill.before_sealing(bill.load_items(options.bill_items), found.terms.lot, options.price,
                                options.price_fen)
    for one in wrong:
        print(one, file=sys.stderr)
    if wrong and not options.despite_bill:
        raise ValueError(f"the priced bill has {len(wrong)} findings, above; mend it, or repeat with "
                         f"--despite-bill. 清单有 {len(wrong)} 处问题，见上；请改正，或加 --despite-bill")


def _credentials(options: argparse.Namespace) -> dict | None:
    """What the form states besides, for the candidates' notice; None where nothing is."""
    if not (options.leader_certificate or options.qualification or options.performance):
        return None
    named = options.leader_certificate
    return {"certificate": named and dict(zip(("name", "number"), named, strict=True)),
            "qualification": options.qualification or None, "performance": options.performance}


def _bill(options: argparse.Namespace, wire: Wire) -> int:
    if (options.lot is None) == (options.items is None):
        raise ValueError("either --lot or --items")
    kept = bill.load_items(options.items) if options.items else bill.read_items(wire, options.lot)
    if options.what == "keep":
        write_whole(options.file, json.dumps(kept, ensure_ascii=False) + "\n")
        return ends.DONE
    found = bill.check(kept, options.file, options.price_fen)
    _say(found)
    return ends.DONE if found["clean"] else ends.ALARM


def _signer(options: argparse.Namespace) -> bytes | x509.CertifiedKey:
    return keys.signer(options.key, options.certificate, options.key_password_file)


def _of_folder(options: argparse.Namespace, wire: Wire) -> int:
    folder = options.folder
    if options.command == "decrypt" and options.to is not None:
        _say(seal.unseal(folder, options.to))
        return 0
    if options.command == "plain":
        print("the platform can read these files from now on, before the others are opened",
              file=sys.stderr)
        _say(plain.hand_in(wire, folder, options.files, prices=options.prices))
        return 0
    declared = seal.load(folder)["declaration"]
    if options.command == "submit":
        found = _trusted(options, notice.read_notice(wire, declared["lot"]))
        _say(send.submit(wire, folder, found.platform, _bars(declared)))
    elif options.command == "status":
        return _status(options, wire, declared)
    elif options.command == "receipts":
        _say(send.receipts(wire, declared["bid"]))
    elif options.command == "withdraw":
        _say(send.withdraw(wire, folder, _signer(options)))
    else:
        _say(send.open_bid(wire, folder, options.command == "open-prices"))
    return 0


def now() -> datetime:
    """This machine's time: by it, not by the platform's word, a promise is overdue."""
    return datetime.now(UTC)


def _status(options: argparse.Namespace, wire: Wire, declared: dict) -> int:
    told = {}
    for name, ask in (("bid", send.status), ("receipts", send.receipts)):
        try:
            told[name] = ask(wire, declared["bid"])
        except Problem as problem:
            told[name] = None
            told["problem"] = problem.code
    if options.json:
        _say(told)
        return 0
    kept = seal.load_notice_of(options.folder)
    versions = (told["bid"] or {}).get("versions", ())
    digest = declaration.digest(declared)
    receipt = options.folder / send.RECEIPT_FILE
    stands = standing.standing(
        digest, now(), kept.platform, kept.log,
        version=next((one for one in versions if one["declaration_hash"] == digest), None),
        receipts=told["receipts"],
        receipt=receipt.read_text(encoding="utf-8") if receipt.exists() else "")
    print(stands.line("zh" if options.zh else "en"))
    return ends.ALARM if stands.alarm else ends.DONE


def _bars(declared: dict) -> send.Progress:
    bars = {part["part"]: show.Bar(part["part"], part["size"]) for part in declared["parts"]}

    def progress(part: str, done: int, whole: int) -> None:
        bars[part].at(done)
        if done == whole:
            bars[part].end()

    return progress


def _say(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


