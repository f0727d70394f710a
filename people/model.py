"""Who acts: parties, persons, accounts, what was granted to them, and how they come in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, Json, UtcTime, new_id

from .refusals import (
    ERASED,
    KEY_BOUND,
    KEY_RACED,
    LOGIN_TAKEN,
    PARTY_EXISTS,
    ROLE_HELD,
    SECOND_FACTOR,
    SETTLED_AT_ONCE,
)

PARTY_KINDS = ("buyer", "tenderer", "guarantor", "supervisor", "agency", "other")
GRANTED_ROLES = ("buyer", "opener", "expert", "awarder", "supervisor", "guarantor", "sys_admin",
                 "sec_admin", "audit_admin")


class Party(Base):
    """A unit with a unified social credit code (GB 32100)."""

    __tablename__ = "party"
    __table_args__ = (UniqueConstraint("uscc", name="uq_party_uscc",
                                       info={"refusal": PARTY_EXISTS}),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200))
    uscc: Mapped[str] = mapped_column(String(18))
    kind: Mapped[str] = mapped_column(String(16))
    """`buyer`, `tenderer`, `guarantor`, `supervisor`, `agency` or `other`."""
    region: Mapped[str] = mapped_column(String(12), default="")
    """Division code (GB/T 2260) the unit lies in; a supervisor's jurisdiction is its prefix."""
    api_base: Mapped[str | None] = mapped_column(String(300))
    """Where a guarantor's own interface answers; set by the operator only (Q69)."""
    registered_at: Mapped[datetime] = mapped_column(UtcTime)


class Person(Base):
    """A natural person, known by a keyed digest of the identity number and by a name.

    Two accounts with the same identity number are the same person (Q20).
    """

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("id_digest", name="uq_person_id_digest"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(80))
    id_digest: Mapped[str] = mapped_column(String(64))


class Account(Base):
    """One person's way in on behalf of one party."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("login", name="uq_account_login", info={"refusal": LOGIN_TAKEN}),
        Index("ix_account_person", "person_id"), Index("ix_account_party", "party_id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"))
    login: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(12), default="normal")
    """`normal`, or `test` / `supplier`, which must expire within seven days (Q06)."""
    password_hash: Mapped[str | None] = mapped_column(String(200))
    """argon2id; empty until the owner has chosen a password: nobody else ever does."""
    totp_secret: Mapped[str | None] = mapped_column(String(300))
    """Sealed under the installation's secret."""
    activation_hash: Mapped[str | None] = mapped_column(String(64))
    activation_until: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcTime)
    vouched_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When a tenderer's own people stood for this account; without it it is nobody's (no
    administrator makes himself a company's person)."""
    vouched_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))


class RoleGrant(Base):
    """A role proposed for an account; effective from `approved_at` to `revoked_at`."""

    __tablename__ = "role_grant"
    __table_args__ = (
        Index("uq_role_grant_held", "account_id", "role", unique=True, info={"refusal": ROLE_HELD},
              postgresql_where=text("revoked_at IS NULL"),
              sqlite_where=text("revoked_at IS NULL")),
        CheckConstraint("role IN (" + ", ".join(f"'{role}'" for role in GRANTED_ROLES) + ")",
                        name="role"),
        Index("ix_role_grant_role", "role"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    role: Mapped[str] = mapped_column(String(16))
    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"))
    region: Mapped[str] = mapped_column(String(12), default="")
    specialty: Mapped[str] = mapped_column(String(40), default="")
    """An expert's specialty; empty for other roles."""
    employer_uscc: Mapped[str] = mapped_column(String(18), default="")
    """An expert's employer, to be excluded with it (conflicts of interest)."""
    proposed_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    """The proposing account; empty only for a first administrator, appointed by the operator."""
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime)
    revocation_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    revocation_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """Who proposed to revoke, and when; effective only with `revoked_at`."""
    revoked_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)

    @classmethod
    def effective(cls) -> ColumnElement[bool]:
        """The condition under which a grant counts: approved, and not revoked."""
        return cls.approved_at.is_not(None) & cls.revoked_at.is_(None)


