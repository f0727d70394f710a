"""What an installation is told from outside: one dataclass, one environment variable a field."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from .alerts.smtp import server_of
from .scanning.clamd import scanner_of
from .webhooks.addresses import networks_of


def _setting(env: str, doc: str, default: str):
    return field(default=default, metadata={"env": env, "doc": doc})


class NotReady(RuntimeError):
    """The installation may not start; the message says why and what to do."""


class BadSetting(ValueError):
    """A setting that cannot be used; the message names its variable."""


@dataclass(frozen=True)
class Settings:
    """Every setting, as text; the properties below give them their types.

    docs/configuration.md is printed from this table.
    """

    data: str = _setting("YANGGUANG_DATA", "Folder of the embedded database, files, keys and "
                         "the public record.", "var/yangguang")
    database_url: str = _setting("DATABASE_URL", "SQLAlchemy address of the database; empty: "
                                 "SQLite in the data folder. On PostgreSQL the application's "
                                 "role, as `postgresql+psycopg://yangguang_app:…@host/yangguang`.",
                                 "")
    owner_url: str = _setting("DATABASE_OWNER_URL", "The same database as its owner; used by "
                              "`migrate` only. Empty: DATABASE_URL.", "")
    log_origin: str = _setting("YANGGUANG_LOG_ORIGIN", "Name of the record (C2SP origin line); "
                               "fixed when the installation is created.",
                               "yangguang.example/log")
    accelerator: str = _setting("YANGGUANG_ACCELERATOR", "`1` lets the command line move the days "
                                "of a demonstration forward; any other database refuses to "
                                "start with it.", "")
    argon2: str = _setting("YANGGUANG_ARGON2", "Cost of password hashes: time, memory in KiB, "
                           "lanes.", "3,65536,2")
    pool: str = _setting("YANGGUANG_POOL", "Database connections a worker may hold.", "8")
    guarantor_hosts: str = _setting("YANGGUANG_GUARANTOR_HOSTS", "Hosts, separated by commas, "
                                    "that a guarantor's interface may lie on.", "127.0.0.1")
    public_url: str = _setting("YANGGUANG_PUBLIC_URL", "The site's address as the public sees it; "
                               "other names in Host are refused. Empty: as each request says, "
                               "and a server on 127.0.0.1 answers to local names alone.", "")
    ocid_prefix: str = _setting("YANGGUANG_OCID_PREFIX", "Prefix of OCIDs, as the Open Contracting "
                                "Partnership registered it for this publisher.", "ocds-yg2026")
    operator_uscc: str = _setting("YANGGUANG_OPERATOR_USCC", "Unified social credit code of who "
                                  "runs the platform, for 统一交易标识码; empty: the buyer's.", "")
    host: str = _setting("YANGGUANG_HOST", "Address the server listens on.", "127.0.0.1")
    port: str = _setting("YANGGUANG_PORT", "Port the server listens on.", "8080")
    admin_host: str = _setting("YANGGUANG_ADMIN_HOST", "Address the administrators' own door listens "
                               "on; the public's has none of their pages and operations.",
                               "127.0.0.1")
    admin_port: str = _setting("YANGGUANG_ADMIN_PORT", "Port of the administrators' door; empty: one "
                               "above YANGGUANG_PORT; `0`: there is no such door.", "")
    admin_names: str = _setting("YANGGUANG_ADMIN_NAMES", "Names, separated by commas, under which "
                                "administrators may ask for their door, beside its address.", "")
    workers: str = _setting("YANGGUANG_WORKERS", "Worker processes of the server.", "2")
    store_full: str = _setting("YANGGUANG_STORE_FULL", "Percent of the disk under the files that may "
                               "be in use before no new bid is declared; bids that were declared go "
                               "on into what is left.", "90")
    trusted_proxies: str = _setting("YANGGUANG_TRUSTED_PROXIES", "How many proxies in front of the "
                                    "server are ours; only theirs of X-Forwarded-For is believed.",
                                    "0")
    rate_per_minute: str = _setting("YANGGUANG_RATE_PER_MINUTE", "Requests a minute an account or "
                                    "address may make to one worker; 0: no limit.", "1200")
    password_complexity: str = _setting("YANGGUANG_PASSWORD_COMPLEXITY", "`1`: three kinds of "
                                        "characters are asked for (等保); `0`: length alone.",
                                        "1")
    witnesses: str = _setting("YANGGUANG_WITNESSES", "File that names the witnesses: `quorum N`, "
                              "then a line `vkey url` for each. Empty: none, and the site says "
                              "that it does not prove that nobody adds a bid afterwards.", "")
    tsa: str = _setting("YANGGUANG_TSA", "Address of an RFC 3161 time-stamping authority; empty: "
                        "checkpoints are not stamped.", "")
    tsa_pem: str = _setting("YANGGUANG_TSA_PEM", "File with the authority's certificates, its root "
                            "among them, in PEM.", "")
    tsa_minutes: str = _setting("YANGGUANG_TSA_MINUTES", "Minutes after which a new checkpoint is "
                                "stamped; closes and openings are always.", "60")
    ca: str = _setting("YANGGUANG_CA", "Folder of certificate authorities: `roots/*.pem` and the "
                       "current revocation lists `crl/*.pem`; empty: no certificate is taken.", "")
    key_cooling_hours: str = _setting("YANGGUANG_KEY_COOLING_HOURS", "Hours that a company's "
                                      "further signing key waits before it may sign a bid.", "24")
    doubt_minutes: str = _setting("YANGGUANG_DOUBT_MINUTES", "How near to a deadline a disagreement "
                                  "of the time sources by more than a second puts a lot in doubt.",
                                  "15")
    webhooks: str = _setting("YANGGUANG_WEBHOOKS", "Which webhooks are called. `approve`: those the "
                             "operator approves; a list of hosts, separated by commas "
                             "(`*.example.gov.cn` for all below): those, and at once; `off`: "
                             "none.", "approve")
    webhook_networks: str = _setting("YANGGUANG_WEBHOOK_NETWORKS", "Networks that are not public "
                                     "and that webhooks may reach nevertheless, as `10.1.0.0/16`, "
                                     "separated by commas; there also http and any port. Empty: "
                                     "none, and public addresses over https alone.", "")
    review_plugins: str = _setting("YANGGUANG_REVIEW_PLUGINS", "More rules for the review of bidding "
                                   "documents: `module:function`, separated by commas.", "")
    clamd: str = _setting("YANGGUANG_CLAMD", "This machine's clamd, which is asked about documents, "
                          "papers and the files of opened bids: `unix:/run/clamav/clamd.ctl` or "
                          "`tcp:127.0.0.1:3310`. Empty: nothing is scanned, and downloads say so.",
                          "")
    smtp: str = _setting("YANGGUANG_SMTP", "Mail server for digests: `smtps://user@host`, "
                         "`smtp+starttls://user@host:587`, or `smtp://127.0.0.1` for this "
                         "machine's own; with it the site's public address is needed. "
                         "Empty: no mail.", "")
    smtp_password: str = _setting("YANGGUANG_SMTP_PASSWORD", "File with the mail server's "
                                  "password.", "")
    mail_from: str = _setting("YANGGUANG_MAIL_FROM", "Address that letters come from.", "")
    tick_seconds: str = _setting("YANGGUANG_TICK_SECONDS", "Seconds between two ticks of the "
                                 "clock.", "1")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the environment; raise BadSetting for one that cannot be used."""
        environ = os.environ if environ is None else environ
        given = {item.name: environ[item.metadata["env"]] for item in fields(cls)
                 if item.metadata["env"] in environ}
        settings = cls(**given)
        settings.check()
        return settings

    def check(self) -> None:
        """Raise BadSetting naming the first variable that cannot be used."""
        for name in ("pool", "port", "workers", "store_full", "trusted_proxies", "rate_per_minute",
                     "tsa_minutes", "key_cooling_hours", "doubt_minutes"):
            if not getattr(self, name).isdecimal():
                raise BadSetting(f"{self.variable(name)} is not a number")
        if self.admin_port and not self.admin_port.isdecimal():
            raise BadSetting(f"{self.variable('admin_port')} is not a number")
        if self.admin_at == int(self.port):
            raise BadSetting(f"{self.variable('admin_port')} is the public's port")
        try:
            networks_of(self.webhook_networks)
        except ValueError as error:
            raise BadSetting(f"{self.variable('webhook_networks')}: {error}") from error
        try:
            scanner_of(self.clamd)
        except ValueError as error:
            raise BadSetting(f"{self.variable('clamd')}: {error}") from error
        try:
            server_of(self.smtp, self.smtp_password, self.mail_from)
        except ValueError as error:
            raise BadSetting(f"{self.variable('smtp')}: {error}") from error
        if self.smtp and not self.public_url:
            raise BadSetting(f"{self.variable('public_url')} is needed beside "
                             f"{self.variable('smtp')}: letters lead to the site")
        if len(self.argon2.split(",")) != 3:
            raise BadSetting(f"{self.variable('argon2')} needs three numbers")

    @staticmethod
    def variable(name: str) -> str:
        """The environment variable of the field `name`."""
        return next(item.metadata["env"] for item in fields(Settings) if item.name == name)

    @property
    def hosts(self) -> list[str] | None:
        """The names under which requests may ask for this site; None: any, because it listens to
        other machines and was not told its address."""
        near = ["localhost", "127.0.0.1"]
        if self.public_url:
            return [*near, self.host, urlsplit(self.public_url).netloc.rpartition("@")[2]]
        return near if self.host in near else None

    @property
    def admin_at(self) -> int:
        """The port of the administrators' door; 0: there is none."""
        return int(self.admin_port) if self.admin_port else int(self.port) + 1

    @property
    def admin_hosts(self) -> list[str]:
        """The names under which requests may ask for the administrators' door."""
        named = [name.strip() for name in self.admin_names.split(",") if name.strip()]
        return ["localhost", "127.0.0.1", self.admin_host, *named]

    @property
    def folder(self) -> Path:
        """The data folder, absolute."""
        return Path(self.data).resolve()

    @property
    def keys(self) -> Path:
        """Where the platform's private keys lie; mode 0700."""
        return self.folder / "keys"

    @property
    def record(self) -> Path:
        """The public record: tiles and checkpoint."""
        return self.folder / "record"

    @property
    def url(self) -> str:
        """The address the application uses."""
        return _psycopg(self.database_url) or f"sqlite:///{self.folder / 'yangguang.db'}"

    @property
    def migration_url(self) -> str:
        """The address migrations use."""
        return _psycopg(self.owner_url) or self.url


def _psycopg(url: str) -> str:
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
