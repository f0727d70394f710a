"""The outsiders of the demonstration: two witnesses and a time-stamping authority on loopback.

Each is a process of its own with a folder of its own, as a supervisor and a third party would
run them. The witnesses follow the demonstration's days; the authority stamps with the real time.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from . import tsa

if TYPE_CHECKING:
    from .stage import Stage

WITNESSES = ("supervisor", "university")


def start(stage: Stage) -> None:
    """Start witnesses and authority, and tell the platform of them."""
    _move(stage, 0)
    lines = [f"quorum {len(WITNESSES)}"]
    for name in WITNESSES:
        folder = stage.folder / "witnesses" / name
        log = f"witness-{name}.log"
        child = stage.start(
            "witness", "--folder", str(folder), "--log-vkey", str(stage.settings.keys / "log.vkey"),
            "--name", f"{name}.demo.example/witness", "--listen", "127.0.0.1:0",
            "--demonstration", str(_offset(stage)), log=log)
        vkey, listening = _said(stage, child, log, 2)
        lines.append(f"{vkey} http://{listening.split()[-1]}")
    policy = stage.folder / "witnesses" / "witnesses"
    policy.write_text("\n".join(lines) + "\n", "utf-8")
    stage.set(YANGGUANG_WITNESSES=str(policy))
    if tsa.missing():
        print("没有 openssl，演示不加盖时间戳 · openssl is missing: the record gets no time stamps")
        return
    child = stage.start(str(stage.folder / "tsa"), log="tsa.log", module="portal.demo.tsa")
    address, = _said(stage, child, "tsa.log", 1)
    stage.set(YANGGUANG_TSA=address, YANGGUANG_TSA_PEM=str(stage.folder / "tsa" / "tsa.pem"))


def forward(stage: Stage, to: datetime) -> None:
    """Move the witnesses' time to `to`."""
    _move(stage, round((to - datetime.now(UTC)).total_seconds() * 1000))


def _offset(stage: Stage) -> Path:
    return stage.folder / "witnesses" / "offset"


def _move(stage: Stage, milliseconds: int) -> None:
    path = _offset(stage)
    path.parent.mkdir(exist_ok=True)
    new = path.with_name("offset.new")
    new.write_text(str(milliseconds), "ascii")
    os.replace(new, path)


def _said(stage: Stage, child, log: str, lines: int) -> list[str]:
    """The first lines a process prints."""
    limit = time.monotonic() + 300
    while time.monotonic() < limit and child.poll() is None:
        text = (stage.folder / log).read_text("utf-8")
        if text.count("\n") >= lines:
            return text.splitlines()[:lines]
        time.sleep(0.05)
    raise RuntimeError(f"{log}: {(stage.folder / log).read_text('utf-8')[-2000:]}")
