"""The clock holder: an automatic service of the supervisor's, on the supervisor's machine.

    yangguang clock-holder init --folder DIR --url URL --log-key log.vkey [--witnesses FILE]
                                --login NAME                       (secrets from standard input)
    yangguang clock-holder add --folder DIR LOT        register its key for a lot in preparation
    yangguang clock-holder run --folder DIR [--once]   rehearse, find lots, wait, give shares
    yangguang clock-holder list --folder DIR           its lots, and how each stands
    yangguang clock-holder lock --folder DIR           lock a folder of before, that was in clear

Its folder holds all it knows: keys and log-in, locked under a passphrase that comes from
elsewhere (locked.py); pinned keys, the last checkpoint it believed and the state of each lot.
A lot is watched over because it was added, or because the record proves a notice whose policy
names its key; a lot whose proven policy does not name it is foreign and gets nothing.

It takes nobody's word: a share leaves only when the checks of holding.py pass, on the record
under the pinned keys and on its own clock. A record that was forked, cut or rolled back is
refused for as long as it is so; what it believed before stays. If it dies anywhere, the next
start does what was not done; giving twice is one giving.

Standard library and `cryptography`, and pyotp for its second factor.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from http.client import HTTPException
from pathlib import Path

import pyotp

from audit import follow
from audit.follow import Untrue
from kernel.files import write_whole

from . import ends, suites
from . import holder as program
from .holding import FIRST, PRICES, Holder, Partial, Pins, own_clock
from .locked import CREDENTIAL, Locker, passphrase
from .proven import NotNamed, NotProven
from .rehearsal import NotMine
from .wire import Problem, Wire, call

log = logging.getLogger("yangguang.clock-holder")

PROGRAM = "yangguang clock-holder"
GOES_ON = "Start it again: it does what was not done, and gives nothing twice."

EVERY = 15.0
LONGEST = 300.0
"""Seconds between two rounds; after failures twice as long each time, up to LONGEST."""

DONE = ("released", "missed", "foreign")
LOOK_BACK = timedelta(days=7)
"""Lots whose deadline lies further back are not looked for: their windows are long over."""

STEP, MOST_AHEAD = 30, 4
"""Seconds that a one-time code lasts; so many codes ahead of the time are waited for."""


class ServiceWire(Wire):
    """A connection that signs in by itself with password and one-time code."""

    def __init__(self, address: str, login: dict[str, str], now: Callable[[], datetime],
                 spent: Path):
        super().__init__(address)
        self._login, self._now, self._spent = login, now, spent

    def request(self, method: str, path: str, data: bytes | None = None,
                headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        """One exchange, signed in: to a stranger a lot in preparation is simply not there."""
        if not self._token and not path.startswith(("/session", "/record/")):
            self._sign_in()
        return super().request(method, path, data, headers)

    def recover(self, problem: dict) -> None:
        """Mend a 401: the second factor again before an act of weight, else a new session."""
        if problem.get("code") == "session.step-up":
            call(self, "POST", "/session/step-up", {"totp": self._code()}, key=os.urandom(16).hex())
        elif problem.get("code") == "session.refused":
            raise Problem(401, problem)
        else:
            self._sign_in()

    def _sign_in(self) -> None:
        self._token, first = "", not self._spent.exists()
        try:
            self._token = self._begin()
        except Problem as problem:
            if not first or problem.code != "session.refused":
                raise
            # Its owner may just have spent that code, to be enrolled: once more, with the next.
            self._token = self._begin()

    def _begin(self) -> str:
        return call(self, "POST", "/session", {
            "login": self._login["login"], "password": self._login["password"],
            "totp": self._code()}, key=os.urandom(16).hex(), tries=1)["token"]

    def _code(self) -> str:
        # A code counts once, whichever command of this folder spent it; the platform takes one
        # half minute more than the present one, and for a later one this waits.
        last = int(self._spent.read_text("ascii")) if self._spent.exists() else 0
        step = max(self._step(), last + 1)
        while step > self._step() + 1 and step <= self._step() + MOST_AHEAD:
            time.sleep(0.2)
        if step > self._step() + 1:
            step = self._step()  # the clock was set back; what is remembered says nothing
        self._spent.write_text(str(step), "ascii")
        return pyotp.TOTP(self._login["totp_secret"]).at(step * STEP)

    def _step(self) -> int:
        return int(self._now().timestamp()) // STEP


class ClockHolder:
    """The service over its folder; `wire` and `now` are handed in by tests and demonstrations."""

    def __init__(self, folder: Path, phrase: str, *, wire=None,
                 source: follow.Fetch | None = None, now: Callable[[], datetime] = own_clock):
        self.folder, self.now, self.source = Path(folder), now, source
        self.secrets = Locker(self.folder, phrase)
        settings = json.loads(self._path("settings.json").read_text("utf-8"))
        if "password" in settings:
            raise ValueError("this folder's secrets lie in clear: `yangguang clock-holder lock`")
        witnesses = self._path("witnesses")
        self.pins = Pins.read(self._path("log.vkey"), witnesses if witnesses.exists() else None)
        self.wire = wire or ServiceWire(settings["url"], json.loads(self.secrets.get("login")),
                                        now, self._path("spent"))
        self._looked: dict[str, str] = {}
        """Lots that were looked at, with the policy that did not name us."""

    def _path(self, name: str) -> Path:
        return self.folder / name

    def _key(self, suite: str) -> tuple[suites.Suite, bytes]:
        return program.key_of(self.secrets.get(f"{suite}.key").decode("ascii"))

    def _holder(self, suite: str) -> Holder:
        return Holder(self.wire, *self._key(suite), self.pins, self._path("record.json"),
                      source=self.source, now=self.now)

    def add(self, lot_id: str, suite: str, replaces: str | None = None) -> dict:
        """Register this holder's key for a lot in preparation and watch over the lot."""
        if not self.secrets.has(f"{suite}.key"):
            kind = suites.get(suite)
            self.secrets.put(f"{suite}.key", kind.identity_text(kind.generate()).encode("ascii"))
        known, seed = self._key(suite)
        answer = program.register(self.wire, lot_id, known.recipient_of(seed), replaces)
        self._note(lot_id, {"suite": suite, "state": "registered"})
        return answer

    def lots(self) -> dict[str, dict]:
        """The lots watched over, with their state."""
        return lots_of(self.folder)

    def round(self) -> list[str]:
        """Do for each lot what may be done now; what was done or refused, a line each.

        Raises Untrue, OSError or Problem for what concerns the whole record or platform.
        """
        said = self.discover()
        for lot_id, lot in self.lots().items():
            if lot["state"] in DONE:
                continue
            try:
                state, text = self._step(self._holder(lot["suite"]), lot_id, lot)
            except (NotProven, NotMine, Partial) as error:
                said.append(f"{lot_id}: waits: {error}")
                continue
            if state != lot["state"]:
                self._note(lot_id, {**self.lots()[lot_id], "state": state})
                said.append(f"{lot_id}: {text}")
        return said

    def discover(self) -> list[str]:
        """Watch over every lot whose proven notice names one of our keys; a line for each found.

        The notice comes from the record, its policy from the platform and must have the hash in
        that notice: nobody can make us watch over a lot, or keep one from us, unseen.
        """
        holders = {suite: self._holder(suite) for suite in suites.SUITES
                   if self.secrets.has(f"{suite}.key")}
        if not holders:
            return []
        known, said = self.lots(), []
        for lot_id, facts in next(iter(holders.values())).notices().items():
            if lot_id in known or facts.suite not in holders \
                    or facts.deadline + LOOK_BACK < self.now() \
                    or self._looked.get(lot_id) == facts.policy_hash:
                continue
            try:
                holders[facts.suite].path(lot_id, facts)
            except NotNamed:
                self._looked[lot_id] = facts.policy_hash
            except NotProven as error:
                said.append(f"{lot_id}: {error}")
            else:
                self._note(lot_id, {"suite": facts.suite, "state": "found", "named": True})
                said.append(f"{lot_id}: found: its notice names this key")
        return said

    def _named(self, holder: Holder, lot_id: str, lot: dict) -> bool:
        """Whether the lot is published, with our key in its policy. Raises NotNamed."""
        if lot.get("named"):
            return True
        facts = holder.notices().get(lot_id)
        if facts is None:
            return False
        holder.path(lot_id, facts)
        self._note(lot_id, {**lot, "named": True})
        return True

    def _step(self, holder: Holder, lot_id: str, lot: dict) -> tuple[str, str]:
        state = lot["state"]
        try:
            named = self._named(holder, lot_id, lot)
        except NotNamed:
            return "foreign", "REFUSED: its published policy does not name this key"
        if state == "registered":
            if not named:
                holder.rehearse(lot_id)
            return "rehearsed", "rehearsal passed"
        facts = holder.facts(lot_id)
        if state == "waits-for-prices" and not facts.prices:
            return state, ""
        place = PRICES if state == "waits-for-prices" else FIRST
        after = "released" if "price" in facts.roots else "waits-for-prices"
        try:
            answer = holder.share(lot_id, partial=True, place=place)
        except Problem as problem:
            if problem.code == "opening.shares-given":
                return after, "shares were given before"
            if problem.code in ("opening.window-over", "phase.wrong"):
                return "missed", f"too late: {problem}"
            raise
        return after, f"gave {answer['given']} shares, withheld {answer['withheld']}"

    def _note(self, lot_id: str, value: dict) -> None:
        self._path("lots").mkdir(exist_ok=True)
        write_whole(self._path(f"lots/{lot_id}.json"), json.dumps(value))

    def run(self, *, every: float = EVERY, rounds: int | None = None,
            sleep: Callable[[float], None] = time.sleep) -> None:
        """Go round for ever (or so many times), more slowly after each failure."""
        failures, said = 0, []
        while rounds is None or rounds > 0:
            try:
                lines, before = self.round(), said
                for line in lines:
                    if line not in before:
                        log.warning("%s", line)
                failures, said = 0, lines
            except Untrue as error:
                failures += 1
                log.error("the record is REFUSED: %s", error)
            except (OSError, HTTPException, Problem, ValueError, *ends.WRONG_SHAPE) as error:
                failures += 1
                log.error("no round: %s", ends.explained(error)[0])
            rounds = None if rounds is None else rounds - 1
            if rounds != 0:
                sleep(min(LONGEST, every * 2**min(failures, 10)))


