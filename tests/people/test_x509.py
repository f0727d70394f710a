"""A certificate counts only when everything about it does; each doubt has a test that refuses."""

import base64
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from people.uscc import completed
from people.x509 import Authorities, BadCertificate, CertifiedKey, check, parse_chain, signed_by

from . import ca
from .ca import NOW, YEAR, Authority, believed, organisation, pem

CODE = completed("91330106", "MA2H1234")
OTHER = completed("91360732", "MA38K2P4")
ROOT = Authority("Root")
MIDDLE = Authority("Issuing", ROOT, path_length=0)
TRUST = believed(ROOT, MIDDLE)
SIGNER = MIDDLE.signer(CODE, chain=(MIDDLE.certificate,))
MESSAGE = b"yangguang/v1/bid\na.example/log\n{}"


def bad(signer, trust=TRUST, at=NOW):
    with pytest.raises(BadCertificate) as caught:
        check(getattr(signer, "chain", signer), trust, at)
    return str(caught.value)


def issued(**more):
    return MIDDLE.signer(CODE, chain=(MIDDLE.certificate,), **more)


def test_a_good_chain_names_its_unit_with_and_without_the_root():
    for chain in (SIGNER.chain, SIGNER.chain + pem(ROOT.certificate)):
        found = check(chain, TRUST, NOW)
        assert (found.uscc, found.attribute) == (CODE, "organizationIdentifier")
        assert len(found.fingerprint) == 64 and len(found.pin) == 44


@pytest.mark.parametrize("name", ["p256", "rsa 2048", "rsa 3072"])
def test_each_kind_of_key_signs_and_no_flipped_bit_passes(name):
    key = ca.p256() if name == "p256" else ca.rsa_key(int(name.split()[1]))
    signer = issued(key=key)
    found, signature = check(signer.chain, TRUST, NOW), signer.sign(MESSAGE)
    assert found.verify(signature, MESSAGE)
    assert not found.verify(signature, MESSAGE + b" ")
    for place in range(len(signature)):
        changed = bytearray(signature)
        changed[place] ^= 1
        assert not found.verify(bytes(changed), MESSAGE)
    for wrong in (b"", signature[:-1], signature + b"\0", b"\0" + signature):
        assert not found.verify(wrong, MESSAGE)


def test_ecdsa_is_raw_and_not_der_and_zero_is_no_signature():
    der = SIGNER.private.sign(MESSAGE, ec.ECDSA(hashes.SHA256()))
    found = check(SIGNER.chain, TRUST, NOW)
    assert not found.verify(der, MESSAGE)
    assert not found.verify(bytes(64), MESSAGE)
    assert not found.verify(b"\xff" * 64, MESSAGE)
    raw = SIGNER.sign(MESSAGE)
    r, s = int.from_bytes(raw[:32]), int.from_bytes(raw[32:])
    SIGNER.private.public_key().verify(encode_dss_signature(r, s), MESSAGE,
                                       ec.ECDSA(hashes.SHA256()))
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    assert found.verify(raw[:32] + (order - s).to_bytes(32), MESSAGE), "low s is not asked for"


def test_rsa_is_pss_with_32_bytes_of_salt_and_nothing_else():
    signer = issued(key=ca.rsa_key())
    found, key = check(signer.chain, TRUST, NOW), signer.private
    sha256 = hashes.SHA256()
    for scheme in (padding.PKCS1v15(), padding.PSS(padding.MGF1(sha256), 20),
                   padding.PSS(padding.MGF1(sha256), 0),
                   padding.PSS(padding.MGF1(hashes.SHA1()), 32)):
        assert not found.verify(key.sign(MESSAGE, scheme, sha256), MESSAGE)


def test_a_key_of_another_kind_or_size_is_refused():
    for key in (ca.rsa_key(1024), ec.generate_private_key(ec.SECP384R1()),
                ec.generate_private_key(ec.SECP256K1()), ed25519.Ed25519PrivateKey.generate()):
        certificate = MIDDLE.issue(organisation(CODE), key)
        assert "neither ECDSA" in bad(pem(certificate, MIDDLE.certificate))
        assert isinstance(key, rsa.RSAPrivateKey) or not signed_by(certificate, bytes(64), MESSAGE)


def test_a_strangers_root_a_missing_link_and_a_swapped_order():
    stranger = Authority("Root")  # the same name, another key
    assert "no root" in bad(stranger.signer(CODE))
    assert "no root" in bad(SIGNER, believed(stranger, MIDDLE))
    assert "no root" in bad(MIDDLE.signer(CODE))
    leaf, middle = parse_chain(SIGNER.chain)
    bad(pem(middle, leaf))
    bad(pem(leaf, middle, middle))
    assert "next one" in bad(pem(leaf, Authority("Issuing", ROOT).certificate))
    assert "a root signs" in bad(pem(ROOT.certificate))
    assert "no root" in bad(SIGNER, Authorities())


