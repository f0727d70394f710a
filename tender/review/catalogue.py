"""All rules, and what becomes of a subject under them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kernel.canonical import jcs, sha256

from . import course, origin, security
from .base import Hit, Rule, Subject

RULES: tuple[Rule, ...] = tuple(one() for one in (
    origin.LocalBranch, origin.LocalTax, origin.LocalAward, origin.TradeAward, origin.LocalBonus,
    origin.LocalPurchase, origin.ForeignFirms, origin.LocalFiling, origin.Ownership,
    origin.LegalForm, origin.Capital, origin.Scale, origin.MarketShare, origin.Address,
    origin.Brand, origin.Patent, origin.Origin, origin.Supplier, origin.Association,
    origin.LocalTraining, origin.LegalRepresentative, origin.CreditCertificate,
    origin.CancelledLicence, security.CashOnly, security.NamedGuarantor, security.GuaranteeRate,
    security.GuaranteeAmount, security.GuaranteeField, security.GuaranteeKinds, security.ExtraForfeiture,
    course.DocumentFee, course.SignUp, course.ExtraDeposit, course.PerformanceRate,
    course.FormalRejection, course.MinimumPrice, course.CeilingUnsaid, course.BidPeriod,
    course.DownloadPeriod, course.ObjectionPeriod, course.PublicityPeriod, course.VagueScoring,
    course.Lottery, course.SiteVisit, course.Concession, course.Prefinance, course.Gifts,
    course.OfflineOnly, course.VagueFactor, course.UnreadPaper,
))
"""Ours, in the order in which their hits are shown."""

Plugin = Callable[[Subject], Iterable[Hit]]


@dataclass(frozen=True)
class Inspection:
    """What the rules said of a subject: the hits, and the plug-ins that failed, by name."""

    hits: tuple[Hit, ...]
    failed: Mapping[str, str]


def inspect(subject: Subject, plugins: Mapping[str, Plugin] = {}) -> Inspection:
    """Ask every rule, then every plug-in; a plug-in that fails is named and blocks nothing."""
    found: dict[str, Hit] = {}
    for rule in RULES:
        for hit in rule.check(subject):
            found.setdefault(hit.key, hit)
    failed = {}
    for name, plugin in sorted(plugins.items()):
        try:
            for hit in plugin(subject):
                own = Hit(hit.rule, str(hit.quotation)[:500], hit.paper, hit.page,
                          hit.paragraph, hit.lot, str(hit.field), name)
                jcs(own.as_json())
                found.setdefault(own.key, own)
        except Exception as error:  # noqa: BLE001  (a stranger's code, whose failure blocks nobody)
            failed[name] = type(error).__name__
    return Inspection(tuple(found.values()), failed)


def rules_hash(plugins: Mapping[str, Plugin] = {}) -> str:
    """What names the present rules, with versions and plug-ins; hex."""
    return sha256(jcs([[[rule.id, rule.version] for rule in RULES], sorted(plugins)])).hex()
