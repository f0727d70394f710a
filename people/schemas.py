"""JSON about people, in and out."""

from __future__ import annotations

from marshmallow import fields, validate

from .exchange import reading
from .fields import Base64, Flag, HexId, In, Out, Text, Time, Uscc
from .model import GRANTED_ROLES, PARTY_KINDS, Account, Party


def login_of(account_id: str | None) -> str | None:
    """The login of an account; None where there is none."""
    found = reading().get(Account, account_id) if account_id else None
    return found.login if found else None


class SignInIn(In):
    login = Text(1, 80, required=True)
    password = Text(1, 600, required=True)
    totp = Text(1, 12, load_default=None, allow_none=True)
    recovery = Text(1, 40, load_default=None, allow_none=True)
    device = Text(1, 80, load_default=None, allow_none=True)
    cookie = Flag(load_default=False)


class SignInOut(Out):
    session_id = fields.String()
    token = fields.String()
    device = fields.String(allow_none=True)
    csrf_token = fields.String(allow_none=True)
    second_factor = fields.Boolean()
    expires_at = Time()
    fresh_until = Time()


class CodeIn(In):
    totp = Text(1, 12, required=True)


class FreshOut(Out):
    fresh_until = Time()


class PartyOut(Out):
    id = fields.String()
    name = fields.String()
    uscc = fields.String()
    kind = fields.String()
    region = fields.String()


def _of_account(name: str):
    """A field that says something of the account a grant is for."""
    return fields.Function(lambda grant: getattr(
        reading().get(Account, grant.account_id), name, None))


class GrantOut(Out):
    id = fields.String()
    account_id = fields.String()
    login = _of_account("login")
    party_name = fields.Function(lambda grant: reading().get(Party, grant.party_id).name)
    proposer = fields.Function(lambda grant: login_of(grant.proposed_by))
    approver = fields.Function(lambda grant: login_of(grant.approved_by))
    revoker = fields.Function(lambda grant: login_of(grant.revocation_by))
    role = fields.String()
    party_id = fields.String()
    region = fields.String()
    specialty = fields.String()
    employer_uscc = fields.String()
    proposed_by = fields.String(allow_none=True)
    proposed_at = Time()
    approved_by = fields.String(allow_none=True)
    approved_at = Time()
    revocation_by = fields.String(allow_none=True)
    revocation_at = Time()
    revoked_at = Time()


class ErasureIn(In):
    reason = Text(2, 200, required=True)


class ErasureOut(Out):
    id = fields.String()
    person_id = fields.String()
    reason = fields.String()
    proposed_by = fields.String()
    proposed_at = Time()
    approved_by = fields.String(allow_none=True)
    approved_at = Time()


class WhoOut(Out):
    session_id = fields.String()
    account_id = fields.String()
    login = fields.String()
    party = fields.Nested(PartyOut)
    roles = fields.List(fields.String())
    second_factor = fields.Boolean()
    has_factor = fields.Boolean()
    fresh_until = Time()
    expires_at = Time()
    csrf_token = fields.String(allow_none=True)
    log_origin = fields.String()
    key_notices = fields.List(fields.Nested(lambda: KeyNoticeOut()))


class SessionOut(Out):
    id = fields.String()
    created_at = Time()
    seen_at = Time()
    source = fields.String()
    current = fields.Boolean()


class SignInEventOut(Out):
    """One event of the security log about one's own account."""

    at = Time()
    kind = fields.String()
    action = fields.String()
    source = fields.String()
    detail = fields.String()


class DeviceOut(Out):
    id = fields.String()
    seen_at = Time()
    current = fields.Boolean()


class ColleagueOut(Out):
    id = fields.String()
    login = fields.String()
    created_at = Time()
    vouched_at = Time()
    disabled_at = Time()
    expires_at = Time()
    own = fields.Boolean()


class NewCodesOut(Out):
    codes = fields.List(fields.String())
    made_at = Time()


class RecoveryOut(Out):
    """How one would come in without the second factor: of the newest set of recovery codes."""

    made_at = Time()
    left = fields.Integer()
    uses = fields.List(Time())


class TokenIn(In):
    name = Text(1, 80, required=True)
    actions = fields.List(Text(1, 60), required=True, validate=validate.Length(1, 66))
    expires_at = Time(required=True)


class TokenOut(Out):
    id = fields.String()
    name = fields.String()
    actions = fields.List(fields.String())
    created_at = Time()
    expires_at = Time()
    revoked_at = Time()


class NewTokenOut(TokenOut):
    token = fields.String()


