"""Everything that changes people: who they are, what they are granted, what is their own."""

from .accounts import (
    NewAccount,
    activate,
    appoint_administrator,
    create_account,
    disable_account,
    issue_activation,
    register_company,
    register_party,
    vouch_first,
)
from .erasure import approve_erasure, propose_erasure
from .grants import approve_grant, propose_grant, propose_revocation
from .keys import acknowledge_notice, bind_signing_key, name_key, revoke_signing_key
from .own import change_password, confirm_factor, issue_token, revoke_token, vouch
from .recovery import issue_recovery_codes, use_recovery_code
from .resetting import (
    approve_reset,
    ask_reset,
    end_all_sessions,
    propose_reset,
    replace_factor,
    second_reset,
    stop_reset,
)
from .settling import (
    approve_parameters,
    approve_policy,
    propose_parameters,
    propose_policy,
    reject_parameters,
    reject_policy,
)

__all__ = [
    "NewAccount", "acknowledge_notice", "activate", "appoint_administrator", "approve_erasure",
    "approve_grant", "approve_parameters", "approve_policy", "approve_reset", "ask_reset",
    "bind_signing_key", "change_password", "confirm_factor", "create_account", "disable_account",
    "end_all_sessions", "issue_activation", "issue_recovery_codes", "issue_token", "name_key",
    "propose_erasure", "propose_grant", "propose_parameters", "propose_policy", "propose_reset",
    "propose_revocation", "register_company", "register_party", "reject_parameters",
    "reject_policy", "replace_factor", "revoke_signing_key", "revoke_token", "second_reset",
    "stop_reset", "use_recovery_code", "vouch", "vouch_first",
]
