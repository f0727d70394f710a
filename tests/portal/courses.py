"""Tenders that did not go the plain way, and what a thief of the platform's key does to their
evidence."""

import io
from datetime import timedelta

from audit import sequencer
from audit.act import wiring
from bidding import acts
from kernel.canonical import jcs, parse_canonical
from portal.verify.folder import INDEX, measure
from tender import deadlines
from tests.people import ca


def settle(world):
    """Let the record take up all that waits, beat by beat."""
    for _ in range(60):
        sequencer.run_once(world.log_keys, wiring().settings["record"])
        if not world.waiting():
            return
        world.advance(seconds=60)


class Certified:
    """A company that signs under a certificate of its own."""

    def __init__(self, company, signer):
        self.__dict__.update(vars(company))
        self.party_id, self.signer = company.party_id, signer

    def sign(self, value):
        from bidding import declaration

        key, signature = declaration.sign(value, self.signer)
        return {"key": key, "signature": signature}


def envelopes(world, folder):
    """Two envelopes; the first company signs under a certificate."""
    lot = world.lots(world.published_tender(two_envelopes=True))[0]
    root = ca.Authority("Root", now=world.now)
    ca.install(folder / "ca", root)
    wiring().settings["ca"] = str(folder / "ca")
    company = world.company()
    owner = Certified(company, root.signer(company.uscc))
    world.companies = [world.sealed_bid(lot, owner, price_fen=381_000_000)]
    world.companies += [world.sealed_bid(lot, price_fen=price)
                        for price in (382_000_000, 383_000_000)]
    settle(world)
    world.past_deadline(lot)
    settle(world)
    world.authorise(lot)
    for official in world.officials[:2]:
        world.release(lot, official)
    world.tick()
    world.sign_sheets(lot, world.drawn_panel(lot))
    settle(world)
    acts.authorise_prices(world.fresh(world.officials[0]), lot.id, reason="技术评分已全部签署")
    for official in world.officials[1:3]:
        acts.release_price_shares(world.fresh(official), lot.id,
                                      shares=world.official_shares(lot, official, 2))
    world.tick()
    return lot


def restored(world, _folder):
    """The deadline is restored after an outage; later one bid is opened from plain files."""
    lot = world.lots(world.published_tender())[0]
    companies = [world.sealed_bid(lot) for _ in range(3)]
    settle(world)
    world.past_deadline(lot)
    settle(world)
    later = world.now + timedelta(hours=48)
    deadlines.propose(world.clerk, lot.id, decision="restored", evidence="机房停电两小时",
                      deadline=later)
    acts.decide_deadline(world.fresh(world.supervisor), lot.id, proposal=1, reason="证据属实")
    settle(world)
    again = world.replacement(lot, companies[0], price_fen=370_000_000)
    world.redeclare(companies[0], again)
    world.send(companies[0], again)
    companies[0].bids[lot.id] = again
    world.sealed_bid(lot)
    settle(world)
    world.advance(to=later)
    world.tick()
    settle(world)
    world.authorise(lot)
    for company in companies[:2]:
        world.give_own(lot, company)
    for part in ("form", "technical", "price"):
        acts.give_plain_file(companies[2].actor, companies[2].bids[lot.id].declaration["bid"],
                             part, io.BytesIO(world.plain(lot, companies[2], part)))
    world.advance(minutes=lot.decrypt_minutes, seconds=1)
    world.tick()
    world.decide_faults(lot)
    return lot


def sign_again(platform, folder):
    """What whoever holds the platform's key can do: list the changed files as if nothing were."""
    text = (folder / INDEX).read_text().partition("\n\n")[0]
    value = parse_canonical(text.strip().encode())
    value["files"] = {}
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        name = path.relative_to(folder).as_posix()
        if name != INDEX and not name.startswith("record/"):
            size, digest = measure(path)
            value["files"][name] = {"size": size, "sha256": digest}
    (folder / INDEX).write_text(platform.sign(jcs(value).decode() + "\n"))
