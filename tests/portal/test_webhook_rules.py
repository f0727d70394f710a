"""Which addresses a webhook may go to, what a call does, and what stands over a message."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from portal.webhooks import addresses, sending, signing

LOOPBACK = addresses.networks_of("127.0.0.0/8")
SECRET = signing.spelled(bytes(range(32)))

PRIVATE = (
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1",
    "192.0.2.1", "192.0.0.170", "203.0.113.9", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254",
    "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:a9fe:a9fe",
    "::169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:a9fe:a9fe::", "2002:7f00:1::", "2001:0:a9fe:a9fe::", "2001:db8::1", "100::1")
PUBLIC = ("1.1.1.1", "8.8.8.8", "223.5.5.5", "2400:3200::1", "::ffff:1.1.1.1", "64:ff9b::101:101")


def test_no_private_address_is_called_in_any_spelling():
    for text in PRIVATE:
        with pytest.raises(addresses.BadTarget):
            addresses.checked([text], (), "https")
        with pytest.raises(addresses.BadTarget):
            addresses.checked(["1.1.1.1", text], (), "https")
    for text in PUBLIC:
        assert addresses.checked([text], (), "https") == [text]


@pytest.mark.parametrize("url", [
    "http://example.com/", "https://127.0.0.1/", "https://[::1]/", "https://2130706433/",
    "https://0x7f.1/", "https://0xa9fea9fe/", "https://1.0x/", "https://0177.0.0.1/", "https://127.1/", "https://169.254.169.254/latest",
    "https://[::ffff:169.254.169.254]/", "https://user@example.com/", "https://example.com:22/",
    "https://example.com/\r\nX: y", "https://example.com/#x", "ftp://example.com/", "https://", "//x",
    "file:///etc/passwd", "gopher://example.com/", "https://exa mple.com/", "https://例子.cn/",
    "https://example.com:99999/", "https://[fe80::1%25eth0]/", "https://example.com\\@10.0.0.1/"])
def test_what_is_no_address_for_a_webhook(url):
    with pytest.raises(addresses.BadTarget):
        addresses.target(url)


def test_what_is_one():
    found = addresses.target("https://hooks.example.gov.cn:8443/in?x=1")
    assert (found.host, found.port, found.path) == ("hooks.example.gov.cn", 8443, "/in?x=1")
    assert addresses.target("http://127.0.0.1:9/x", LOOPBACK).port == 9
    with pytest.raises(addresses.BadTarget):
        addresses.target("http://10.0.0.1:9/x", LOOPBACK)
    assert addresses.listed("a.gov.cn", ("*.gov.cn",)) and not addresses.listed("gov.cn.x", ("*.gov.cn",))


class Listener:
    """Counts who comes to a port of this machine, and answers."""

    def __init__(self, answer=b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", tls=None):
        self.tls = tls
        self.answer, self.seen, self.sent = answer, [], 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            try:
                client = self.tls.wrap_socket(client, server_side=True) if self.tls else client
            except OSError:
                continue
            data, piece = b"", b"-"
            while piece and b"\r\n\r\n{" not in data:
                piece = client.recv(65536)
                data += piece
            self.seen.append(data)
            for piece in self.answer if isinstance(self.answer, list) else [self.answer]:
                try:
                    client.sendall(piece)
                except OSError:
                    break
                self.sent += 1
                if isinstance(self.answer, list):
                    time.sleep(0.1)
            client.close()


@pytest.fixture
def listener():
    made = Listener()
    yield made
    made.server.close()


def test_a_name_that_means_another_address_the_second_time_gains_nothing(listener):
    """DNS rebinding: public when it is judged, loopback when it is called."""
    answers = [["93.184.216.34"], ["127.0.0.1"]]
    asked = []

    def rebinding(host, port):
        asked.append(host)
        return answers[min(len(asked), 2) - 1]

    called = []

    def connect(address, timeout):
        called.append(address[0])
        raise TimeoutError

    target = addresses.Target("https", "rebind.example.com", listener.port, "/")
    original, sending.socket.create_connection = sending.socket.create_connection, connect
    try:
        with pytest.raises(sending.Unsent):
            sending.post(target, b"{}", {}, (), rebinding)
    finally:
        sending.socket.create_connection = original
    # Asked once, and what was judged is what was called.
    assert (asked, called) == (["rebind.example.com"], ["93.184.216.34"])
    with pytest.raises(sending.Unsent, match="no public address"):
        sending.post(target, b"{}", {}, (), rebinding)
    assert listener.seen == []


def test_a_call_and_what_it_does_not_follow(listener):
    target = addresses.target(f"http://127.0.0.1:{listener.port}/in", LOOPBACK)
    assert sending.post(target, b'{"a":1}', {"webhook-id": "x"}, LOOPBACK) == 204
    assert b"POST /in HTTP/1.1" in listener.seen[0] and b"webhook-id: x" in listener.seen[0]
    other = Listener(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:%d/\r\n"
                     b"Content-Length: 0\r\n\r\n" % listener.port)
    moved = addresses.target(f"http://127.0.0.1:{other.port}/", LOOPBACK)
    assert sending.post(moved, b"{}", {}, LOOPBACK) == 302
    other.server.close()
    assert len(listener.seen) == 1


def test_a_slow_or_endless_answer_ends(monkeypatch):
    lines = [b"HTTP/1.1 200 OK\r\n"] + [b"X: y\r\n"] * 90 + [b"\r\n"]
    slow = Listener(lines)
    with monkeypatch.context() as patch, pytest.raises(sending.Unsent):
        patch.setattr(sending, "TOTAL", 0.5)
        sending.post(addresses.target(f"http://127.0.0.1:{slow.port}/", LOOPBACK), b"{}", {}, LOOPBACK)
    assert slow.sent < len(lines), "it listened to the end"
    slow.server.close()
    endless = Listener(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000)
    assert sending.post(addresses.target(f"http://127.0.0.1:{endless.port}/", LOOPBACK), b"{}",
                        {}, LOOPBACK) == 200
    endless.server.close()


def self_signed(folder, host: str):
    """A file with a key and a certificate for a host's name or address, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    called = x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([called]), False)
        .sign(key, hashes.SHA256()))
    pem = folder / "tls.pem"
    pem.write_bytes(certificate.public_bytes(Encoding.PEM) + key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return pem


@pytest.fixture
def tls(tmp_path, monkeypatch):
    """A receiver with a certificate for hooks.example.com from an authority that is trusted."""
    pem = self_signed(tmp_path, "hooks.example.com")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    made, plain = Listener(tls=context), ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda: plain(cafile=str(pem)))
    yield made
    made.server.close()