def test_validity_is_judged_at_the_acts_time_for_every_certificate():
    short = issued(start=NOW, end=NOW + timedelta(hours=1))
    check(short.chain, TRUST, NOW)
    check(short.chain, TRUST, NOW + timedelta(hours=1))
    for at in (NOW - timedelta(seconds=1), NOW + timedelta(hours=1, seconds=1)):
        assert "valid at the time" in bad(short, at=at)
    lists = [one.crl(end=NOW + 3 * YEAR) for one in (ROOT, MIDDLE)]
    later = MIDDLE.signer(CODE, chain=(MIDDLE.certificate,), end=NOW + 2 * YEAR)
    assert "valid at the time" in bad(later, believed(ROOT, MIDDLE, lists=lists), NOW + YEAR * 1.5)


def test_revoked_signers_and_authorities_are_refused():
    leaf, middle = parse_chain(SIGNER.chain)
    assert "revoked" in bad(SIGNER, believed(ROOT, lists=[ROOT.crl(), MIDDLE.crl(leaf)]))
    assert "revoked" in bad(SIGNER, believed(ROOT, lists=[ROOT.crl(middle), MIDDLE.crl()]))
    # One list that names it is enough, whatever a fresher one forgets.
    assert "revoked" in bad(SIGNER, believed(ROOT, lists=[
        ROOT.crl(), MIDDLE.crl(leaf, start=NOW - 9 * timedelta(days=1)), MIDDLE.crl()]))
    check(SIGNER.chain, believed(ROOT, lists=[ROOT.crl(), MIDDLE.crl(leaf)]),
          NOW - timedelta(hours=2))


def test_a_missing_stale_foreign_or_partial_list_is_refused():
    current = ROOT.crl()
    for lists in ([], [current], [MIDDLE.crl()],
                  [current, MIDDLE.crl(end=NOW)],
                  [current, MIDDLE.crl(start=NOW + timedelta(minutes=1))],
                  [current, MIDDLE.crl(key=ca.p256())],
                  [current, MIDDLE.crl(extra=[(x509.DeltaCRLIndicator(1), True)])],
                  [current, MIDDLE.crl(extra=[(x509.IssuingDistributionPoint(
                      None, None, True, False, None, False, False), True)])]):
        assert "no current revocation list" in bad(SIGNER, believed(ROOT, lists=lists))


def test_what_a_certificate_is_for():
    usage = lambda **named: issued(usage=named)
    check(usage(content_commitment=True).chain, TRUST, NOW)
    assert "key usage" in bad(usage(key_encipherment=True))
    assert "key usage" in bad(issued(usage=False))
    purpose = lambda *oids: issued(extra=[(x509.ExtendedKeyUsage(oids), False)])
    check(purpose(ExtendedKeyUsageOID.CLIENT_AUTH).chain, TRUST, NOW)
    assert "extended" in bad(purpose(ExtendedKeyUsageOID.SERVER_AUTH))
    assert "authority signs no" in bad(issued(ca=True))
    strange = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\5\0")
    check(issued(extra=[(strange, False)]).chain, TRUST, NOW)
    assert "1.2.3.4" in bad(issued(extra=[(strange, True)]))


def test_who_may_issue():
    plain = Authority("Plain", ROOT, ca=False, digital_signature=True)
    assert "no certificate authority" in bad(
        plain.signer(CODE, chain=(plain.certificate,)), believed(ROOT, plain))
    posing = Authority("Posing", ROOT, ca=False, key_cert_sign=True, crl_sign=True)
    assert "no certificate authority" in bad(
        posing.signer(CODE, chain=(posing.certificate,)), believed(ROOT, posing))
    mute = Authority("Mute", ROOT, crl_sign=True)
    assert "no certificate authority" in bad(
        mute.signer(CODE, chain=(mute.certificate,)), believed(ROOT, mute))
    below = Authority("Below", MIDDLE)
    assert "longer" in bad(below.signer(CODE, chain=(below.certificate, MIDDLE.certificate)),
                           believed(ROOT, MIDDLE, below))
    weak = Authority("Weak", ROOT, key=ca.rsa_key(1024))
    assert "neither" in bad(weak.signer(CODE, chain=(weak.certificate,)), believed(ROOT, weak))


def test_a_signers_certificate_issues_no_other():
    leaf = parse_chain(SIGNER.chain)[0]
    thief = Authority("Root")
    thief.key, thief.name = SIGNER.private, leaf.subject
    assert "no certificate authority" in bad(
        thief.signer(OTHER, chain=(leaf, MIDDLE.certificate)))


@pytest.mark.parametrize("subject,attribute", [
    (organisation(CODE), "organizationIdentifier"),
    (organisation("", serial=CODE), "serialNumber"),
    (organisation("", unit=f"统一社会信用代码:{CODE}"), "OU"),
    (organisation("", unit=f"USCC={CODE}"), "OU"),
    (organisation(CODE, serial="A-17", unit="投标部"), "organizationIdentifier"),
    (organisation(CODE, serial=CODE), "organizationIdentifier"),
])
def test_where_the_subject_names_its_unit(subject, attribute):
    found = check(issued(subject=subject).chain, TRUST, NOW)
    assert (found.uscc, found.attribute) == (CODE, attribute)


