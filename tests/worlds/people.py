"""Parties, persons and accounts of the simulated world, made by the platform's own acts."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pyotp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask.testing import FlaskClient
from sqlalchemy import select

from audit.act import side_write, wiring
from audit.actor import ANONYMOUS, OPERATOR, Actor
from kernel.db import Installation
from people import acts, rules, uscc
from people.digests import new_token, token_hash
from people.model import Account, LoginSession, Party, RoleGrant
from people.passwords import prepare
from people.rules import key_statement
from people.settled import newest, settled

PREFIX = "/api/v1"
PASSWORD = "Jinhua-Lu-88"
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
USCC_PREFIX = {"buyer": "11", "supervisor": "11", "tenderer": "91", "guarantor": "91",
               "agency": "91", "other": "12"}
KIND_FOR_ROLE = {"buyer": "buyer", "tenderer": "tenderer", "supervisor": "supervisor",
                 "guarantor": "guarantor"}
REGION = "330703"


class Client(FlaskClient):
    """A test client that speaks to /api/v1 and stays signed in, however far time moves.

    A path `/tenders` means `/api/v1/tenders`; one that begins `//` is taken as it stands
    without the first slash. A POST gets a fresh Idempotency-Key unless it brings its own or
    says `key=None`; `key="…"` sets it.
    """

    world = None
    actor: Actor = ANONYMOUS
    fresh = True
    token = ""
    issued: datetime | None = None

    def open(self, *args, **kwargs):
        headers = dict(kwargs.pop("headers", None) or {})
        key = kwargs.pop("key", "")
        if kwargs.get("method") == "POST" and key is not None:
            headers.setdefault("Idempotency-Key", key or secrets.token_hex(16))
        headers.setdefault("Access-Reason", quote("例行查验"))
        if args and isinstance(args[0], str):
            path = args[0]
            path = path[1:] if path.startswith("//") else \
                path if path.startswith("/api/") else PREFIX + path
            args = (path, *args[1:])
        if self.actor.kind != "anonymous" and "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {self._session()}"
        with self.application.app_context():
            return super().open(*args, headers=headers, **kwargs)

    def _session(self) -> str:
        now = self.world.now
        if self.issued is None or not self.issued <= now < self.issued + timedelta(minutes=4):
            self.token, self.issued = self.world.session_token(self.actor, fresh=self.fresh), now
        return self.token


class PeopleWorld:
    """Verbs about people."""

    def party(self, kind: str = "buyer", *, name: str | None = None, region: str = REGION,
              api_base: str | None = None) -> Party:
        """A new party of `kind` with a valid code."""
        number = self.number()
        code = uscc.completed(USCC_PREFIX[kind] + f"{region:0<6}"[:6], f"MA2{number:05d}")
        return acts.register_party(OPERATOR, name=name or f"{kind} {number}", uscc=code,
                                   kind=kind, region=region, api_base=api_base)

    def id_number(self) -> str:
        """A valid identity number that no other person of this world has."""
        number = self.number()
        first = f"3307031980{number // 900 % 12 + 1:02d}{number // 1000 % 28 + 1:02d}{number % 1000:03d}"
        return first + rules.card_check(first)

    def account(self, role: str | None = None, party: Party | str | None = None, *,
                id_number: str | None = None, person: Actor | str | None = None,
                specialty: str = "公路工程", employer: str | None = None, region: str = "",
                name: str | None = None, login: str | None = None) -> Actor:
        """A person with an account, and with `role` effectively granted.

        Role `tenderer` is a tenderer party's own person and needs no grant; None grants
        nothing. Without `party` a fitting one is made. `id_number` makes the account the same
        person's as another account's with that number. The actor returned is always fresh.
        """
        if party is None:
            party = self.party(KIND_FOR_ROLE.get(role or "", "other"), region=region or REGION)
        party_id = party if isinstance(party, str) else party.id
        number = self.number()
        id_number = id_number or self.id_number()
        account = acts.create_account(OPERATOR, login=login or f"user{number}.{self.salt}",
                                      person_name=name or f"某{number}",
                                      id_number=id_number, party_id=party_id)
        actor = self.actor_of(account)
        self._numbers_of[actor.person_id] = id_number
        if role not in (None, "tenderer"):
            more = {}
            if role == "expert":
                more = {"specialty": specialty,
                        "employer_uscc": employer or uscc.completed("12330703",
                                                                    f"MA3{number:05d}")}
            if role == "supervisor" and region:
                more["region"] = region
            self.grant(actor, role, **more)
        return actor

    @property
    def _numbers_of(self) -> dict[str, str]:
        return self.__dict__.setdefault("_id_numbers", {})

    def number_of(self, actor: Actor) -> str:
        """The identity number with which the actor's person was made."""
        return self._numbers_of[actor.person_id]

    def actor_of(self, account: Account | str) -> Actor:
        """The actor of an account, as if signed in with two factors a moment ago, for ever."""
        if isinstance(account, str):
            account = self.session.get_one(Account, account)
        return Actor("account", account.id, account.person_id, account.party_id, None, None,
                     FOREVER)

    @property
    def administrators(self) -> dict[str, Actor]:
        """The first administrators: `sys_admin`, `sec_admin`, `sec_admin_2`, `audit_admin`."""
        if "_administrators" not in self.__dict__:
            party = self.party("other", name="平台运营")
            found = {}
            for name in ("sys_admin", "sec_admin", "sec_admin_2", "audit_admin"):
                number = self.id_number()
                new = acts.appoint_administrator(
                    OPERATOR, role=name.removesuffix("_2"), login=f"{name}.{self.salt}",
                    person_name=name, id_number=number, party_id=party.id)
                found[name] = self.actor_of(new.account)
                self._numbers_of[found[name].person_id] = number
            self._administrators = found
        return self._administrators

    def admin(self, role: str) -> Actor:
        """One of the first administrators."""
        return self.administrators[role]

    def grant(self, actor: Actor, role: str, **attributes: str) -> RoleGrant:
        """Give an account a role, by two security administrators."""
        proposed = acts.propose_grant(self.admin("sec_admin"), account_id=actor.account_id,
                                      role=role, **attributes)
        return acts.approve_grant(self.admin("sec_admin_2"), proposed.id)

    def settle(self, kind: str = "policy", **changes: object):
        """Change policy or parameters, proposed and approved by two administrators."""
        held = settled(self.session, kind)
        version = getattr(newest(self.session, kind), "version", 0)
        body = {name: value for name, value in (held | changes).items() if name != "factor_from"}
        if kind == "policy":
            made = acts.propose_policy(self.admin("sec_admin"), body=body, why="等保测评整改",
                                       version=version, source="127.0.0.1")
            return acts.approve_policy(self.admin("sec_admin_2"), made.id, source="127.0.0.1")
        made = acts.propose_parameters(self.admin("sys_admin"), body=body, why="试运行期间",
                                       version=version)
        return acts.approve_parameters(self.admin("sec_admin"), made.id)

    def revoke(self, actor: Actor, role: str) -> RoleGrant:
        """Take a role from an account, by two security administrators."""
        grant = self.session.execute(select(RoleGrant).where(
            RoleGrant.account_id == actor.account_id, RoleGrant.role == role,
            RoleGrant.revoked_at.is_(None))).scalar_one()
        acts.propose_revocation(self.admin("sec_admin"), grant.id)
        return acts.approve_grant(self.admin("sec_admin_2"), grant.id)

    def session_token(self, actor: Actor, *, fresh: bool = True,
                      second_factor: bool = True) -> str:
        """A session of the actor's account, without the trouble of signing in."""
        token = new_token("ygs_")
        now = self.now
        # A context of its own: the rows the test holds stay bound to the test's session.
        with self.app.app_context(), side_write() as session:
            session.add(LoginSession(
                account_id=actor.account_id, token_hash=token_hash(token), created_at=now,
                seen_at=now, fresh_until=now + self.fresh_for if fresh else None,
                second_factor=second_factor, source="127.0.0.1"))
        return token

    def client(self, actor: Actor | None = None, *, fresh: bool = True) -> Client:
        """A client signed in as `actor` (nobody without one), with a fresh second factor."""
        client = Client(self.app, self.app.response_class, use_cookies=False)
        client.world, client.actor, client.fresh = self, actor or ANONYMOUS, fresh
        return client

    def stale(self, actor: Actor) -> Actor:
        """The same person, whose second factor lies too long back."""
        return replace(actor, fresh_until=None)

    def password(self, actor: Actor, password: str = PASSWORD, *,
                 factor: bool = True) -> tuple[str, str, str]:
        """Let the actor's owner choose a password (and a factor): (login, password, secret)."""
        account = self.session.get_one(Account, actor.account_id)
        code = acts.issue_activation(OPERATOR, account.id).activation_code
        secret = pyotp.random_base32() if factor else None
        acts.activate(ANONYMOUS, code=code, totp_secret=secret,
                      password=prepare(password, account.login, wiring().settings["argon2"]),
                      totp_code=self.code(secret) if secret else None)
        return account.login, password, secret or ""

    def code(self, secret: str, steps: int = 0) -> str:
        """The one-time code of `secret` now, or so many half minutes later."""
        return pyotp.TOTP(secret).at(int(self.now.timestamp()) + 30 * steps)

    def signing_key(self, actor: Actor) -> Ed25519PrivateKey:
        """A new signing key of the actor's, bound to its party."""
        key = Ed25519PrivateKey.generate()
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        origin = self.session.execute(select(Installation.log_origin)).scalar_one()
        acts.bind_signing_key(actor, public_key=public, proof=key.sign(
            key_statement(origin, actor.account_id, public)))
        return key