def test_tls_asks_for_the_hosts_certificate(tls):
    def call(host):
        target = addresses.Target("https", host, tls.port, "/")
        return sending.post(target, b"{}", {}, LOOPBACK, lambda *_: ["127.0.0.1"])

    with pytest.raises(sending.Unsent, match="CertVerification"):
        call("other.example.com")
    assert call("hooks.example.com") == 204
    assert b"Host: hooks.example.com" in tls.seen[0]


def test_another_implementation_takes_our_signatures():
    body, now = b'{"type":"notice.approved"}', int(time.time())
    other = signing.spelled(b"another secret of 32 bytes......")
    headers = signing.signed([SECRET, other], "msg", now, body)
    for secret in (SECRET, other):
        assert Webhook(secret).verify(body.decode(), headers) == {"type": "notice.approved"}
        signing.verify(secret, headers, body, now)
    for wrong in ({"webhook-id": "m2"}, {"webhook-timestamp": str(now + 1)},
                  {"webhook-signature": "v1,AAAA"}):
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(body.decode(), headers | wrong)
        with pytest.raises(signing.BadWebhook):
            signing.verify(SECRET, headers | wrong, body, now)
    with pytest.raises(signing.BadWebhook):
        signing.verify(SECRET, headers, body, now + 301)
    ours = {"webhook-id": "m", "webhook-timestamp": str(now)}
    theirs = Webhook(SECRET).sign("m", datetime.fromtimestamp(now, UTC), body.decode())
    signing.verify(SECRET, ours | {"webhook-signature": theirs}, body, now)
