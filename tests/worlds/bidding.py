"""The world's verbs for the sealed bid: officials with keys, companies that seal and send."""

from __future__ import annotations

import io
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.actor import Actor
from bidding import (
    acts,
    age,
    blocks,
    declaration,
    policy,
    rehearsal,
    rules,
    sealing,
    suites,
)
from bidding.holding import Holder, Pins
from bidding.manifest import PARTS, Form
from bidding.reading import faults_view, opened_bids, wraps_view
from bidding.sealing import Sealed, Terms
from kernel.canonical import b64, jcs, unb64
from kernel.refusal import Refused
from people.model import Party
from tender import reading
from tests.world import ORIGIN


@dataclass
class Company:
    """A tenderer: its person, its signing key, and what it has sealed in each lot."""

    actor: Actor
    uscc: str
    signing: Ed25519PrivateKey
    bids: dict[str, Sealed] = field(default_factory=dict)

    @property
    def party_id(self) -> str:
        return self.actor.party_id

    def sign(self, value: dict) -> dict[str, str]:
        """{key, signature} over an object, as a request carries them."""
        key, signature = declaration.sign(value, self.signing.private_bytes_raw())
        return {"key": key, "signature": signature}


class TestWire:
    """The programs' connection, over the test client of one person."""

    __test__ = False

    def __init__(self, client):
        self.client = client
        self.cut_after: int | None = None
        """After so many requests the connection is lost, each answer with it."""

    def request(self, method, path, data=None, headers=None):
        """One exchange under /api/v1."""
        answer = self.client.open(path, method=method, data=data, headers=headers, key=None)
        if self.cut_after is not None:
            if self.cut_after <= 0:
                raise OSError("cut")
            self.cut_after -= 1
        return answer.status_code, answer.data

    def patch(self, bid: str, part: str, offset: int, data: bytes, version: int | str = 1,
              **headers: str):
        """The whole answer to one piece of an upload."""
        return self.client.patch(
            f"/bids/{bid}/versions/{version}/parts/{part}/upload", data=data,
            headers={"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset),
                     "Content-Type": "application/offset+octet-stream"} | headers)


