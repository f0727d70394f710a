"""A time-stamping authority for the demonstration and the tests: `openssl ts` behind HTTP.

Every token is made by OpenSSL under a root and a certificate made for the folder; nothing of it
is ours but the twenty lines that carry the question in and the answer out.

    python -m portal.demo.tsa FOLDER     prints its address, serves until ended
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_CONFIGURATION = """[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/signer.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
accuracy = secs:1
clock_precision_digits = 3
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
_EXTENSIONS = ("extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"
               "basicConstraints=critical,CA:FALSE\n")
_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def missing() -> bool:
    """Whether there is no `openssl` here."""
    return shutil.which("openssl") is None


class Authority:
    """The authority's keys in a folder; `tsa.pem` is what others believe it by."""

    def __init__(self, folder: Path):
        self.folder, self._lock = Path(folder).resolve(), threading.Lock()
        self.pem = self.folder / "tsa.pem"
        if not self.pem.exists():
            self._make()

    def answer(self, query: bytes) -> bytes:
        """The TimeStampResp for a TimeStampReq, both DER."""
        with self._lock, tempfile.TemporaryDirectory(dir=self.folder) as place:
            asked, given = Path(place, "query"), Path(place, "answer")
            asked.write_bytes(query)
            self._openssl("ts", "-reply", "-config", self.folder / "tsa.cnf", "-section", "one",
                          "-queryfile", asked, "-out", given)
            return given.read_bytes()

    def _make(self) -> None:
        folder = self.folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tsa.cnf").write_text(_CONFIGURATION.format(folder=folder))
        (folder / "extensions").write_text(_EXTENSIONS)
        (folder / "serial").write_text("01")
        root, key = folder / "root.pem", folder / "root.key"
        self._openssl("req", "-x509", *_CURVE, "-keyout", key, "-out", root, "-days", "3650",
                      "-subj", "/CN=Yangguang demonstration TSA root",
                      "-addext", "basicConstraints=critical,CA:TRUE")
        self._openssl("req", *_CURVE, "-keyout", folder / "signer.key", "-out",
                      folder / "signer.csr", "-subj", "/CN=Yangguang demonstration TSA")
        self._openssl("x509", "-req", "-in", folder / "signer.csr", "-CA", root, "-CAkey", key,
                      "-CAcreateserial", "-out", folder / "signer.pem", "-days", "3650",
                      "-extfile", folder / "extensions")
        self.pem.write_bytes(root.read_bytes() + (folder / "signer.pem").read_bytes())

    @staticmethod
    def _openssl(*words: object) -> None:
        done = subprocess.run(["openssl", *map(str, words)], capture_output=True, timeout=60,
                              check=False)
        if done.returncode:
            raise RuntimeError(f"openssl {words[0]}: {done.stderr.decode(errors='replace')[-500:]}")


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Answer one query."""
        query = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 65536))
        try:
            data, status = self.server.authority.answer(query), 200
        except RuntimeError:
            data, status = b"", 500
        self.send_response(status)
        self.send_header("Content-Type", "application/timestamp-reply")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_words) -> None:
        """Say nothing."""


def server(authority: Authority) -> ThreadingHTTPServer:
    """A server on a free port of loopback, not yet serving."""
    found = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    found.daemon_threads, found.authority = True, authority
    return found


def main() -> None:
    """Serve until ended."""
    found = server(Authority(Path(sys.argv[1])))
    print(f"http://127.0.0.1:{found.server_port}/", flush=True)
    found.serve_forever()


if __name__ == "__main__":
    main()