class PersonErasure(Base):
    """A proposal to erase a person's data, and its approval; once for a person."""

    __tablename__ = "person_erasure"
    __table_args__ = (UniqueConstraint("person_id", name="uq_person_erasure_person",
                                       info={"refusal": ERASED}),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(200))
    """Emptied with the rest, for it may name somebody."""
    proposed_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcTime)


class SigningKey(Base):
    """An Ed25519 public key with which a party signs; the private key never comes here."""

    __tablename__ = "signing_key"
    __table_args__ = (UniqueConstraint("public_key", name="uq_signing_key_public_key",
                                       info={"refusal": KEY_BOUND}),
                      Index("ix_signing_key_party", "party_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    party_id: Mapped[str] = mapped_column(ForeignKey("party.id"))
    public_key: Mapped[str] = mapped_column(String(44))
    """32 bytes in base64."""
    bound_at: Mapped[datetime] = mapped_column(UtcTime)
    cools_until: Mapped[datetime | None] = mapped_column(UtcTime)
    """Until when it may not sign a bid; empty for the first key of a party (acts/keys.py)."""
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)
    named_at: Mapped[datetime | None] = mapped_column(UtcTime)
    """When everybody was told whose it is: with the first notice it signed."""


class SigningKeyNotice(Base):
    """Told to one who holds an older key of the same company: a new key was bound."""

    __tablename__ = "signing_key_notice"
    __table_args__ = (UniqueConstraint("key_id", "account_id", name="uq_signing_key_notice"),
                      Index("ix_signing_key_notice_account", "account_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    key_id: Mapped[str] = mapped_column(ForeignKey("signing_key.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(UtcTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcTime)


class PlatformSetting(Base):
    """What administrators settled of the running platform; the newest of a kind counts."""

    __tablename__ = "platform_setting"
    __table_args__ = (UniqueConstraint("kind", "version", name="uq_platform_setting_version",
                                       info={"refusal": SETTLED_AT_ONCE}),
                      {"info": {"append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(12))
    """`policy` or `parameters`."""
    version: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict] = mapped_column(Json)
    why: Mapped[str] = mapped_column(String(200))
    set_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    """Who proposed it."""
    set_at: Mapped[datetime] = mapped_column(UtcTime)
    approved_by: Mapped[str | None] = mapped_column(Id)
    """The account of the other person who approved it."""


class SettingProposal(Base):
    """A change of policy or parameters that waits for a second person, or was decided."""

    __tablename__ = "setting_proposal"
    __table_args__ = (Index("ix_setting_proposal_waiting", "kind", "decided_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(12))
    base: Mapped[int] = mapped_column(Integer)
    """The version it was made from, the only one it may be approved over."""
    body: Mapped[dict] = mapped_column(Json)
    why: Mapped[str] = mapped_column(String(200))
    proposed_by: Mapped[str] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime] = mapped_column(UtcTime)
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    approved: Mapped[bool] = mapped_column(default=False)


class LoginSession(Base):
    """One signed-in session; only the hash of its token is kept (Q07-Q11)."""

    __tablename__ = "login_session"
    __table_args__ = (UniqueConstraint("token_hash", name="uq_login_session_token_hash"),
                      Index("ix_login_session_account", "account_id"),
                      {"info": {"unrecorded": "sessions are not acts (house §3.3)"}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    seen_at: Mapped[datetime] = mapped_column(UtcTime)
    """Last use, kept to the minute."""
    fresh_until: Mapped[datetime | None] = mapped_column(UtcTime)
    second_factor: Mapped[bool] = mapped_column(default=False)
    """Whether a second factor was given; without it no strong role counts (Q02)."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    ended_why: Mapped[str] = mapped_column(String(16), default="")
    source: Mapped[str] = mapped_column(String(45), default="")


class ApiToken(Base):
    """A machine's credential; acts for its account, within its actions, until it expires."""

    __tablename__ = "api_token"
    __table_args__ = (UniqueConstraint("token_hash", name="uq_api_token_token_hash"),
                      Index("ix_api_token_account", "account_id"))

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(80))
    actions: Mapped[list[str]] = mapped_column(Json)
    """The actions of the permission table it may be used for."""
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    expires_at: Mapped[datetime] = mapped_column(UtcTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcTime)


class PendingFactor(Base):
    """A second factor shown to its owner and not yet confirmed by a code."""

    __tablename__ = "pending_factor"
    __table_args__ = {"info": {"unrecorded": "a draft (house §3.3)"}}  # noqa: RUF012

    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(UtcTime)


class KnownDevice(Base):
    """A device from which somebody signed in before; a flood from elsewhere never slows it (Q03)."""

    __tablename__ = "known_device"
    __table_args__ = (UniqueConstraint("token_hash", name="uq_known_device_token_hash"),
                      Index("ix_known_device_account", "account_id"),
                      {"info": {"unrecorded": "part of throttling (house §3.3)"}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    token_hash: Mapped[str] = mapped_column(String(64))
    seen_at: Mapped[datetime] = mapped_column(UtcTime)


class Throttle(Base):
    """Failures of one source, device or session in the present window."""

    __tablename__ = "throttle"
    __table_args__ = {"info": {"unrecorded": "throttles are not acts (house §3.3)"}}  # noqa: RUF012

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(UtcTime)
    blocked_until: Mapped[datetime | None] = mapped_column(UtcTime)


class UsedStep(Base):
    """A time step whose one-time code an account has used (RFC 6238 §5.2: once only)."""

    __tablename__ = "used_totp_step"
    __table_args__ = (UniqueConstraint("account_id", "step", name="uq_used_totp_step_once",
                                       info={"refusal": SECOND_FACTOR}),
                      {"info": {"unrecorded": "used TOTP steps are not acts (house §3.3)"}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    step: Mapped[int] = mapped_column(Integer)
    used_at: Mapped[datetime] = mapped_column(UtcTime)


class IdempotencyKey(Base):
    """The answer that a key was given, kept in the transaction that made it (I10)."""

    __tablename__ = "idempotency_key"
    __table_args__ = (UniqueConstraint("scope", "key_hash", name="uq_idempotency_key_once",
                                       info={"refusal": KEY_RACED}),
                      Index("ix_idempotency_key_at", "at"),
                      {"info": {"unrecorded": "idempotency keys are not acts (house §3.3)"}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    scope: Mapped[str] = mapped_column(String(48))
    """Whose key it is: `account:<id>` or `anonymous`."""
    key_hash: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    """Keyed digest of method, address, If-Match and body: a stolen table tells no password."""
    at: Mapped[datetime] = mapped_column(UtcTime)
    status: Mapped[int] = mapped_column(Integer)
    media: Mapped[str] = mapped_column(String(80))
    etag: Mapped[str] = mapped_column(String(40), default="")
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Undigested(Base):
    """What the next digest of the security log takes: a refusal of a bid, or a security event."""

    __tablename__ = "undigested"
    __table_args__ = (Index("ix_undigested_turn", "kind", "at"),
                      {"info": {"unrecorded": "the queue of the security log's digest"}})

    of_id: Mapped[str] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    """`refusal` (bid_refusal) or `event` (security_event)."""
    at: Mapped[datetime] = mapped_column(UtcTime)


class SecurityEvent(Base):
    """What the security log says: who tried what from where, and what was answered."""

    __tablename__ = "security_event"
    __table_args__ = (Index("ix_security_event_at", "at"),
                      {"info": {"unrecorded": "the security log (house §3.4)",
                                "append_only": True}})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(UtcTime)
    kind: Mapped[str] = mapped_column(String(40))
    account_id: Mapped[str | None] = mapped_column(Id)
    action: Mapped[str] = mapped_column(String(60), default="")
    source: Mapped[str] = mapped_column(String(45), default="")
    detail: Mapped[str] = mapped_column(String(200), default="")
    subject: Mapped[str] = mapped_column(String(400), default="", server_default="")
    """Of a reading of sensitive data: the address that was read."""
    reason: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """And why, in the reader's words."""