class BiddingVerbs:
    """Verbs of book 2."""

    def wire(self, who) -> TestWire:
        """What the tenderer's and official's programs speak through, as an actor or company."""
        return TestWire(self.client(getattr(who, "actor", who)))

    def before_publishing(self, tender) -> None:
        """Appoint the officials and clock holders of every lot; their keys are ready after it."""
        parent = getattr(super(), "before_publishing", None)
        if parent is not None:
            parent(tender)
        for lot in self.lots(tender):
            if not self.holder_seeds.get(lot.id):
                self.appoint_officials(lot.id)

    @property
    def holder_seeds(self) -> dict[str, dict[str, bytes]]:
        """Lot id → account id → the seed of that official's opening key."""
        return self.__dict__.setdefault("_holder_seeds", {})

    @property
    def officials(self) -> list[Actor]:
        """Opening officials, each of another unit: three, and more when a lot needs more."""
        if "_officials" not in self.__dict__:
            self._officials = [self.account("opener") for _ in range(3)]
        return self._officials

    @property
    def clocks(self) -> list[Actor]:
        """The service accounts of clock holders, made as lots need them."""
        return self.__dict__.setdefault("_clocks", [])

    def _enough(self, access: dict) -> None:
        while len(self.officials) < access["officials"]:
            self.officials.append(self.account("opener"))
        unit = self.session.get_one(Party, self.supervisor.party_id)
        while len(self.clocks) < access["clocks"]:
            self.clocks.append(self.account("opener", party=unit))

    @property
    def supervisor(self) -> Actor:
        """A supervisor in whose region the tenders of this world lie, made once."""
        if "_bid_supervisor" not in self.__dict__:
            self._bid_supervisor = self.account("supervisor", region="330703")
        return self._bid_supervisor

    def appoint_officials(self, lot_id: str, officials: list[Actor] | None = None) -> None:
        """Assign, register, certify and rehearse, as buyer, holders and supervisor would."""
        access = reading.lot(self.session, lot_id).access
        self._enough(access)
        officials = officials or self.officials[:access["officials"]]
        for kind, group in (("official", officials), ("clock", self.clocks[:access["clocks"]])):
            for holder in group:
                acts.assign_official(self.clerk, lot_id, account_id=holder.account_id, kind=kind)
                if access["policy"] != "classic":
                    acts.certify_key(self.supervisor, lot_id, self.holder_key(lot_id, holder))
                    self.rehearse(lot_id, holder)

    def identity(self, lot_id: str, holder: Actor):
        """Who can open with a holder's key of a lot."""
        suite = suites.get(reading.lot(self.session, lot_id).suite)
        return suite.identity(self.holder_seeds[lot_id][holder.account_id])

    def holder_key(self, lot_id: str, holder: Actor, **more) -> str:
        """A holder makes and registers a key; the key's id."""
        self.holder_seeds.setdefault(lot_id, {})[holder.account_id] = secrets.token_bytes(32)
        return acts.register_key(holder, lot_id,
                                 recipient=self.identity(lot_id, holder).recipient, **more).id

    def begin_rehearsal(self, lot_id: str, holder: Actor) -> dict:
        """A holder begins its rehearsal and opens the wrap: {nonce, share}, the answer."""
        nonce = secrets.token_hex(32)
        begun = acts.begin_rehearsal(holder, lot_id, nonce=nonce)
        share = rehearsal.answer(unb64(begun["wrap"]), self.identity(lot_id, holder), ORIGIN,
                                 lot_id, nonce)
        return {"nonce": nonce, "share": b64(share)}

    def holder(self, lot, who: Actor, folder: Path, **more) -> Holder:
        """A holder's program with the key that `who` registered for a lot, on the world's days."""
        lot = reading.lot(self.session, getattr(lot, "id", lot))
        more = {"pins": Pins(self.log_keys.log.verifier), "now": lambda: self.now} | more
        return Holder(self.wire(who), suites.get(lot.suite),
                      self.holder_seeds[lot.id][who.account_id],
                      state=folder / f"{who.account_id}.record", **more)

    def rehearse(self, lot_id: str, holder: Actor) -> None:
        """A holder rehearses with its key, and passes."""
        acts.answer_rehearsal(holder, lot_id, **self.begin_rehearsal(lot_id, holder))

    def company(self, name: str | None = None) -> Company:
        """A tenderer with a person and a bound signing key."""
        party = self.party("tenderer", name=name)
        actor = self.account("tenderer", party=party)
        return Company(actor, party.uscc, self.signing_key(actor))

    def terms(self, lot_id: str) -> Terms:
        """What a sealing program pins from the notice."""
        lot = reading.lot(self.session, lot_id)
        return Terms(ORIGIN, lot.suite, lot.tender_id, lot.id, lot.policy)

    def seal(self, lot, company: Company, price_fen: int = 390_000_000, *, files: bytes = b"",
             bid: str | None = None, version: int = 1, previous: str | None = None,
             price: bytes = b"", consortium: dict | None = None) -> Sealed:
        """Seal a bid of one technical and one price file, without sending anything."""
        lot_id = getattr(lot, "id", lot)
        folder = Path(tempfile.mkdtemp(dir=self.settings.folder.parent, prefix="tenderer-"))
        technical, sheet = folder / "施工组织设计.pdf", folder / "清单.xlsx"
        technical.write_bytes(files or os.urandom(3000))
        sheet.write_bytes(price or os.urandom(2000))
        return sealing.seal(self.terms(lot_id), company.uscc,
                            Form(price_fen, 60, "合格", f"经理{secrets.token_hex(3)}", consortium),
                            [technical], [sheet], folder / "sealed", bid=bid, version=version,
                            previous=previous)

    def declare(self, lot, company: Company, sealed: Sealed) -> dict:
        """Send the declaration of a first version."""
        return acts.declare_bid(
            company.actor, getattr(lot, "id", lot), declaration=jcs(sealed.declaration).decode(),
            wraps=sealed.wraps, **company.sign(sealed.declaration))

    def redeclare(self, company: Company, sealed: Sealed) -> dict:
        """Send the declaration of a replacement."""
        return acts.declare_replacement(
            company.actor, sealed.declaration["bid"],
            declaration=jcs(sealed.declaration).decode(), wraps=sealed.wraps,
            **company.sign(sealed.declaration))

    def blocks(self, sealed: Sealed) -> list[tuple[str, int, bytes]]:
        """Every block of a sealed bid: (part, number, bytes)."""
        found = []
        for part in PARTS:
            data = sealed.files[part].read_bytes()
            found += [(part, n, data[n * blocks.BLOCK:(n + 1) * blocks.BLOCK])
                      for n in range(blocks.count(len(data)))]
        return found

    def upload_block(self, actor: Actor, bid: str, version: int, part: str, number: int,
                     data: bytes, sha256: str | None = None):
        """Send one block of a part, as one piece."""
        return acts.receive(actor, bid, version, part, number * blocks.BLOCK, len(data),
                            io.BytesIO(data), sha256)

    def send(self, company: Company, sealed: Sealed, upto: int | None = None):
        """Send blocks in order (`upto`: a slice end, as -1 for all but the last) from where each
        part stands; last answer."""
        answer, bid = None, sealed.declaration["bid"]
        version = sealed.declaration["version"]
        for part, number, data in self.blocks(sealed)[:upto]:
            try:
                answer = self.upload_block(company.actor, bid, version, part, number, data)
            except Refused as refused:
                if refused.word.code != "upload.offset" \
                        or refused.facts["offset"] < number * blocks.BLOCK + len(data):
                    raise
        if answer is None and upto is None:
            *_, (part, _number, data) = self.blocks(sealed)
            return acts.receive(company.actor, bid, version, part,
                                sealed.files[part].stat().st_size, 0, io.BytesIO())
        return answer

    def sealed_bid(self, lot, company: Company | None = None, price_fen: int = 390_000_000,
                   **more) -> Company:
        """A company whose bid stands: sealed, declared, sent."""
        lot_id = getattr(lot, "id", lot)
        company = company or self.company()
        sealed = self.seal(lot_id, company, price_fen, **more)
        self.declare(lot_id, company, sealed)
        self.send(company, sealed)
        company.bids[lot_id] = sealed
        return company

    def replacement(self, lot, company: Company, price_fen: int = 380_000_000) -> Sealed:
        """Seal the next version of a company's standing bid, without sending anything."""
        before = company.bids[getattr(lot, "id", lot)].declaration
        return self.seal(lot, company, price_fen, bid=before["bid"],
                         version=before["version"] + 1, previous=declaration.digest(before))

    def withdraw(self, lot, company: Company) -> dict:
        """Withdraw a company's standing bid."""
        value = declaration.withdrawal(company.bids[getattr(lot, "id", lot)].declaration)
        return acts.withdraw_bid(company.actor, value["bid"], withdrawal=jcs(value).decode(),
                                 **company.sign(value))

    def past_deadline(self, lot, **more: float) -> None:
        """Let the deadline pass by a second (or `more`) and let the clock do its work."""
        self.advance(to=reading.lot(self.session, getattr(lot, "id", lot)).deadline)
        self.advance(**(more or {"seconds": 1}))
        self.tick()

    def authorise(self, lot, official: Actor | None = None):
        """Authorise the opening as the first official."""
        return acts.authorise_opening(self.fresh(official or self.officials[0]),
                                      getattr(lot, "id", lot), reason="到时开标")

    def give_own(self, lot, company: Company):
        """Give a company's own shares."""
        sealed = company.bids[getattr(lot, "id", lot)]
        parts = rules.parts_of(reading.lot(self.session, getattr(lot, "id", lot)).two_envelopes, 1)
        return acts.give_own_shares(company.actor, sealed.declaration["bid"], shares={
            part: b64(share) for part, share in sealed.own.items() if part in parts})

    def official_shares(self, lot, official: Actor, stage: int = 1) -> list[dict]:
        """What an official's program unwraps: every share of the authorisation."""
        lot_id = getattr(lot, "id", lot)
        seed = self.holder_seeds[lot_id][official.account_id]
        found = []
        for one in wraps_view(self.session, lot_id, official.account_id, stage)["bids"]:
            declared = declaration.parse(one["declaration"]).value
            for part in one["parts"]:
                try:
                    share = sealing.unwrap(unb64(part["wrap"]), seed, declared, part["part"],
                                           part["path"])
                except sealing.BadWrap:
                    continue
                found.append({"bid": one["bid"], "part": part["part"], "share": b64(share)})
        return found

    def prices_opened(self, lot) -> None:
        """Authorise the second envelope, give every company's own shares, let the clock work."""
        lot_id = getattr(lot, "id", lot)
        acts.authorise_prices(self.fresh(self.officials[0]), lot_id, reason="技术评分已全部签署")
        for bid in opened_bids(self.session, lot_id):
            self.give_prices(lot_id, next(one for one in self.companies
                                          if one.party_id == bid.party_id))
        self.tick()

    def give_prices(self, lot, company: Company):
        """Give a company's own shares of form and price."""
        sealed = company.bids[getattr(lot, "id", lot)]
        return acts.give_price_shares(company.actor, sealed.declaration["bid"], shares={
            part: b64(share) for part, share in sealed.own.items() if part != "technical"})

    def plain(self, lot, company: Company, part: str = "technical") -> bytes:
        """The plain archive of a part, as the company's own disk has it."""
        sealed = company.bids[getattr(lot, "id", lot)]
        suite = suites.get(sealed.declaration["suite"])
        return age.unseal(sealed.files[part].read_bytes(), [suite.identity(sealed.seeds[part])])

    def decide_faults(self, lot, fault: str = "revoked") -> int:
        """Let the time to speak pass, decide about every unopened bid, and let the clock work."""
        rows = list(faults_view(self.session, getattr(lot, "id", lot)))
        for row in rows:
            self.advance(to=max(self.now, row.heard_until))
            acts.decide_fault(self.fresh(self.clerk), row.bid_id, fault=fault,
                              grounds="解密时间内未提供密钥", evidence_hash="e" * 64)
        self.tick()
        return len(rows)

    def release(self, lot, official: Actor):
        """An official gives all its shares."""
        lot_id = getattr(lot, "id", lot)
        return acts.release_shares(self.fresh(official), lot_id,
                                   shares=self.official_shares(lot_id, official))

    def opened_lot(self, bids: int = 4, prices: list[int] | None = None, **over):
        """A lot with `bids` opened bids; `self.companies` are their tenderers."""
        tender = self.published_tender(**over)
        lot = self.lots(tender)[0]
        top = lot.price_ceiling_fen
        prices = prices or [top - top // 50 * (n + 1) // 2 for n in range(bids)]
        self.companies = [self.sealed_bid(lot, price_fen=price) for price in prices]
        self.past_deadline(lot)
        self.authorise(lot)
        for company in self.companies:
            self.give_own(lot, company)
        self.tick()
        return reading.lot(self.session, lot.id)


def uscc_of(world, party_id: str) -> str:
    """The code of a party."""
    return world.session.get_one(Party, party_id).uscc


__all__ = ["BiddingVerbs", "Company", "policy", "uscc_of"]
