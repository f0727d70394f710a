"""What `./dev build` lays beside the site for browsers: the sealing module, the offline sealer.

It is made of our sources and of npm packages, so it is not in the repository; the wheel carries
it. A checkout that was not built has none, and its notices name no offline sealer.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "vendor"
OFFLINE_SEALER = "yangguang-sealer.html"
URL = "/static/vendor/"


def offline_sealer(folder: Path = FOLDER) -> dict[str, str] | None:
    """SHA-256 and address of the offline sealer this installation hands out; None: not built."""
    try:
        data = (folder / OFFLINE_SEALER).read_bytes()
    except FileNotFoundError:
        return None
    return {"sha256": hashlib.sha256(data).hexdigest(), "url": URL + OFFLINE_SEALER}
