"""The law of bid security: what an instrument must say, when it is released, what it earns.

Values in, answer or Refused out. Days are Beijing days; money is integer fen and every
intermediate number a Decimal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from urllib.parse import urlsplit

from tender.profile import Profile, rate
from tender.timetable import beijing_day, release_due, start_of

from . import refusals
from .instrument import CASH_DEPOSIT, KINDS, Confirmation, Instrument, Order
from .lifecycle import Cause

DAYS_IN_YEAR = 360
"""积数计息: actual days over 360 (PBoC's counting for deposits; worked example BD-2)."""


@dataclass(frozen=True)
class Demand:
    """What a lot asks of a security. `needed_until` is the last day of the bids' validity."""

    tender: str
    lot: str
    beneficiary: str
    amount_fen: int
    kinds: tuple[str, ...]
    needed_until: date


@dataclass(frozen=True)
class Timing:
    """When a release happens. The clock orders it from `order_from` on; the law's last day
    is `due_day`, so that an outage of some days still keeps the law."""

    order_from: datetime
    due_day: date


WAIT_DAYS = {Cause.TERMINATED: 0, Cause.FAILED: 0, Cause.PLATFORM_FAULT: 0}
"""Calendar days the clock waits before it orders a release; 1 where a cause is not named. Ours:
a day in which a mistake is seen, well within the law's five (实施条例 35, 57)."""

_RULE = {
    Cause.WITHDRAWN: "withdrawal", Cause.LOST: "contract", Cause.CONTRACTED: "contract",
    Cause.TERMINATED: "terminated", Cause.FAILED: "failed", Cause.PLATFORM_FAULT: "terminated",
    Cause.EXTENSION_REFUSED: "withdrawal",
}


def check_instrument(instrument: Instrument, demand: Demand, now: datetime) -> None:
    """Refuse an instrument that does not secure this lot (实施条例 26; rulebook 6.3 VERIFIED)."""
    if demand.amount_fen == 0:
        raise refusals.NOT_REQUIRED()
    if (instrument.tender, instrument.lot) != (demand.tender, demand.lot):
        raise refusals.WRONG_LOT()
    if instrument.beneficiary != demand.beneficiary:
        raise refusals.WRONG_BENEFICIARY()
    if instrument.kind not in demand.kinds:
        raise refusals.KIND_NOT_ACCEPTED(kind=instrument.kind, kinds=", ".join(demand.kinds))
    if instrument.amount_fen < demand.amount_fen:
        raise refusals.TOO_SMALL(amount_fen=instrument.amount_fen, required_fen=demand.amount_fen)
    if instrument.issued_at > now or (
            instrument.received_on is not None and instrument.received_on > beijing_day(now)):
        raise refusals.NOT_YET()
    until = instrument.valid_until
    if until is not None and until < demand.needed_until:
        raise refusals.TOO_SHORT(valid_until=until.isoformat(),
                                 needed_until=demand.needed_until.isoformat())


def kinds_of(listed: Iterable[str] | None) -> tuple[str, ...]:
    """The kinds a lot accepts; a document that lists none may not limit the form (FC16 11)."""
    return tuple(kind for kind in KINDS if kind in set(listed or KINDS))


def timing(cause: Cause, at: datetime, profile: Profile) -> Timing:
    """When the release for `cause`, which arose at `at`, is ordered and by what day (T15-T17)."""
    due_day = release_due(profile, _RULE[cause], at)
    wait = WAIT_DAYS.get(cause, 1)
    order_day = min(beijing_day(at) + timedelta(days=wait), due_day)
    return Timing(max(at, start_of(order_day)), due_day)


def interest_fen(principal_fen: int, annual_rate: Decimal | str, received_on: date,
                 value_date: date) -> int:
    """Simple interest, actual/360, the day of receipt counted and the day of return not, to
    the fen HALF_UP (实施条例 57; BD-2). 0 when it goes back on the day it came."""
    yearly = Decimal(annual_rate)
    if not yearly.is_finite() or yearly < 0 or principal_fen < 0:
        raise ValueError("a rate and a principal are finite and not below zero")
    days = max((value_date - received_on).days, 0)
    with localcontext() as context:
        context.prec = 80
        exact = Decimal(principal_fen) * yearly * days / DAYS_IN_YEAR
        return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def interest_due(kind: str, principal_fen: int, received_on: date | None, value_date: date,
                 profile: Profile) -> int:
    """What goes back beside the principal: interest on cash, nothing on a guarantee, where
    nothing was deposited (rulebook 6.5)."""
    if kind != CASH_DEPOSIT or received_on is None:
        return 0
    return interest_fen(principal_fen, rate(profile, "R57.deposit_rate"), received_on, value_date)


def check_confirmation(confirmation: Confirmation, order: Order) -> None:
    """Refuse a confirmation that says anything else than the order did (I15)."""
    for name, ours in vars(order).items():
        if getattr(confirmation.order, name) != ours:
            raise refusals.CONFIRMATION_DIFFERS(field=name)


LOOPBACK = ("127.0.0.1", "::1", "localhost")


def check_address(address: str, hosts: Iterable[str]) -> None:
    """Refuse an interface that is not https, or whose host the configuration does not name.

    Plain http is for a guarantor on this very machine. Only an operator registers addresses;
    nothing a user sends is ever fetched.
    """
    parts = urlsplit(address)
    try:
        port_ok = parts.port is None or parts.port > 0
    except ValueError:
        port_ok = False
    if not port_ok or parts.username or parts.query or parts.fragment:
        raise refusals.BAD_ADDRESS(problem="port, user, query or fragment")
    if parts.hostname is None or parts.hostname not in set(hosts):
        raise refusals.BAD_ADDRESS(problem="host is not configured")
    if parts.scheme != "https" and (parts.scheme, parts.hostname in LOOPBACK) != ("http", True):
        raise refusals.BAD_ADDRESS(problem="scheme")
