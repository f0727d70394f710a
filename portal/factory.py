"""Building the application: database, guard, wiring, books, errors, and the check at boot.

An installation is refused at start when its schema is not the present one, when it is told to
accelerate time on a database that was not created as a demonstration, or when a route is
missing its audience.
"""

from __future__ import annotations

from datetime import timedelta

from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError

import bidding.api
import bidding.hall
import bidding.pages
import bidding.tus
import evaluation.api
import evaluation.defaulting.api
import evaluation.defaulting.pages
import evaluation.frameworks.api
import evaluation.frameworks.pages
import evaluation.inviting.api
import evaluation.lottery.api
import evaluation.pages
import evaluation.seeds
import evaluation.services.api
import evaluation.validity.api
import guarantees.api
import people.accounts
import people.api
import people.consoles
import people.office_api
import people.own_api
import people.pagebook
import people.pages
import people.reset_api
import people.watch_api
import portal.acts
import portal.alerts.api
import portal.alerts.bound
import portal.alerts.fallen
import portal.alerts.safety
import portal.api
import portal.calendars
import portal.exchange.api
import portal.forgetting
import portal.health
import portal.models
import portal.ocds.api
import portal.ocds.statements
import portal.opendata
import portal.record
import portal.search.api
import portal.trying
import portal.webhooks.api
import supervision.api
import supervision.complaints.api
import supervision.complaints.pages
import supervision.pages
import supervision.village
import tender.api
import tender.pages
import tender.reading
from audit import guard, spelled, timestamps, witnessing
from audit.act import CATALOGUE, Wiring
from audit.keys import platform_key, verifier
from bidding.acts import close_if_due
from bidding.rules import limits as bid_limits
from kernel.clock import Clock
from kernel.db import Installation, configure_sqlite, db
from kernel.store import Store
from people.edge import ROUTES
from people.language import English
from people.permissions import ACTIONS

from . import headers, listeners, postgres, problems, traces, vendor
from .alerts.smtp import server_of
from .authority import allowed_actions, authority
from .config import NotReady, Settings
from .listeners import ADMINISTRATORS
from .pages import pages
from .revision import head, schema_of
from .scanning.clamd import scanner_of
from .webhooks.addresses import rule_of

BOOKS = (people.api, people.own_api, people.office_api, people.reset_api, people.watch_api,
         tender.api, guarantees.api, bidding.api, evaluation.api, evaluation.services.api,
         evaluation.inviting.api, evaluation.lottery.api, evaluation.validity.api, evaluation.defaulting.api,
         evaluation.frameworks.api, supervision.api,
         supervision.complaints.api, portal.record, portal.ocds.api,
         portal.exchange.api, portal.calendars, portal.opendata, portal.search.api,
         portal.webhooks.api,
         portal.alerts.api, portal.api)
"""The modules that declare JSON routes on a Book called `api`."""

PAGES = (people.pages.pages, people.accounts.pages, people.consoles.pages, portal.trying.pages,
         portal.health.pages, bidding.pages.pages, bidding.hall.pages, tender.pages.pages,
         evaluation.pages.pages, evaluation.defaulting.pages.pages,
         evaluation.frameworks.pages.pages, supervision.pages.pages,
         supervision.village.pages,
         supervision.complaints.pages.pages, pages)
"""The pages of each package; portal's last, whose check sees those of all."""

HIDDEN = {"hide_parameters": True}
"""A failed statement goes to the log without its values: names, addresses, sealed secrets."""


def create_app(settings: Settings, clock: Clock | None = None, listener: str = "") -> Flask:
    """The application of one installation. `clock` replaces the host's clock in tests;
    `listener` is the door it answers behind (listeners.py).

    Raises NotReady.
    """
    settings.check()
    traces.install()
    app = Flask("portal", static_folder="static", template_folder="templates")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=settings.url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        MAX_CONTENT_LENGTH=256 << 20, MAX_FORM_PARTS=1000, TRUSTED_HOSTS=settings.admin_hosts if listener == ADMINISTRATORS else settings.hosts)
    db.init_app(app)
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            configure_sqlite(db.engine)
        else:
            postgres.keep_prepared(db.engine)
            postgres.ask_the_quiet(db.engine)
        guard.install(db.engine)
        check_installation(db.engine, settings)
    app.extensions["yangguang"] = Wiring(
        clock=clock or Clock(), authority=authority, close_if_due=close_if_due,
        store=Store(settings.folder / "objects"), platform_key=platform_key(settings.keys),
        settings=wired_settings(settings), allowed_actions=allowed_actions,
        open_lots=tender.reading.sealed_lots, awaited=evaluation.seeds.awaited_checkpoints,
        announce=portal.ocds.statements.announce)
    for book in BOOKS:
        app.register_blueprint(book.api)
    people.pagebook.install(app)
    for book in PAGES:
        app.register_blueprint(book)
    app.wsgi_app = English(app.wsgi_app)
    listeners.install(app, listener)
    problems.install(app)
    headers.install(app)
    bidding.tus.install(app)
    check_routes(app)
    return app