class SigningKeyIn(In):
    public_key = Base64(32, required=True)
    proof = Base64(64, required=True)


class SigningKeyOut(Out):
    id = fields.String()
    public_key = fields.String()
    bound_at = Time()
    revoked_at = Time()
    cools_until = Time()


class CompanyKeyOut(SigningKeyOut):
    login = fields.String()
    own = fields.Boolean()
    revocable = fields.Boolean()


class KeyNoticeOut(Out):
    id = fields.String()
    at = Time()
    key_id = fields.String()
    public_key = fields.String()
    bound_by = fields.String()
    revoked_at = Time()


class PasswordIn(In):
    old = Text(1, 600, required=True)
    new = Text(1, 600, required=True)


class FactorIn(In):
    password = Text(1, 600, required=True)


class FactorOut(Out):
    secret = fields.String()
    otpauth = fields.String()


class RegistrationIn(In):
    name = Text(2, 200, required=True)
    uscc = Uscc(required=True)
    login = Text(3, 64, required=True)
    password = Text(1, 600, required=True)
    person_name = Text(1, 80, required=True)
    id_number = Text(6, 40, required=True)


NEXT = {
    "zh": "若该单位与登录名此前均未登记，现在即可登录；若不能登录，请联系本单位管理员。",
    "en": "If neither company nor login was known here before, sign in now; if that fails, ask "
          "whoever manages the company's accounts.",
}


class RegistrationOut(Out):
    """The same for everybody who registers, so that it tells nobody who is known (Q04)."""

    login = fields.String()
    next = fields.Function(lambda _: NEXT)


class PartyIn(In):
    name = Text(2, 200, required=True)
    uscc = Uscc(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(PARTY_KINDS))
    region = Text(2, 12)


class AccountIn(In):
    login = Text(3, 64, required=True)
    person_name = Text(1, 80, required=True)
    id_number = Text(6, 40, required=True)
    party_id = HexId()
    party = fields.Nested(PartyIn)
    purpose = fields.String(load_default="normal",
                            validate=validate.OneOf(("normal", "test", "supplier")))
    expires_at = Time(load_default=None, allow_none=True)


class AccountOut(Out):
    id = fields.String()
    login = fields.String()
    party_id = fields.String()
    purpose = fields.String()
    created_at = Time()
    expires_at = Time()
    disabled_at = Time()


class ActivationOut(Out):
    account_id = fields.Function(lambda new: new.account.id)
    activation_code = fields.String()
    until = fields.Function(lambda new: Time()._serialize(new.account.activation_until, "", new))


class ActivationIn(In):
    code = Text(1, 80, required=True)


class ActivationBegunOut(Out):
    login = fields.String()
    factor = fields.Nested(FactorOut, allow_none=True)


class ActivationDoneIn(In):
    code = Text(1, 80, required=True)
    password = Text(1, 600, required=True)
    totp = Text(1, 12, load_default=None, allow_none=True)


class ReasonIn(In):
    reason = Text(2, 500, required=True)


class ResetReasonIn(In):
    reason = Text(2, 200, required=True)


class ResetOut(Out):
    """A replacement under way, or how it ended."""

    id = fields.String()
    account_id = fields.String()
    login = fields.Function(lambda row: login_of(row.account_id))
    reason = fields.String()
    proposer = fields.Function(lambda row: login_of(row.proposed_by))
    proposed_at = Time()
    approver = fields.Function(lambda row: login_of(row.approved_by))
    approved_at = Time()
    until = Time()
    ended_at = Time()
    ended_why = fields.String()


class ResetCodeOut(Out):
    """The code for the owner, shown once to who approved."""

    id = fields.String()
    reset_code = fields.String()
    until = Time()


class ResetIn(In):
    """Whose second factor, and why."""

    login = Text(3, 80, required=True)
    reason = Text(2, 200, required=True)


class OwnerIn(In):
    """What the owner gives: the code that was handed over, beside login and password."""

    login = Text(1, 80, required=True)
    password = Text(1, 600, required=True)
    code = Text(1, 80, required=True)


class OwnerDoneIn(OwnerIn):
    """The same, and a code of the new factor."""

    totp = Text(1, 12, required=True)


class GrantIn(In):
    """`login` may stand for `account_id`."""

    account_id = HexId()
    login = Text(3, 80)
    role = fields.String(required=True, validate=validate.OneOf(GRANTED_ROLES))
    region = Text(0, 12, load_default="")
    specialty = Text(0, 40, load_default="")
    employer_uscc = Uscc(load_default="")
