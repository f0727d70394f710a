"""A certified key in the browser module, in Node, against Python's verifier."""

from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from bidding import declaration

from .test_sealer_modules import node


def _certificate(private, name="91330703MA2TERTA3E"):
    subject = x509.Name([x509.NameAttribute(NameOID.SERIAL_NUMBER, name)])
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(
        private.public_key()).serial_number(7).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC)) \
        .not_valid_after(datetime(2027, 1, 1, tzinfo=UTC)).sign(private, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def _pem(private, password=None):
    lock = serialization.BestAvailableEncryption(password) if password \
        else serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                 lock).decode()


def test_a_certified_key_signs_as_python_verifies_it():
    """A CA's key from a PKCS#8 file; one under a password or of another certificate is refused."""
    value = {"type": "bid", "log_origin": "yangguang.example/log", "v": 1}
    curve, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    modulus = rsa.generate_private_key(65537, 2048)
    twice = _certificate(curve) + _certificate(other)
    pairs = [(_certificate(curve), _pem(curve)), (_certificate(modulus), _pem(modulus)),
             (twice.replace("\n", "\r\n"), _pem(curve)), (_certificate(other), _pem(curve)),
             (_certificate(curve), _pem(curve, b"secret")), ("", _pem(curve)),
             (_certificate(ec.generate_private_key(ec.SECP384R1())), _pem(curve))]
    found = node("certified", pairs=pairs, value=value)
    for one, chain in zip(found[:3], (pairs[0][0], pairs[1][0], twice), strict=True):
        assert one["chain"] == chain
        assert declaration.verify(value, {"certificate": one["chain"]}, one["signature"])
    assert ["refused" in one for one in found] == [False] * 3 + [True] * 4
    assert "command line" in found[4]["refused"]