def wired_settings(settings: Settings) -> dict[str, object]:
    """What packages may read through the wiring."""
    return {
        "secret": (settings.keys / "secret").read_bytes(),
        "keys": settings.keys,
        "record": settings.record,
        "cache": settings.folder / "cache",
        "mail": server_of(settings.smtp, settings.smtp_password, settings.mail_from),
        "scanner": scanner_of(settings.clamd),
        "webhooks": rule_of(settings.webhooks, settings.webhook_networks),
        "sheets": settings.folder / "reconciliation",
        **outsiders(settings),
        "log_origin": settings.log_origin,
        "log_vkey": str(verifier(settings.keys, "log")),
        "platform_vkey": str(verifier(settings.keys, "platform")),
        "guarantor_hosts": settings.guarantor_hosts,
        "argon2": tuple(int(part) for part in settings.argon2.split(",")),
        "offline_sealer": vendor.offline_sealer(),
        "bid_limits": bid_limits(),
        "store_full": int(settings.store_full),
        "accelerator": settings.accelerator == "1",
        **{name: getattr(settings, name) for name in ("public_url", "ocid_prefix", "operator_uscc")
           if getattr(settings, name)},
        "trusted_proxies": int(settings.trusted_proxies),
        "rate_per_minute": int(settings.rate_per_minute),
        "doubt_minutes": int(settings.doubt_minutes),
        "password_complexity": settings.password_complexity != "0",
        "ca": settings.ca,
        "review_plugins": settings.review_plugins,
        "key_cooling": timedelta(hours=int(settings.key_cooling_hours)),
    }


def outsiders(settings: Settings) -> dict[str, object]:
    """Those the sequencer asks: witnesses and a time-stamping authority, None where not set.

    Raises NotReady.
    """
    try:
        return {"witnesses": witnessing.configured(settings.witnesses),
                "stamping": timestamps.configured(settings.tsa, settings.tsa_pem,
                                                  int(settings.tsa_minutes))}
    except (witnessing.BadWitnesses, timestamps.BadAuthority) as error:
        raise NotReady(str(error)) from error


def _engine_options(settings: Settings) -> dict[str, object]:
    if not settings.url.startswith("postgresql"):
        return HIDDEN | {"json_serializer": spelled.dumps, "connect_args": {"timeout": 15}}
    return HIDDEN | {
        "json_serializer": spelled.dumps,
        "pool_size": int(settings.pool), "max_overflow": 6, "pool_timeout": 10,
        "connect_args": {"options": postgres.OPTIONS}}


def check_installation(engine: Engine, settings: Settings) -> None:
    """Raise NotReady unless the database holds an installation that may run so."""
    try:
        with engine.connect() as connection:
            row = connection.execute(select(Installation.kind, Installation.log_origin)).first()
    except DBAPIError as error:
        raise NotReady("The database cannot be read, or has no tables yet. Run: "
                       "yangguang migrate") from error
    if row is None:
        raise NotReady("This database holds no installation. Run: yangguang migrate --create "
                       "production")
    if row.kind != "test" and schema_of(engine) != head():
        raise NotReady(f"The schema is {schema_of(engine)}, this program's is {head()}. Run: "
                       "yangguang migrate")
    if settings.accelerator and row.kind not in ("demo", "test"):
        raise NotReady(f"{settings.variable('accelerator')} is set, but this database was created "
                       f"as '{row.kind}': its time is nobody's to move.")
    if row.log_origin != settings.log_origin:
        raise NotReady(f"This installation's record is '{row.log_origin}', but "
                       f"{settings.variable('log_origin')} says '{settings.log_origin}'.")


def check_routes(app: Flask) -> None:
    """Raise NotReady when a route declares no audience or stands for an unknown action."""
    declared = {(route.method, route.rule) for route in ROUTES}
    page_rules = app.extensions.get("yangguang_pages", set())
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            if (method, rule.rule) not in declared | page_rules:
                raise NotReady(f"{method} {rule.rule} declares no audience")
    for kind in CATALOGUE.values():
        if kind.action is not None and kind.action not in ACTIONS:
            raise NotReady(f"the act {kind.name} stands for {kind.action}, which is no action")
    for route in ROUTES:
        if route.action is not None and ACTIONS[route.action].nobody:
            raise NotReady(f"{route.method} {route.rule} stands for an action of nobody")
