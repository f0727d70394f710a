"""A company's desk and an official's: the two programs that run on their own machines."""

from __future__ import annotations

import shutil
from pathlib import Path

from bidding import client, holder, suites
from bidding.holding import FIRST, Holder, Pins
from bidding.manifest import Form
from bidding.proven import NotProven

from . import files
from .voice import Voice
from .web import Person


class Desk:
    """A tenderer's machine: its signing key, its files, its sealed bids."""

    def __init__(self, voice: Voice, person: Person, key: str, folder: Path, megabytes: int):
        self.voice, self.person, self.key = voice, person, key
        self.folder, self.megabytes = folder / key, megabytes
        self.folder.mkdir(parents=True)
        self.sealed: dict[str, list[Path]] = {}
        self.bids: dict[str, str] = {}
        client.new_key(self.folder / "signing.key")
        self.seed = client.read_key(self.folder / "signing.key")
        client.bind_key(person, self.seed)

    def seal(self, lot: str, price_fen: int, *, replace: bool = False, small: bool = False) -> None:
        """Seal a bid (or its next version) for `lot`, on this machine only."""
        before = self.sealed.setdefault(lot, [])
        plain = files.company_files(
            self.folder / "files",
            self.person.name,
            price_percent=100,
            megabytes=1 if small else self.megabytes,
            lines=50 if small else 2000,
        )
        whole = sum(path.stat().st_size for part in plain.values() for path in part)
        done = [0]

        def progress(_part: str, size: int) -> None:
            done[0] += size
            self.voice.bar(f"{self.person.name} 加密 sealing", done[0], whole)

        notice = client.read_notice(Person(self.person.platform), lot)
        target = self.folder / f"{lot[:8]}-v{len(before) + 1}"
        kept = client.seal(
            notice,
            self.person.ids["uscc"],
            self.seed,
            self._form(price_fen),
            plain["technical"],
            plain["price"],
            target,
            replaces=before[-1] if replace else None,
            progress=progress,
        )
        self.bids[lot] = kept["declaration"]["bid"]
        before.append(target)

    def _form(self, price_fen: int) -> Form:
        """What is read out at the opening, and what a candidates' notice shows besides."""
        short, uscc = self.person.name[:2], self.person.ids["uscc"]
        return Form(price_fen, 90, "合格", f"{short}项目经理", credentials={
            "certificate": {"name": "二级建造师注册证书（市政公用工程）",
                            "number": f"演示-{uscc[-9:]}"},
            "qualification": "市政公用工程施工总承包三级", "performance": []})

    def submit(self, lot: str) -> dict:
        """Declare and send the newest sealed version; the receipt is checked and kept."""
        folder = self.sealed[lot][-1]
        sizes = {part["part"]: part["size"] for part in client.load(folder)["declaration"]["parts"]}
        done = dict.fromkeys(sizes, 0)

        def progress(part: str, size: int, _whole: int) -> None:
            done[part] = size
            self.voice.bar(
                f"{self.person.name} 递交 sending", sum(done.values()), sum(sizes.values())
            )

        notice = client.read_notice(Person(self.person.platform), lot)
        says = client.submit(self.person, folder, notice.platform, progress)
        again = "替换" if len(self.sealed[lot]) > 1 else "递交"
        self.voice.say(
            self.person.name, f"{again}成功，取得回执", "submitted; holds the signed receipt"
        )
        return says

    def begin(self, lot: str) -> None:
        """Declare, and send all blocks but the last."""
        folder = self.sealed[lot][-1]
        client.declare(self.person, folder)
        parts = client.load(folder)["declaration"]["parts"]
        whole = sum(client.blocks.count(part["size"]) for part in parts)
        client.upload(self.person, folder, most=whole - 1)

    def finish(self, lot: str) -> None:
        """Send the last block, as a client does whose line was slow."""
        folder = self.sealed[lot][-1]
        declared = client.load(folder)["declaration"]
        last = declared["parts"][-1]
        number = client.blocks.count(last["size"]) - 1
        with open(folder / f"{last['part']}.age", "rb") as file:
            file.seek(number * client.blocks.BLOCK)
            client.send_piece(self.person, declared, last["part"], file.tell(), file.read())

    def send_unsealed(self, lot: str) -> None:
        """Declare a sealed bid, then send the plain file in its place."""
        self.seal(lot, 380_000_000, small=True)
        folder = self.sealed[lot][-1]
        client.declare(self.person, folder)
        declared = client.load(folder)["declaration"]
        plain = (self.folder / "files" / "施工组织设计.pdf").read_bytes()
        client.send_piece(self.person, declared, "technical", 0, plain[: client.blocks.BLOCK])

    def withdraw(self, lot: str) -> None:
        """Withdraw the bid that stands."""
        client.withdraw(self.person, self.sealed[lot][-1], self.seed)
        self.voice.say(self.person.name, "截止前撤回", "withdraws before the deadline")

    def lose_key(self, lot: str) -> None:
        """The key file is gone: only the officials can open this bid now."""
        (self.sealed[lot][-1] / client.KEY_FILE).unlink()
        shutil.rmtree(self.folder / "files")
        self.voice.say(self.person.name, "电脑损坏，密钥丢失", "loses its machine and its key")

    def give_share(self, lot: str, *, prices: bool = False) -> None:
        """Give one's own key at the opening, or at that of the second envelope."""
        client.open_bid(self.person, self.sealed[lot][-1], prices)

    def receipts(self, lot: str) -> dict:
        """One's promises, proofs and closing path, as the platform keeps them."""
        return client.receipts(self.person, self.bids[lot])


class Official:
    """An opening official's machine: its key, and shares only after its own checks."""

    def __init__(self, person: Person, folder: Path, pins: Pins):
        folder.mkdir(parents=True, exist_ok=True)
        self.person, self.folder, self.pins = person, folder, pins
        self.seeds: dict[str, bytes] = {}
        for suite in suites.SUITES.values():
            path = folder / f"{person.login}-{suite.name}.key"
            holder.new_key(path, suite)
            self.seeds[suite.name] = holder.read_key(path)[1]

    def register(self, lot: str, suite: str) -> str:
        """Register the public half for a lot of `suite`; return the id of the key."""
        recipient = suites.get(suite).recipient_of(self.seeds[suite])
        return holder.register(self.person, lot, recipient)["id"]

    def rehearse(self, lot: str, suite: str) -> None:
        """Prove before publication that the key opens what is wrapped for it."""
        self._holder(suite).rehearse(lot)

    def _holder(self, suite: str) -> Holder:
        return Holder(self.person, suites.get(suite), self.seeds[suite], self.pins,
                      self.folder / f"{self.person.login}.record", now=self.person.platform.now)

    def may_open(self, lot: str, suite: str, prices: bool = False) -> bool:
        """Whether the record proves, to witnesses and on this clock, that shares may be given."""
        try:
            facts = self._holder(suite).facts(lot)
            return facts.prices if prices else bool(facts.roots)
        except NotProven:
            return False

    def release(self, lot: str, suite: str, place: str = FIRST) -> int:
        """Check every bid against the public record, then give the shares; how many."""
        answer = self._holder(suite).share(lot, place=place)
        if answer["wrong"]:
            raise RuntimeError(f"{self.person.name}: {answer}")
        return answer["given"]
