"""Where a tenderer's program keeps what is its own, on each kind of system; file modes.

One function knows the folders. Files with secrets belong to their owner alone where the system
has modes; on Windows they lie in the user's own profile, which others cannot read.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

NAME = "yangguang"


def profile(system: str, environ: Mapping[str, str], home: str) -> PurePath:
    """The folder of pinned keys and settings, for `sys.platform` and the environment given.

    `YANGGUANG_PROFILE` wins everywhere. Linux: XDG_CONFIG_HOME or ~/.config; macOS:
    ~/Library/Application Support; Windows: APPDATA or AppData/Roaming in the profile.
    """
    kind = PureWindowsPath if system == "win32" else PurePosixPath
    if environ.get("YANGGUANG_PROFILE"):
        return kind(environ["YANGGUANG_PROFILE"])
    if system == "win32":
        own = environ.get("APPDATA")
        return (kind(own) if own else kind(home) / "AppData" / "Roaming") / "Yangguang"
    if system == "darwin":
        return kind(home) / "Library" / "Application Support" / "Yangguang"
    # An XDG folder that is not absolute is to be ignored (XDG base directory specification).
    own = environ.get("XDG_CONFIG_HOME", "")
    return (kind(own) if own.startswith("/") else kind(home) / ".config") / NAME


def make_folder(path: Path) -> Path:
    """Make a folder of its owner's alone, if it is not there."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def write_whole(path: Path, text: str, *, new: bool = False) -> None:
    """Write a file of its owner's alone: the old content or the new, never a half.

    `new`: FileExistsError when it is there already.
    """
    if new and path.exists():
        raise FileExistsError(f"{path} is there already")
    temporary = path.with_name(path.name + ".new")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable, where a folder can be opened at all."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
