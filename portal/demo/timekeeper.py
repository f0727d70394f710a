"""The supervisor's clock holder in the story: a service of its own, on the demonstration's days."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .stage import Stage
    from .web import Person


def begin(stage: Stage, person: Person, lot: str, suite: str) -> str:
    """Make the service's folder and register its key for a lot; return the key's id."""
    witnesses = stage.settings.witnesses
    # Where a real one stands, systemd hands it over (docs/threat-model.md).
    _passphrase(stage).touch(mode=0o600)
    _passphrase(stage).write_text(secrets.token_urlsafe(24), "ascii")
    stage.command(
        "clock-holder", "init", *_where(stage), "--url", stage.address, "--login", person.login, "--log-key", str(stage.settings.keys / "log.vkey"),
        *(("--witnesses", witnesses) if witnesses else ()),
        given=f"{person.password}\n{person.totp_secret}\n",
    )
    return stage.command("clock-holder", "add", lot, "--suite", suite, *_where(stage))


def run(stage: Stage) -> None:
    """Start the service: from here on it does its part unasked."""
    stage.start("clock-holder", "run", "--every", "1", *_where(stage), log="clock-holder.log")


def _folder(stage: Stage) -> Path:
    return stage.folder / "clock-holder"


def _passphrase(stage: Stage) -> Path:
    return stage.folder / "clock-holder.passphrase"


def _where(stage: Stage) -> tuple[str, ...]:
    return ("--folder", str(_folder(stage)), "--passphrase-file", str(_passphrase(stage)),
            "--demonstration", str(stage.folder / "witnesses" / "offset"))
