"""Print the answers of all samples anew: `python -m tests.samples`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from audit.keys import Keys
from portal.factory import create_app
from tests.world import ORIGIN, World, WorldClock, create_schema, settings_for

from .stage import ROOT, Stage, printed


def main() -> None:
    """Make an installation in a temporary folder, ask it, write the documents."""
    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(Path(folder) / "data")
        settings.folder.mkdir()
        Keys.make(settings.keys, ORIGIN)
        (settings.keys / "secret").write_bytes(bytes(32))
        create_schema(settings)
        application = create_app(settings, WorldClock())
        application.testing = True
        with application.app_context():
            for name, text in printed(Stage(World(application, settings))).items():
                (ROOT / name).write_text(text, encoding="utf-8")
                print(name)


if __name__ == "__main__":
    main()
