"""The keys a company signs with: bound by their holders, cooling when they are new (A3.2).

Whoever steals a session could bind a key of his own and bid in the company's name. So a key
that joins others waits before it may sign a bid, everybody who holds an older one is told, and
any of them can stop it meanwhile. A company's first key has nobody to be told, and waits for
nothing.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from audit.act import Act, act, wiring
from kernel.canonical import b64, time_text
from kernel.db import Installation
from kernel.refusal import NOT_FOUND

from .. import rules
from ..model import Party, SigningKey, SigningKeyNotice
from ..refusals import KEY_PROOF
from .own import own_account


@act("signing_key.bound", law="电子签名法 13", by=("self",), fresh=True, disclose="party",
     veiled=True)
def bind_signing_key(ctx: Act, *, public_key: bytes, proof: bytes) -> SigningKey:
    """Bind an Ed25519 public key (32 bytes) to one's party, proved by `proof` (64 bytes).

    `proof` is the key's signature over `key_statement`. The holders of the party's older keys
    are told. Raises signing-key.proof, signing-key.bound.
    """
    account = own_account(ctx)
    origin = ctx.session.execute(select(Installation.log_origin)).scalar_one()
    if not rules.sound_signing_key(public_key):
        raise KEY_PROOF()
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(
            proof, rules.key_statement(origin, account.id, public_key))
    except (InvalidSignature, ValueError) as error:
        raise KEY_PROOF() from error
    # A revoked key counts as an older one, or a thief would revoke first.
    holders = sorted(set(ctx.session.scalars(select(SigningKey.account_id).where(
        SigningKey.party_id == account.party_id))))
    cools_until = ctx.now + wiring().settings["key_cooling"] if holders else None
    key = SigningKey(account_id=account.id, party_id=account.party_id,
                     public_key=b64(public_key), bound_at=ctx.now, cools_until=cools_until)
    ctx.session.add(key)
    ctx.session.flush()
    ctx.session.add_all(SigningKeyNotice(key_id=key.id, account_id=holder, at=ctx.now)
                        for holder in holders)
    ctx.record(key.id, {"public_key": key.public_key, "party": account.party_id, "told": holders,
                        "cools_until": cools_until and time_text(cools_until)},
               party_id=account.party_id)
    return key


@act("signing_key.revoked", law="电子签名法 15", by=("self",), fresh=True, disclose="party",
     veiled=True)
def revoke_signing_key(ctx: Act, key_id: str) -> SigningKey:
    """Revoke one's own signing key: it signs nothing from now on; what it signed stands.

    Who holds an older, unrevoked key of the same company may so stop a new one while it cools.
    """
    account = own_account(ctx)
    key = ctx.session.execute(select(SigningKey).where(
        SigningKey.id == key_id).with_for_update()).scalar_one_or_none()
    if key is None or key.revoked_at is not None or key.party_id != account.party_id:
        raise NOT_FOUND()
    if key.account_id != account.id and not _may_stop(ctx, account.id, key):
        raise NOT_FOUND()
    key.revoked_at = ctx.now
    if key.named_at is not None:
        end_named_key(ctx, key)
    ctx.record(key.id, {"public_key": key.public_key}, party_id=account.party_id)
    return key


@act("notice_key.named", law="电子签名法 13, 16")
def name_key(ctx: Act, key: SigningKey) -> SigningKey:
    """Tell everybody whose a key is, with the first notice it signs; part of the act of signing.

    A company's key is told to nobody before an opening, for it could tell who bids. The key of a
    person who publishes must be known, or nobody else could check what it signed.
    """
    key.named_at = ctx.now
    ctx.record(key.id, {"public_key": key.public_key,
                        "unit": ctx.session.get_one(Party, key.party_id).uscc})
    return key


@act("notice_key.ended", law="电子签名法 15")
def end_named_key(ctx: Act, key: SigningKey) -> SigningKey:
    """Tell everybody that a key which signed notices signs no more; what it signed stands."""
    ctx.record(key.id, {"public_key": key.public_key,
                        "unit": ctx.session.get_one(Party, key.party_id).uscc})
    return key


def _may_stop(ctx: Act, account_id: str, key: SigningKey) -> bool:
    older = ctx.session.execute(select(SigningKey.id).where(
        SigningKey.account_id == account_id, SigningKey.party_id == key.party_id,
        SigningKey.revoked_at.is_(None), SigningKey.bound_at < key.bound_at).limit(1)).first()
    return older is not None and key.cools_until is not None and ctx.now < key.cools_until


@act("signing_key.notice_seen", law="电子签名法 15", by=("self",), disclose="never", veiled=True)
def acknowledge_notice(ctx: Act, notice_id: str) -> SigningKeyNotice:
    """Say that one has seen that a new key was bound for one's company."""
    account = own_account(ctx)
    notice = ctx.session.execute(select(SigningKeyNotice).where(
        SigningKeyNotice.id == notice_id).with_for_update()).scalar_one_or_none()
    if notice is None or notice.account_id != account.id or notice.seen_at is not None:
        raise NOT_FOUND()
    notice.seen_at = ctx.now
    ctx.record(notice.key_id, party_id=account.party_id)
    return notice
