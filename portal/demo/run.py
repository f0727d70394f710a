"""`yangguang demo`: set the stage, play the story, gather the evidence, serve the site."""

from __future__ import annotations

import argparse
import os
import signal
import time
from pathlib import Path

from . import evidence, outsiders
from .stage import Stage
from .story import Story


def run(options: argparse.Namespace) -> int:
    """Play the demonstration; return the exit status. Without `--exit` serve until told to stop."""
    with Stage(Path(options.folder)) as stage:
        print(f"演示目录 {stage.folder}", flush=True)
        stage.command("migrate", "--create", "demo")
        outsiders.start(stage)
        stage.serve()
        story = Story(stage, options.megabytes)
        story.play()
        evidence.gather(story)
        print(stage.command("verify", str(stage.evidence), "--panel", str(stage.folder / "panel")))
        evidence.gather_village(story)
        village = stage.folder / "village"
        checked = stage.command("verify", str(village), "--panel",
                                str(stage.folder / "village-panel"))
        print(f"村级工程 village: {os.path.relpath(village)}\n{checked}")
        place, panel = (os.path.relpath(one) for one in (stage.evidence, stage.folder / "panel"))
        print(f"\n完成，用时 {story.voice.elapsed():.0f} 秒 · done. 证据 evidence: {place}")
        print(f"核验 verify: .venv/bin/yangguang verify {place}   （评审与监督 panel: --panel {panel}）",
              flush=True)
        story.left_open()
        print(f"网站 site: {stage.address}/   试一试 try it: {stage.address}/try", flush=True)
        print(f"管理台 the administrators' own door: {stage.admin_address}/", flush=True)
        if not options.exit:
            _serve(stage)
    return 0


def _serve(stage: Stage) -> None:
    print("Ctrl-C 结束 to stop", flush=True)
    stopped: list[bool] = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.append(True))
    while not stopped and all(child.poll() is None for child in stage.children):
        time.sleep(0.3)