@pytest.mark.parametrize("subject,why", [
    (organisation(""), "no unified"),
    (organisation("", unit=CODE), "no unified"),
    (organisation("", serial=CODE[:-1] + ("A" if CODE[-1] != "A" else "B")), "no unified"),
    (organisation("", serial=CODE.lower()), "no unified"),
    (organisation("", unit=f"USCC={CODE}\n"), "no unified"),
    (organisation(CODE, serial=OTHER), "two different"),
    (organisation(CODE, unit=f"USCC={OTHER}"), "two different"),
])
def test_a_subject_that_names_none_or_two_units_is_refused(subject, why):
    assert why in bad(issued(subject=subject))


def test_two_identifiers_of_two_units_in_one_attribute():
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_IDENTIFIER, f"NTRCN-{code}")
                         for code in (CODE, OTHER)])
    assert "two different" in bad(issued(subject=subject))


def test_the_chain_has_one_spelling():
    good = SIGNER.chain
    for text in ("", good + "\n", "x" + good, good.replace("\n", "\r\n"), good[:-1],
                 good.replace("CERTIFICATE", "X509 CERTIFICATE"), good + good * 3, good * 40,
                 "subject=CN\n" + good):
        with pytest.raises(BadCertificate):
            check(text, TRUST, NOW)
    body = "".join(good.split("\n")[1:good.split("\n").index("-----END CERTIFICATE-----")])
    narrow = "\n".join(body[i:i + 32] for i in range(0, len(body), 32))
    bad(f"-----BEGIN CERTIFICATE-----\n{narrow}\n-----END CERTIFICATE-----\n")


def test_weak_hashes_are_refused():
    weak = MIDDLE.issue(organisation(CODE), ca.p256(), digest=hashes.SHA224())
    assert "too weak" in bad(pem(weak, MIDDLE.certificate))
    assert "no current" in bad(SIGNER, believed(ROOT, lists=[
        ROOT.crl(), MIDDLE.crl(digest=hashes.SHA224())]))


def test_a_folder_of_roots_and_lists_is_read_and_a_bad_file_is_named(tmp_path):
    ca.install(tmp_path, ROOT, MIDDLE)
    assert check(SIGNER.chain, Authorities.read(tmp_path), NOW).uscc == CODE
    assert Authorities.read(tmp_path / "none") == Authorities()
    (tmp_path / "crl" / "zz.pem").write_text("not a list")
    with pytest.raises(BadCertificate, match=r"zz\.pem"):
        Authorities.read(tmp_path)


def test_a_key_and_its_chain_are_read_from_files(tmp_path):
    (tmp_path / "key.pem").write_bytes(SIGNER.private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))
    (tmp_path / "chain.pem").write_text("subject=x\n" + SIGNER.chain)
    read = CertifiedKey.read(tmp_path / "key.pem", tmp_path / "chain.pem")
    assert read.chain == SIGNER.chain
    with pytest.raises(BadCertificate, match="not the certificate's"):
        CertifiedKey(ca.p256(), SIGNER.chain)


def _armoured(der: bytes) -> str:
    text = base64.b64encode(der).decode()
    body = "\n".join(text[i:i + 64] for i in range(0, len(text), 64))
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_no_flipped_bit_of_a_certificate_passes():
    certificate = parse_chain(SIGNER.chain)[0]
    while certificate.signature[-1] & 1:  # else a bit too many in the last byte hides one flip
        certificate = MIDDLE.issue(organisation(CODE), SIGNER.private)
    leaf = certificate.public_bytes(serialization.Encoding.DER)
    for place in range(len(leaf)):
        for bit in (1, 0x20, 0x80):
            changed = bytearray(leaf)
            changed[place] ^= bit
            bad(_armoured(bytes(changed)) + pem(MIDDLE.certificate))


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
@given(st.binary(max_size=600), st.integers(0, 900), st.integers(0, 900))
@settings(max_examples=300, deadline=None)
def test_fuzz_of_certificates(noise, start, end):
    leaf = parse_chain(SIGNER.chain)[0].public_bytes(serialization.Encoding.DER)
    for data in (noise, leaf[:start] + noise, leaf[:start] + noise + leaf[end:]):
        if data != leaf:
            bad(_armoured(data) + pem(MIDDLE.certificate))


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 400))
@settings(max_examples=300, deadline=None)
def test_fuzz_of_revocation_lists(tmp_path_factory, noise, start, end):
    folder = tmp_path_factory.getbasetemp() / "fuzz-crl"
    (folder / "crl").mkdir(parents=True, exist_ok=True)
    leaf = parse_chain(SIGNER.chain)[0]
    good = MIDDLE.crl(leaf).public_bytes(serialization.Encoding.DER)
    for data in (noise, good[:start] + noise, good[:start] + noise + good[end:]):
        if data == good:
            continue
        text = _armoured(data).replace("CERTIFICATE", "X509 CRL")
        (folder / "crl" / "one.pem").write_text(text)
        try:
            lists = Authorities.read(folder).lists
        except BadCertificate:
            continue
        bad(SIGNER, Authorities((ROOT.certificate,), (ROOT.crl(), *lists)))
