"""Where a tenderer's program keeps what is its own, on each kind of system; file modes.

One function knows the folders. Files with secrets belong to their owner alone where the system
has modes; on Windows they lie in the user's own profile, which others cannot read.
"""

from __future__ import annotations

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
