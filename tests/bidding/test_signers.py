"""Who may sign: registered keys, new ones that cool, certificates; and signatures of one kind only."""

import json
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from audit import cosignature, note
from audit.act import wiring
from bidding import acts, declaration, promise, reading
from bidding.model import BidVersion
from guarantees import instrument
from kernel.canonical import b64, jcs, unb64
from kernel.refusal import Refused
from people import acts as people_acts
from people.model import SigningKeyNotice
from people.rules import key_statement
from people.x509 import CertifiedKey
from tests.people import ca
from tests.people.ca import Authority

from .test_refusals import refused, says


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


class Certified:
    """A company that signs under a certificate."""

    def __init__(self, company, signer: CertifiedKey):
        self.__dict__.update(vars(company))
        self.party_id, self.signer = company.party_id, signer

    def sign(self, value):
        key, signature = declaration.sign(value, self.signer)
        return {"key": key, "signature": signature}


@pytest.fixture
def root(world, tmp_path):
    """A believed root with a current revocation list, as YANGGUANG_CA names it."""
    made = Authority("Root", now=world.now)
    ca.install(tmp_path / "ca", made)
    wiring().settings["ca"] = str(tmp_path / "ca")
    return made


def certified(world, root, key=None, company=None, **more):
    company = company or world.company()
    return Certified(company, root.signer(company.uscc, key, **more))


@pytest.mark.parametrize("kind", ["p256", "rsa"])
def test_a_bid_under_a_certificate_from_declaration_to_withdrawal(world, lot, root, kind):
    company = certified(world, root, ca.rsa_key() if kind == "rsa" else ca.p256())
    first = world.sealed_bid(lot, company).bids[lot.id]
    version = world.session.query(BidVersion).one()
    assert version.certificate == company.signer.chain and len(version.key) == 44
    assert declaration.verify(first.declaration, {"certificate": version.certificate},
                              version.signature)
    second = world.replacement(lot, company)
    world.redeclare(company, second)
    world.send(company, second)
    company.bids[lot.id] = second
    assert world.withdraw(lot, company)["state"] == "WITHDRAWN"


def test_a_certificate_of_the_company_follows_a_registered_key_and_a_renewed_one(world, lot, root):
    company = world.sealed_bid(lot)
    owner = certified(world, root, company=company)
    second = world.replacement(lot, company)
    world.redeclare(owner, second)
    world.send(company, second)
    owner.bids[lot.id] = second
    # The company's registered key did not sign version 2; another certificate of its may follow.
    assert refused(world.withdraw, lot, company).word.code == "bid.other-key"
    assert world.withdraw(lot, certified(world, root, company=company))["state"] == "WITHDRAWN"


def test_certificates_that_do_not_count(world, lot, root, tmp_path):
    company = world.company()
    rival = certified(world, root)
    stranger = Authority("Root", now=world.now)
    cases = {
        "another unit": Certified(company, rival.signer),
        "no root": certified(world, stranger, company=company),
        "valid at the time": certified(world, root, company=company,
                                       end=world.now - ca.timedelta(seconds=1)),
        "key usage": certified(world, root, company=company, usage={"key_agreement": True})}
    for why, signer in cases.items():
        found = refused(world.declare, lot, signer, world.seal(lot, company))
        assert found.word.code == "bid.certificate-refused" and why in found.facts["problem"]
        assert says(found.facts["promise"])["code"] == "bid.certificate-refused"
    good = certified(world, root, company=company)
    sealed = world.seal(lot, company)
    leaf = ca.x509.load_pem_x509_certificate(good.signer.chain.encode())
    ca.install(tmp_path / "ca", root, lists=[root.crl(leaf)])
    assert "revoked" in refused(world.declare, lot, good, sealed).facts["problem"]
    ca.install(tmp_path / "ca", root, lists=[root.crl(end=world.now - ca.timedelta(hours=1))])
    assert "no current" in refused(world.declare, lot, good, sealed).facts["problem"]
    wiring().settings["ca"] = ""
    assert "no root" in refused(world.declare, lot, good, sealed).facts["problem"]


def test_a_rivals_signature_under_ones_own_chain_is_wrong(world, lot, root):
    company, rival = certified(world, root), certified(world, root)
    sealed = world.seal(lot, company)
    signed = {**rival.sign(sealed.declaration), "key": {"certificate": company.signer.chain}}
    found = refused(acts.declare_bid, company.actor, lot.id, wraps=sealed.wraps,
                    declaration=jcs(sealed.declaration).decode(), **signed)
    assert found.word.code == "bid.signature-wrong"