def lots_of(folder: Path) -> dict[str, dict]:
    """The lots that a folder watches over, with their state; needs no passphrase."""
    return {path.stem: json.loads(path.read_text("utf-8"))
            for path in sorted((Path(folder) / "lots").glob("*.json"))}


def prepare(folder: Path, phrase: str, *, url: str, login: str, password: str, totp_secret: str,
            log_key: Path, witnesses: Path | None = None) -> None:
    """Make a service's folder, closed to the machine's other users. Raises FileExistsError."""
    folder = Path(folder)
    Pins.read(log_key, witnesses)
    folder.mkdir(mode=0o700, parents=True)
    shutil.copyfile(log_key, folder / "log.vkey")
    if witnesses is not None:
        shutil.copyfile(witnesses, folder / "witnesses")
    Locker(folder, phrase).put("login", json.dumps(
        {"login": login, "password": password, "totp_secret": totp_secret}).encode())
    write_whole(folder / "settings.json", json.dumps({"url": url}), new=True)


def lock(folder: Path, phrase: str) -> list[str]:
    """Lock the secrets of a folder that held them in clear; the names of what was locked.

    May be cut off and repeated: what is clear goes only once its locked form is durable.
    """
    folder, locker = Path(folder), Locker(folder, phrase)
    settings, done = json.loads((folder / "settings.json").read_text("utf-8")), []
    if "password" in settings:
        secret = {name: settings[name] for name in ("login", "password", "totp_secret")}
        _locked(locker, "login", json.dumps(secret).encode())
        write_whole(folder / "settings.json", json.dumps({"url": settings["url"]}))
        done.append("login")
    for path in sorted(folder.glob("*.key")):
        _locked(locker, path.name, path.read_bytes())
        path.unlink()
        done.append(path.name)
    return done


