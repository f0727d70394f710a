"""A person's own signature under what is to be published: judged, kept, and told with the act.

It is judged by the key that stands at that moment, under its lock, so that a revocation comes
before or after. What was signed and published stands, whatever becomes of the key later.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import select

from audit.act import Act, wiring
from kernel.canonical import time_text
from people import x509
from people.acts import name_key
from people.model import Party, SigningKey
from people.signed import Key, fingerprint

from .. import signing
from ..hanging import hangs
from ..model import DirectAward, Notice, NoticeDraft, NoticeSignature
from ..profile import Profile
from ..sign_refusals import (
    SIGNATURE_NEEDED,
    SIGNATURE_TIME,
    SIGNATURE_WRONG,
    SIGNED_TWICE,
    SIGNER_CERTIFICATE,
    SIGNER_COOLS,
    SIGNER_OTHER,
    SIGNER_UNKNOWN,
)
from ..signed import counted, origin_of


@dataclass(frozen=True)
class Subject:
    """What is signed: a content of a kind, and the submission that froze it."""

    of_id: str
    about: str
    kind: str
    number: int
    content_hash: str


def subject_of(row: Notice | NoticeDraft | DirectAward, digest: str | None = None) -> Subject:
    """What the persons of a submission, of a draft or of a direct award (`digest`) sign."""
    if isinstance(row, DirectAward):
        return Subject(row.id, row.id, "direct_award", 1, digest)
    kind = "tender_notice" if isinstance(row, Notice) else row.kind
    return Subject(row.id, row.tender_id, kind, row.number, row.content_hash)


def sign_submitted(ctx: Act, what: Subject, person_id: str | None,
                   given: dict[str, object]) -> NoticeSignature:
    """Keep the signature of who submitted; nobody else signs in that role. The caller records."""
    if ctx.actor.person_id is None or ctx.actor.person_id != person_id:
        raise SIGNER_OTHER()
    return _kept(ctx, what, "submit", given)


def signed_facts(ctx: Act, what: Subject, profiles: Iterable[Profile],
                 given: dict[str, object] | None) -> dict[str, object]:
    """What the approval's entry says of signatures: `{"signatures": […]}`, or nothing where there is
    none. Keeps the approver's (`given`). Raises SIGNATURE_NEEDED and what makes one bad."""
    if given is not None:
        _kept(ctx, what, "approve", given)
    found = counted(ctx.session, what.of_id, what.content_hash) \
        if hangs(ctx.session, what.about, NoticeSignature) else {}
    missing = [role for role in signing.asked(profiles) if role not in found]
    if missing:
        raise SIGNATURE_NEEDED(roles=" · ".join(
            " ".join(signing.ROLE_WORDS[role]) for role in missing))
    return {"signatures": [signing.fact(found[role]) for role in signing.ROLES
                           if role in found]} if found else {}


def _kept(ctx: Act, what: Subject, role: str, given: dict[str, object]) -> NoticeSignature:
    origin = origin_of(ctx.session)
    unit = ctx.session.get_one(Party, ctx.actor.party_id)
    key = given["key"] if given.get("key") else {"certificate": given["certificate"]}
    if not signing.in_time(given["at"], ctx.now):
        raise SIGNATURE_TIME(at=time_text(given["at"]), now=time_text(ctx.now))
    _judge(ctx, unit, key)
    said = asdict(what) | {"role": role, "unit": unit.uscc}
    row = NoticeSignature(
        **said, key=given.get("key") or given["certificate"], key_hash=fingerprint(key),
        certified=not isinstance(key, str), signature=given["signature"],
        stated_at=given["at"], signed_at=ctx.now, signed_by=ctx.actor.account_id)
    if not signing.good(signing.fact(row), origin, what.about, what.content_hash):
        raise SIGNATURE_WRONG(role=role, content_hash=what.content_hash)
    taken = select(NoticeSignature.id).where(
        NoticeSignature.of_id == what.of_id, NoticeSignature.content_hash == what.content_hash,
        NoticeSignature.key_hash == row.key_hash)
    if ctx.session.scalar(taken) is not None:
        raise SIGNED_TWICE()
    ctx.session.add(row)
    ctx.session.flush()
    return row


def _judge(ctx: Act, unit: Party, key: Key) -> None:
    """Whether a key may sign for the actor now; a registered one is named to everybody with the
    first notice that it signs."""
    if isinstance(key, dict):
        _certified(ctx, unit, key["certificate"])
        return
    row = ctx.session.scalars(select(SigningKey).where(
        SigningKey.public_key == key, SigningKey.account_id == ctx.actor.account_id)
        .with_for_update().execution_options(populate_existing=True)).one_or_none()
    if row is None or row.revoked_at is not None or row.party_id != unit.id:
        raise SIGNER_UNKNOWN()
    if row.cools_until is not None and ctx.now < row.cools_until:
        raise SIGNER_COOLS(until=time_text(row.cools_until))
    if row.named_at is None:
        name_key(ctx, row)


def _certified(ctx: Act, unit: Party, chain: str) -> None:
    folder = wiring().settings["ca"]
    try:
        found = x509.check(chain, x509.Authorities.read(folder) if folder else x509.Authorities(),
                           ctx.now)
    except x509.BadCertificate as error:
        raise SIGNER_CERTIFICATE(problem=str(error)) from error
    if found.uscc != unit.uscc:
        raise SIGNER_CERTIFICATE(problem="its subject is another unit")