def test_certificates_come_over_http_and_strange_ones_are_refused(world, lot, root):
    company = certified(world, root)
    sealed = world.seal(lot, company)
    wire = world.client(company.actor)
    body = {"declaration": jcs(sealed.declaration).decode(), "wraps": sealed.wraps,
            **company.sign(sealed.declaration)}
    for key, status in (({"certificate": "x"}, 422), ({"certificate": 5}, 422), ({}, 422),
                        ({**body["key"], "more": "x"}, 422), (5, 422), ("short", 422),
                        (body["key"], 201)):
        answer = wire.post(f"/lots/{lot.id}/bids", json={**body, "key": key})
        assert answer.status_code == status, (key, answer.data)


def test_a_further_key_cools_and_the_holders_of_older_ones_are_told(world, lot):
    company = world.company()
    holder = company.actor
    thief = world.account("tenderer", party=world.session.get(
        type(world.party("tenderer")), company.party_id))
    stolen = replace(company, actor=thief, signing=world.signing_key(thief), bids={})
    sealed = world.seal(lot, company)
    found = refused(world.declare, lot, stolen, sealed)
    assert found.word.code == "bid.key-cooling" and says(found.facts["promise"])
    told = world.client(holder).get("/signing-keys/notices").get_json()["items"]
    assert len(told) == 1 and told[0]["bound_by"] == world.session.get(
        people_acts.accounts.Account, thief.account_id).login
    session = world.client(holder).get("/session").get_json()
    assert [one["id"] for one in session["key_notices"]] == [told[0]["id"]]
    assert world.client(thief).get("/signing-keys/notices").get_json()["items"] == []
    assert refused(people_acts.acknowledge_notice, thief, told[0]["id"]).word.code \
        == "object.not-found"
    # The older key signs at once, and what it signed no other key touches, cooled or not.
    world.declare(lot, company, sealed)
    world.send(company, sealed)
    company.bids[lot.id] = stolen.bids[lot.id] = sealed
    world.advance(hours=23, minutes=59)
    assert refused(world.withdraw, lot, stolen).word.code == "bid.other-key"
    world.advance(minutes=2)
    assert refused(world.withdraw, lot, stolen).word.code == "bid.other-key"
    assert refused(world.redeclare, stolen, world.replacement(lot, company)).word.code \
        == "bid.other-key"
    people_acts.acknowledge_notice(holder, told[0]["id"])
    assert world.client(holder).get("/signing-keys/notices").get_json()["items"] == []
    assert len(world.entries("signing_key.notice_seen")) == 1
    other = world.lots(world.published_tender())[0]
    world.declare(other, stolen, world.seal(other, stolen))


def test_the_holder_of_an_older_key_stops_a_new_one_while_it_cools(world, lot):
    company, stranger = world.company(), world.company()
    thief = world.account("tenderer", party=world.session.get(
        type(world.party("tenderer")), company.party_id))
    world.signing_key(thief)
    notice = world.session.query(SigningKeyNotice).one()
    for who in (stranger.actor,):
        assert refused(people_acts.revoke_signing_key, world.fresh(who), notice.key_id
                       ).word.code == "object.not-found"
    own = world.client(company.actor).get("/signing-keys").get_json()["items"][0]["id"]
    assert refused(people_acts.revoke_signing_key, world.fresh(thief), own).word.code \
        == "object.not-found", "a newer key's holder stops no older one"
    people_acts.revoke_signing_key(world.fresh(company.actor), notice.key_id)
    # To revoke first and bind again shortens nothing.
    world.signing_key(thief)
    assert world.session.query(SigningKeyNotice).count() == 3
    later = world.session.query(SigningKeyNotice).filter(
        SigningKeyNotice.account_id == company.actor.account_id,
        SigningKeyNotice.key_id != notice.key_id).one()
    world.advance(hours=25)
    assert refused(people_acts.revoke_signing_key, world.fresh(company.actor), later.key_id
                   ).word.code == "object.not-found", "only while it cools"


def test_a_first_key_of_a_company_signs_at_once(world, lot):
    company = world.company()
    assert world.client(company.actor).get("/signing-keys").get_json()["items"][0][
        "cools_until"] is None
    world.sealed_bid(lot, company)
    assert world.session.query(SigningKeyNotice).count() == 0


@pytest.mark.parametrize("owner_first", [True, False])
def test_an_equal_ciphertext_is_accepted_without_a_word(world, lot, owner_first):
    """Q31: status, shape and the work done are the same, whoever comes second."""
    from .test_opening import steal

    owner, thief = world.company(), world.company()
    sealed = world.seal(lot, owner)
    owner.bids[lot.id] = sealed
    answers = {}
    turns = [owner, thief] if owner_first else [thief, owner]
    for company in turns:
        if company is thief:
            mine = steal(world, lot, owner, thief)
        else:
            world.declare(lot, owner, sealed)
            mine = sealed
        last = world.send(company, mine)
        said = {name: len(str(value)) for name, value in vars(last).items()}
        answers[company.party_id] = (said, promise.read(last.receipt, note.Verifier.parse(
            wiring().settings["platform_vkey"])).keys())
    one, two = answers.values()
    assert one == two
    assert reading.count_standing(world.session, lot.id) == 2


