"""The operator's commands behind `yangguang admin`."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from audit.act import wiring
from audit.actor import OPERATOR
from audit.folder import Folder
from audit.keys import verifier
from guarantees import acts as guarantee_acts
from guarantees import gateway
from kernel.canonical import parse_time, time_text
from kernel.db import db
from kernel.refusal import Refused
from people.acts import accounts
from people.model import Party
from people.uscc import checked as valid_code

from . import acts, litter, record
from . import evidence as evidences
from .config import Settings
from .factory import create_app
from .fsck import fsck as check
from .search import indexing
from .webhooks import acts as webhook_acts
from .webhooks.model import Webhook


def first(settings: Settings, options) -> None:
    """Appoint a first administrator; print the code with which the owner chooses a password.

    The code stands alone on standard output; what to do with it goes to standard error.
    """
    with create_app(settings).app_context():
        party_id = _party(options.unit, options.uscc, "other")
        issued = _said(accounts.appoint_administrator, OPERATOR, role=options.role,
                       login=options.login, person_name=options.name,
                       id_number=options.id_number, party_id=party_id)
        print(issued.activation_code, flush=True)
        until = time_text(issued.account.activation_until)
        print(f"激活码有效至 {until}，只显示这一次 · This code is good until {until} and shown this once.\n"
              f"请交给 {options.login} 本人 · Its owner sends it to POST /api/v1/activation and is given a "
              "second factor (TOTP),\n"
              "then code, password and a TOTP code to POST /api/v1/activation/completion: "
              "docs/operating.md", file=sys.stderr)


def guarantor(settings: Settings, options) -> None:
    """Register a guarantor: its unit, its interface, its key and the bearer we show it.

    The bearer is read from standard input, so that it never stands on a command line.
    """
    with create_app(settings).app_context():
        party_id = _party(options.unit, options.uscc, "guarantor")
        gateway.keep_credential(settings.keys, party_id, sys.stdin.readline().strip())
        _said(guarantee_acts.register_guarantor, OPERATOR, party_id, api_base=options.address,
              public_key=options.public_key, credential_ref=party_id)
        print(party_id)


def forward(settings: Settings, to: str | None, seconds: float | None) -> None:
    """Move a demonstration's time forward, to a time or by seconds."""
    print(time_text(moved(settings, parse_time(to) if to else None, seconds)))


def moved(settings: Settings, to: datetime | None = None, seconds: float | None = None) -> datetime:
    """Move a demonstration's time forward, to a time or by seconds; what time it is then."""
    with create_app(settings).app_context():
        try:
            if to is None:
                now = wiring().clock.now(db.session.connection())
                db.session.rollback()
                to = now + timedelta(seconds=seconds or 0)
            return _said(acts.forward, OPERATOR, to)
        finally:
            db.session.remove()
            db.engine.dispose()


def copy_record(settings: Settings, folder: Path, whole: bool) -> None:
    """Write a copy of the record to `folder`; `whole` for supervisor and auditor."""
    with create_app(settings).app_context():
        size, shown = _said(record.copy, folder, whole)
        print(f"{size} entries, {shown} records disclosed")


def collect(settings: Settings) -> None:
    """Remove what crashes left in the store: temporary files, and objects no row refers to.

    An object younger than a day is left alone: its row may be about to be written.
    """
    with create_app(settings).app_context():
        store = wiring().store
        swept = litter.sweep(store)
        removed = litter.remove_unknown(store, litter.named(db.session))
        print(f"{swept} temporary files and {removed} objects removed")


def evidence(settings: Settings, options) -> None:
    """Write a tender's evidence: what everybody may read, and what the operator is asked for."""
    panel = Path(options.panel) if options.panel else None
    if panel:
        panel.mkdir(mode=0o700, parents=True, exist_ok=True)
    wish = evidences.Wish(sealed=options.sealed, panel=panel)
    with create_app(settings).app_context():
        count = _said(evidences.write, db.session(), options.tender, Path(options.folder).resolve(),
                      wish, settings.public_url or f"http://{settings.host}:{settings.port}")
        db.session.rollback()
    print(f"{count['size']} entries, {count['disclosed']} disclosed, {count['parts']} parts")


def _party(name: str, uscc: str, kind: str) -> str:
    code = _said(valid_code, uscc)
    found = db.session.scalars(select(Party.id).where(Party.uscc == code)).first()
    db.session.rollback()
    return found or _said(accounts.register_party, OPERATOR, name=name, uscc=code, kind=kind).id


def _said(function, *args, **kwargs):
    """Call an act; end the program with its refusal in both languages if it refuses."""
    try:
        return function(*args, **kwargs)
    except Refused as refused:
        raise SystemExit(f"{Path(sys.argv[0]).name}: {refused.text('zh')} {refused.text('en')}\n"
                         f"{refused.advice('zh')} {refused.advice('en')}") from refused


def fsck(settings: Settings) -> int:
    """Hold the database against the record; print every fault, return 1 if there is one."""
    with create_app(settings).app_context():
        stamping = wiring().settings.get("stamping")
        faults = list(check(db.session(), Folder(settings.record), verifier(settings.keys),
                            verifier(settings.keys, "platform"), wiring().store,
                            stamping and stamping.authority.pem))
        db.session.rollback()
    for fault in faults:
        print(f"WRONG {fault}")
    if not faults:
        print("the database says what the record says")
    return 1 if faults else 0


def reindex(settings: Settings) -> None:
    """Make the search index anew; it stays in use meanwhile."""
    with create_app(settings).app_context():
        print(f"{indexing.rebuild()} lots indexed")
        db.session.rollback()


def webhooks(settings: Settings, approve: str | None) -> None:
    """Print the webhooks that have not ended, or let one of them be called."""
    with create_app(settings).app_context():
        if approve:
            _said(webhook_acts.approve, OPERATOR, approve)
        for one in db.session.scalars(select(Webhook).where(Webhook.ended_at.is_(None))
                                      .order_by(Webhook.created_at)):
            print(one.id, "approved" if one.approved_at else "waiting ", one.account_id, one.url)
        db.session.rollback()
