"""JSON of the administrators' offices, in and out."""

from __future__ import annotations

import ipaddress

from marshmallow import ValidationError, fields, pre_dump, validate
from sqlalchemy import select

from .exchange import reading
from .fields import Flag, In, Out, Text, Time, Whole
from .model import SettingProposal
from .schemas import login_of
from .settled import settled, shipped


class Network(Text):
    """One network, as `10.1.0.0/16`; one address is a network too."""

    def __init__(self, **kwargs):
        super().__init__(2, 64, **kwargs)

    def _deserialize(self, value, attr, data, **kwargs):
        found = super()._deserialize(value, attr, data, **kwargs)
        try:
            return str(ipaddress.ip_network(found.strip()))
        except ValueError as error:
            raise ValidationError("A network, as 10.1.0.0/16. 须为网段，例如 10.1.0.0/16。") from error


class _Reasoned(In):
    why = Text(4, 200, required=True)


class PolicyIn(_Reasoned):
    """The whole policy, and why it changes."""

    password_min = Whole(8, 32, required=True)
    password_complexity = Flag(required=True)
    guesses_free = Whole(3, 20, required=True)
    factor_for_all = Flag(required=True)
    admin_networks = fields.List(Network(), load_default=list, validate=validate.Length(max=20))


class ParametersIn(_Reasoned):
    """All parameters, and why they change."""

    document_mib = Whole(1, 200, required=True)
    registrations_free = Whole(1, 1000, required=True)
    letters = Flag(required=True)


class ProposalOut(Out):
    """A change that waits for a second person: what it changes, from what to what."""

    id = fields.String()
    base = fields.Integer()
    why = fields.String()
    proposed_by = fields.Function(lambda row: login_of(row.proposed_by))
    proposed_at = Time()
    decided_at = Time()
    changes = fields.Function(lambda row: _changes(row))


def _changes(row: SettingProposal) -> list[dict[str, object]]:
    held = settled(reading(), row.kind)
    return [{"name": name, "from": held[name], "to": value}
            for name, value in sorted(row.body.items()) if value != held[name]]


class _Settled(Out):
    version = fields.Integer()
    set_at = Time()
    set_by = fields.String(allow_none=True)
    approved_by = fields.String(allow_none=True)
    why = fields.String()
    waiting = fields.List(fields.Nested(ProposalOut))

    @pre_dump
    def _whole(self, row, **_kwargs):
        """The row of a change, or the kind of what was never changed, with every value of it."""
        kind = row if isinstance(row, str) else row.kind
        waiting = reading().scalars(select(SettingProposal).where(
            SettingProposal.kind == kind, SettingProposal.decided_at.is_(None))
            .order_by(SettingProposal.proposed_at, SettingProposal.id)).all()
        if isinstance(row, str):
            return shipped(row) | {"version": 0, "set_at": None, "set_by": None, "why": "",
                                   "approved_by": None, "waiting": waiting}
        return shipped(kind) | row.body | {
            "version": row.version, "set_at": row.set_at, "why": row.why, "waiting": waiting,
            "set_by": login_of(row.set_by), "approved_by": login_of(row.approved_by)}


class PolicyOut(_Settled):
    """The policy that holds; version 0 is as it was shipped."""

    password_min = fields.Integer()
    password_complexity = fields.Boolean()
    guesses_free = fields.Integer()
    factor_for_all = fields.Boolean()
    factor_from = fields.String(allow_none=True)
    admin_networks = fields.List(fields.String())


class ParametersOut(_Settled):
    """The parameters that hold; version 0 is as they were shipped."""

    document_mib = fields.Integer()
    registrations_free = fields.Integer()
    letters = fields.Boolean()


class OperationOut(Out):
    """One act of an administrator or of the operator."""

    at = fields.String()
    act = fields.String()
    law = fields.String()
    by = fields.String()
    login = fields.String(allow_none=True)
    subject = fields.String()
    facts = fields.Dict()
    position = fields.Integer(allow_none=True)


class EventOut(Out):
    """One event of the security log about an administrator's account."""

    at = Time()
    kind = fields.String()
    login = fields.String(allow_none=True)
    action = fields.String()
    source = fields.String()
    detail = fields.String()
    subject = fields.String()
    reason = fields.String()


class ErasureByLogin(In):
    """Whose data, and why."""

    login = Text(3, 80, required=True)
    reason = Text(2, 200, required=True)


class EndingIn(In):
    """Whose sessions, and why; the reason is shown to their owner."""

    login = Text(3, 80, required=True)
    reason = Text(2, 200, required=True)


class AuthorityOut(Out):
    """A certificate authority that is believed."""

    subject = fields.String()
    fingerprint = fields.String()
    valid_from = Time()
    valid_until = Time()


class RevocationListOut(Out):
    """A revocation list at hand; a stale one makes its authority's certificates count no more."""

    issuer = fields.String()
    made_at = Time()
    next_at = Time()
    revoked = fields.Integer()


class AuthoritiesOut(Out):
    """What certificates are judged by."""

    roots = fields.List(fields.Nested(AuthorityOut))
    lists = fields.List(fields.Nested(RevocationListOut))
    problem = fields.String(allow_none=True)


class UnitQuery(In):
    """Whose keys; of nobody where no unit is named."""

    uscc = Text(0, 18, load_default="")


class UnitKeyOut(Out):
    """A signing key of a unit."""

    id = fields.String()
    public_key = fields.String()
    login = fields.String()
    bound_at = Time()
    cools_until = Time()
    revoked_at = Time()


class LogQuery(In):
    """Of whom; of everybody where nobody is named."""

    login = Text(0, 80, load_default="")