def kinds_of_signature():
    """Every kind of Ed25519 signature there is, by one key over like bytes: (made, check)."""
    key, origin, code = Ed25519PrivateKey.generate(), "test.example/log", "91330106MA2H12345X"
    raw = key.public_key().public_bytes_raw()
    seed, public = key.private_bytes_raw(), b64(raw)
    log, cosigner = note.Signer(origin, seed), cosignature.CosignerKey(origin, seed)
    head = f"{origin}\n1\n{b64(bytes(32))}\n"
    value = {"v": 1, "log_origin": origin}
    promised = jcs({**value, "type": "bid-receipt"}).decode() + "\n"
    kinds = {}
    for kind in ("bid", "bid-withdrawal", "instrument", "signing-key", "notice-signature"):
        said = {**value, "type": kind}
        kinds[f"declaration {kind}"] = (
            unb64(declaration.sign(said, seed)[1]),
            lambda sig, said=said: declaration.verify(said, public, b64(sig)))
    data = jcs({**value, "type": "instrument"})
    for name, sign, check in (
            ("instrument", instrument.sign_instrument, instrument.instrument_signed),
            ("confirmation", instrument.sign_confirmation, instrument.confirmation_signed)):
        kinds[name] = (unb64(sign(key, code, data)), lambda sig, check=check: check(
            public, code, data, b64(sig)))
    statement = key_statement(origin, "a" * 32, raw)
    kinds["possession"] = (key.sign(statement), lambda sig: _verifies(raw, statement, sig))
    for name, text in (("checkpoint", head), ("promise", promised)):
        kinds[name] = (log.raw(text.encode()),
                       lambda sig, text=text: log.verifier.verify(text.encode(), sig))
    kinds["cosignature"] = (unb64(cosigner.cosign(head, 1).split()[2])[12:], lambda sig: (
        cosigner.cosigner.verify(head.encode(), (1).to_bytes(8, "big") + sig)))
    return kinds


def _verifies(public, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_a_signature_of_one_kind_never_verifies_for_another():
    kinds = kinds_of_signature()
    assert len(kinds) == 11
    for made, (signature, _) in kinds.items():
        for asked, (_, check) in kinds.items():
            assert check(signature) == (made == asked), (made, asked)


def test_a_signature_for_one_platform_never_verifies_for_another():
    seed = Ed25519PrivateKey.generate().private_bytes_raw()
    value = {"v": 1, "type": "bid", "log_origin": "a.example/log", "x": 1}
    key, signature = declaration.sign(value, seed)
    assert declaration.verify(value, key, signature)
    for change in ({"type": "bid-withdrawal"}, {"log_origin": "b.example/log"}, {"x": 2}):
        assert not declaration.verify({**value, **change}, key, signature)


def test_what_is_signed_begins_with_its_type_and_platform():
    value = {"type": "bid", "log_origin": "a.example/log"}
    assert declaration.signed_bytes(value) == b"yangguang/v1/bid\na.example/log\n" + jcs(value)
    assert key_statement("a.example/log", "1" * 32, bytes(32)).startswith(
        b"yangguang/v1/signing-key\na.example/log\n{")


def test_signed_bytes_cannot_be_read_two_ways():
    """Type and origin end in LF and hold none, so no two objects share their signed bytes."""
    for text in (declaration.parse, declaration.parse_withdrawal):
        for origin in ("a\nb", "", "x" * 121, "a\x00"):
            with pytest.raises(declaration.BadDeclaration):
                text(json.dumps({"type": "bid", "log_origin": origin}))


def test_a_swapped_kind_of_key_is_no_key(world, lot, root):
    company = certified(world, root)
    sealed = world.seal(lot, company)
    key, signature = declaration.sign(sealed.declaration, company.signer)
    pin = b64(__import__("hashlib").sha256(unb64(b64(b"x"))).digest())
    for wrong in (pin, {"certificate": ""}, {}):
        assert not declaration.verify(sealed.declaration, wrong, signature)
    with pytest.raises(Refused):
        acts.declare_bid(company.actor, lot.id, declaration=jcs(sealed.declaration).decode(),
                         wraps=sealed.wraps, key=pin, signature=signature)
    assert declaration.verify(sealed.declaration, key, signature)
