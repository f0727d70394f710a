"""The command `yangguang`: an operator's, a tenderer's and an official's programs.

The programs of tenderer, official and guarantor run elsewhere and load neither Flask nor the
database; so each command imports what it needs and nothing more.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import logging
import sys
from pathlib import Path

ELSEWHERE = {
    "bid": ("bidding.client.commands", "seal, submit and open a bid (tenderer's program)"),
    "notice": ("portal.notice", "sign what one submits or approves; check who signed"),
    "receipt": ("bidding.receipt.files", "verify receipts offline"),
    "holder": ("bidding.holder", "make a key and give a share (official's program)"),
    "clock-holder": ("bidding.clock_holder", "give a share in time (supervisor's service)"),
    "guarantor": ("guarantees.simulator", "run a guarantor with its own ledger"),
    "record": ("audit.__main__", "verify a copy of the record"),
    "draw": ("evaluation.__main__", "verify a draw that was held"),
    "verify": ("portal.verify.command", "check an evidence folder, without us"),
    "watch": ("portal.watch", "follow a platform's feed (runs elsewhere)"),
    "witness": ("audit.witness", "cosign a log's checkpoints (runs elsewhere)"),
}


SELDOM = (50_000, 20, 20)
"""The garbage collector's thresholds: loading a program makes many objects and leaves them all."""


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit status."""
    if argv is None:  # a process of our own
        gc.set_threshold(*SELDOM)
        argv = sys.argv[1:]
    if argv and argv[0] in ELSEWHERE:
        module = importlib.import_module(ELSEWHERE[argv[0]][0])
        return module.main(argv[1:]) or 0
    from .config import NotReady

    options = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO if getattr(options, "verbose", False)
                        else logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    try:
        return options.run(options) or 0
    except NotReady as error:
        print(f"yangguang: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="yangguang", description="Open e-tendering platform.")
    parser.add_argument("-v", "--verbose", action="store_true")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add = commands.add_parser("serve", help="start the web server and the tick loop")
    add.set_defaults(run=_serve)
    add = commands.add_parser("tick", help="do what is due, once or in a loop")
    add.add_argument("--loop", action="store_true")
    add.set_defaults(run=_tick)
    add = commands.add_parser("migrate", help="bring the database to the present schema")
    add.add_argument("--create", choices=("production", "demo"), metavar="KIND",
                     help="create the installation: production or demo")
    add.set_defaults(run=_migrate)
    add = commands.add_parser("demo", help="play one tender from draft to released guarantee")
    add.add_argument("--exit", action="store_true", help="stop after the story")
    add.add_argument("--folder", default="var/demo")
    add.add_argument("--megabytes", type=int, default=50,
                     help="incompressible megabytes in each company's bid")
    add.set_defaults(run=_demo)
    _admin(commands.add_parser("admin", help="what only the operator's command line may do"))
    for name, (_, text) in ELSEWHERE.items():
        commands.add_parser(name, help=text, add_help=False)
    return parser


def _admin(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    add = commands.add_parser("first", help="create a first administrator (before any exists)")
    add.add_argument("--role", required=True, choices=("sys_admin", "sec_admin", "audit_admin"))
    add.add_argument("--login", required=True)
    add.add_argument("--name", required=True)
    add.add_argument("--id-number", required=True)
    add.add_argument("--unit", required=True, help="name of the unit the person works for")
    add.add_argument("--uscc", required=True, help="its unified social credit code")
    add.set_defaults(run=_first)
    add = commands.add_parser("guarantor", help="register a guarantor's interface; its bearer "
                              "is read from standard input")
    add.add_argument("--unit", required=True)
    add.add_argument("--uscc", required=True)
    add.add_argument("--address", required=True, help="base address of its interface")
    add.add_argument("--public-key", required=True, help="Ed25519, 32 bytes in base64")
    add.set_defaults(run=_guarantor)
    add = commands.add_parser("forward", help="move a demonstration's time forward")
    add.add_argument("--to", help="RFC 3339 time with an offset")
    add.add_argument("--seconds", type=float)
    add.set_defaults(run=_forward)
    add = commands.add_parser("fsck", help="hold the database against the record")
    add.set_defaults(run=_fsck)
    add = commands.add_parser("evidence", help="write what a stranger needs to check a tender")
    add.add_argument("--tender", required=True)
    add.add_argument("--folder", required=True)
    add.add_argument("--sealed", action="store_true",
                     help="with the ciphertexts of the technical and price parts")
    add.add_argument("--panel", metavar="DIR", help="write the keys of all opened parts and the "
                     "evaluation reports there: for supervisor and panel only")
    add.set_defaults(run=_evidence)
    add = commands.add_parser("webhooks", help="list the webhooks, or let one be called")
    add.add_argument("--approve", metavar="ID")
    add.set_defaults(run=_webhooks)
    add = commands.add_parser("reindex", help="make the search index anew")
    add.set_defaults(run=_reindex)
    add = commands.add_parser("gc", help="remove files that nothing refers to")
    add.set_defaults(run=_gc)
    add = commands.add_parser("record-copy", help="write a copy of the record that can be verified")
    add.add_argument("folder")
    add.add_argument("--whole", action="store_true",
                     help="with all that supervisor and auditor may read, not only everybody")
    add.set_defaults(run=_record_copy)


def _settings():
    from .config import BadSetting, Settings

    try:
        return Settings.from_environment()
    except BadSetting as error:
        raise SystemExit(str(error)) from error


def _serve(options) -> int:
    from .serve import serve

    return serve(_settings())


def _tick(options) -> int:
    from .serve import tick_loop, tick_once

    return (tick_loop if options.loop else tick_once)(_settings())


def _migrate(options) -> None:
    from .migrate import migrate

    migrate(_settings(), options.create)


def _demo(options) -> int:
    from .demo.run import run

    return run(options)


def _first(options) -> None:
    from .admin import first

    first(_settings(), options)


def _guarantor(options) -> None:
    from .admin import guarantor

    guarantor(_settings(), options)


def _forward(options) -> None:
    from .admin import forward

    forward(_settings(), options.to, options.seconds)


def _record_copy(options) -> None:
    from .admin import copy_record

    copy_record(_settings(), Path(options.folder), options.whole)


def _fsck(options) -> int:
    from .admin import fsck

    return fsck(_settings())


def _evidence(options) -> None:
    from .admin import evidence

    evidence(_settings(), options)


def _gc(options) -> None:
    from .admin import collect

    collect(_settings())


def _webhooks(options) -> None:
    from .admin import webhooks

    webhooks(_settings(), options.approve)


def _reindex(options) -> None:
    from .admin import reindex

    reindex(_settings())


if __name__ == "__main__":
    sys.exit(main())