def _locked(locker: Locker, name: str, secret: bytes) -> None:
    if not locker.has(name):
        locker.put(name, secret)
    if locker.get(name) != secret:
        raise ValueError(f"{name} is locked already, with another content")


def _base32(secret: str) -> bool:
    try:
        return bool(pyotp.TOTP(secret).now()) and bool(secret)
    except ValueError:
        return False


def _clock(demonstration: Path | None) -> Callable[[], datetime]:
    if demonstration is None:
        return own_clock
    # A demonstration moves its days; its clocks read by how many milliseconds from this file.
    return lambda: own_clock() + timedelta(
        milliseconds=int(demonstration.read_text("ascii") or 0))


def main(argv: list[str] | None = None) -> int:
    """Run one command of the service; return its exit status."""
    parser = argparse.ArgumentParser(prog="yangguang clock-holder",
                                     description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")
    add = commands.add_parser("init", help="make the service's folder; password and second "
                              "factor's secret come on two lines of standard input")
    add.add_argument("--url", required=True)
    add.add_argument("--login", required=True)
    add.add_argument("--log-key", type=Path, required=True)
    add.add_argument("--witnesses", type=Path, help="file: `quorum N`, then their keys")
    lot = commands.add_parser("add", help="register the key for a lot in preparation")
    lot.add_argument("lot")
    lot.add_argument("--suite", choices=suites.SUITES, default=suites.DEFAULT)
    lot.add_argument("--replaces", help="the id of the lost key that this one replaces")
    run = commands.add_parser("run", help="rehearse, find lots, wait, give shares")
    run.add_argument("--once", action="store_true")
    run.add_argument("--every", type=float, default=EVERY, help="seconds between two rounds")
    for name, text in (("list", "say how each lot stands; needs no passphrase"),
                       ("lock", "lock a folder that was made with its secrets in clear")):
        commands.add_parser(name, help=text)
    for name, one in commands.choices.items():
        one.add_argument("--folder", type=Path, required=True)
        if name != "list":
            one.add_argument("--passphrase-file", type=Path, help="else systemd's credential "
                             f"{CREDENTIAL}, else it is asked for")
        one.add_argument("--demonstration", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    return ends.run(PROGRAM, lambda: _run(options), after=GOES_ON)


def _run(options: argparse.Namespace) -> None:
    if options.command == "list":
        for lot_id, lot in lots_of(options.folder).items():
            print(f"{lot_id}  {lot['suite']}  {lot['state']}")
        return
    phrase = passphrase(options.passphrase_file, os.environ)
    if options.command == "init":
        password, secret = (sys.stdin.readline().strip() for _ in range(2))
        if not _base32(secret):
            raise ValueError("the second line is the second factor's secret, in base32")
        prepare(options.folder, phrase, url=options.url, login=options.login, password=password,
                totp_secret=secret, log_key=options.log_key, witnesses=options.witnesses)
    elif options.command == "lock":
        print("\n".join(lock(options.folder, phrase)) or "nothing lay in clear")
    else:
        service = ClockHolder(options.folder, phrase, now=_clock(options.demonstration))
        if options.command == "add":
            print(service.add(options.lot, options.suite, options.replaces)["id"])
        else:
            service.run(every=options.every, rounds=1 if options.once else None)


if __name__ == "__main__":
    sys.exit(main())
