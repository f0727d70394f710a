"""The least a server can do with an upload: hash each block, make it durable, forget the rest.

`gunicorn benchmarks.bare:app`, with the folder in BARE_FOLDER.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

BLOCK = 4 << 20


def app(environ, start):
    """PATCH a body: each 4 MiB is hashed, written, synced, renamed, its folder synced."""
    folder = Path(os.environ["BARE_FOLDER"])
    left, body = int(environ.get("CONTENT_LENGTH") or 0), environ["wsgi.input"]
    while left:
        data = body.read(min(BLOCK, left))
        if not data:
            break
        left -= len(data)
        name = hashlib.sha256(data).hexdigest()
        with open(folder / f"{name}.new", "xb", buffering=0) as file:
            file.write(data)
            os.fsync(file.fileno())
        os.replace(folder / f"{name}.new", folder / name)
        handle = os.open(folder, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)
    start("204 No Content", [])
    return [b""]
