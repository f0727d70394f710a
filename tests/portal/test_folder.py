"""What lies in the data folder is the platform's own: no other user of the machine reads it."""

import os
import stat

from kernel.store import Store
from portal.config import Settings
from portal.migrate import migrate


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_no_other_user_of_the_machine_reads_the_database_or_the_objects(tmp_path):
    before = os.umask(0o022)
    try:
        settings = Settings(data=str(tmp_path / "data"))
        migrate(settings, "test")
        Store(settings.folder / "objects").put(b"sealed")
    finally:
        os.umask(before)
    assert mode(settings.folder / "objects") == 0o700
    assert {mode(path) for path in settings.folder.glob("yangguang.db*")} == {0o600}
    assert mode(settings.keys) == 0o700


def test_a_database_made_before_is_closed_to_others_too(tmp_path):
    settings = Settings(data=str(tmp_path / "data"))
    migrate(settings, "test")
    (settings.folder / "yangguang.db").chmod(0o644)
    (settings.folder / "objects").chmod(0o755)
    migrate(settings)
    assert mode(settings.folder / "yangguang.db") == 0o600
    assert mode(settings.folder / "objects") == 0o700
