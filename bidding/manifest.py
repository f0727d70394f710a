"""What a part says of itself: manifest.json, the last member, hidden until the opening.

`{v, purpose:"bid", log_origin, tender, lot, bid, part, tenderer, version, nonce,
files:[{name,size,hash}]}`. It binds the contents to tender, lot, company, part and version
(age has no associated data): a ciphertext filed by another company opens to a manifest that
names its owner (assurance Q30, I11, I12).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from kernel.canonical import NotCanonical, b64, jcs, parse_canonical, sha256, unb64, unhex

PARTS = ("form", "technical", "price")
FORM_FILE = "form.json"
MAX_FILES = 5000
MAX_NAME = 255
MAX_FEN = 10**15
MAX_CERTIFICATE, MAX_QUALIFICATION, MAX_WORK, MAX_WORKS = 120, 1000, 300, 20
"""Characters of a leader's certificate, the qualification and one work; how many works."""
_BINDING = ("log_origin", "tender", "lot", "bid", "part", "tenderer", "version")
_KEYS = {"v", "purpose", "nonce", "files", *_BINDING}


class BadManifest(ValueError):
    """The manifest is malformed, or names another bid; `field` says which point differs."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class FileEntry:
    """One file: its true name, size in bytes and block hash."""

    name: str
    size: int
    hash: str


def build(binding: dict[str, object], nonce: bytes, files: list[FileEntry]) -> bytes:
    """The bytes of manifest.json. `binding` has the seven names of `_BINDING`."""
    if set(binding) != set(_BINDING):
        raise ValueError("incomplete binding")
    entries = [{"name": f.name, "size": f.size, "hash": f.hash} for f in files]
    return jcs({"v": 1, "purpose": "bid", **binding, "nonce": b64(nonce), "files": entries})


def read(data: bytes, binding: dict[str, object], manifest_hash: str) -> list[FileEntry]:
    """The files that a manifest lists, once it is seen to be the declared one of this bid.

    The tenderer is compared first, because the difference is then a theft and not a mistake.
    Raises BadManifest.
    """
    try:
        value = parse_canonical(data)
    except NotCanonical as error:
        raise BadManifest("manifest", str(error)) from error
    if not isinstance(value, dict) or set(value) != _KEYS or value["v"] != 1:
        raise BadManifest("manifest", "not a manifest of version 1")
    if value["purpose"] != "bid":
        raise BadManifest("purpose", "sealed for another purpose")
    for field in ("tenderer", *_BINDING):
        if value[field] != binding[field] or type(value[field]) is not type(binding[field]):
            raise BadManifest(field, f"the manifest names another {field}")
    if sha256(data).hex() != manifest_hash:
        raise BadManifest("manifest_hash", "not the manifest that was declared")
    try:
        unb64(value["nonce"], 32)
    except NotCanonical as error:
        raise BadManifest("nonce", str(error)) from error
    return _files(value["files"])


def _files(entries: object) -> list[FileEntry]:
    if not isinstance(entries, list) or not 1 <= len(entries) <= MAX_FILES:
        raise BadManifest("files", "no files, or too many")
    files, seen = [], set()
    for entry in entries:
        if not isinstance(entry, dict) or set(entry) != {"name", "size", "hash"}:
            raise BadManifest("files", "a malformed file entry")
        name, size = entry["name"], entry["size"]
        check_name(name)
        if isinstance(size, bool) or not isinstance(size, int) or size < 0:
            raise BadManifest("files", "a file without a size")
        try:
            unhex(entry["hash"])
        except NotCanonical as error:
            raise BadManifest("files", "a file without a hash") from error
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            raise BadManifest("files", "two files of the same name")
        seen.add(folded)
        files.append(FileEntry(name, size, entry["hash"]))
    return files


def check_name(name: object) -> None:
    """Raise BadManifest unless `name` is a plain file name (assurance Q60): shown, never opened."""
    if not isinstance(name, str) or not name or len(name.encode()) > MAX_NAME:
        raise BadManifest("files", "a file name is missing or longer than 255 bytes")
    if name in (".", "..") or "/" in name or "\\" in name:
        raise BadManifest("files", "a file name is a path")
    if any(unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp", "Cs") for letter in name):
        raise BadManifest("files", "a file name has control or direction marks")


@dataclass(frozen=True)
class Form:
    """开标一览表: the price in fen, the period in days, the quality and the project leader; of a
    joint bid (version 2) also its `consortium` (consortium.py); of version 3 also `credentials`:
    what the candidates' notice shows besides (招标公告和公示信息发布管理办法 6)."""

    price_fen: int
    period_days: int
    quality: str
    leader: str
    consortium: dict | None = None
    credentials: dict | None = None
    """`{certificate: {name, number} or null, qualification: text or null, performance: [text]}`"""

    def to_json(self) -> bytes:
        """The bytes of form.json."""
        said = {"v": 1, "price_fen": self.price_fen, "period_days": self.period_days,
                "quality": self.quality, "leader": self.leader}
        if self.consortium is not None:
            said |= {"v": 2, "consortium": self.consortium}
        if self.credentials is not None:
            said |= {"v": 3, "credentials": self.credentials}
        return jcs(said)


def read_form(data: bytes) -> Form:
    """Read form.json; raises BadManifest with the field that is wrong."""
    try:
        value = parse_canonical(data)
    except NotCanonical as error:
        raise BadManifest("form", str(error)) from error
    keys = {"v", "price_fen", "period_days", "quality", "leader"}
    more = set(value) - keys if isinstance(value, dict) else set()
    version = 3 if "credentials" in more else 2 if "consortium" in more else 1
    if not isinstance(value, dict) or not keys <= set(value) or value["v"] != version \
            or isinstance(value["v"], bool) or more - {"consortium", "credentials"}:
        raise BadManifest("form", "not an opening form of version 1, 2 or 3")
    for field, top in (("price_fen", MAX_FEN), ("period_days", 36500)):
        number = value[field]
        if isinstance(number, bool) or not isinstance(number, int) or not 0 < number <= top:
            raise BadManifest(field, f"{field} is not a number between 1 and {top}")
    for field in ("quality", "leader"):
        if not _line(value[field], 200):
            raise BadManifest(field, f"{field} is not a line of text")
    if "credentials" in value:
        _check_credentials(value["credentials"])
    return Form(value["price_fen"], value["period_days"], value["quality"], value["leader"],
                value.get("consortium"), value.get("credentials"))


def _line(text: object, most: int) -> bool:
    return isinstance(text, str) and bool(text.strip()) and len(text) <= most \
        and not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in text)


def _check_credentials(value: object) -> None:
    """Raise BadManifest unless these are credentials, of which at least one is stated."""
    def wrong(why: str) -> BadManifest:
        return BadManifest("credentials", f"credentials: {why}")

    if not isinstance(value, dict) or set(value) != {"certificate", "qualification",
                                                     "performance"}:
        raise wrong("not {certificate, qualification, performance}")
    certificate, works = value["certificate"], value["performance"]
    if certificate is not None and (
            not isinstance(certificate, dict) or set(certificate) != {"name", "number"}
            or not all(_line(one, MAX_CERTIFICATE) for one in certificate.values())):
        raise wrong("the certificate has a name and a number, each a line of text")
    if value["qualification"] is not None and not _line(value["qualification"],
                                                        MAX_QUALIFICATION):
        raise wrong("the qualification is not a line of text")
    if not isinstance(works, list) or len(works) > MAX_WORKS \
            or not all(_line(one, MAX_WORK) for one in works):
        raise wrong(f"the performance is not a list of at most {MAX_WORKS} lines of text")
    if certificate is None and value["qualification"] is None and not works:
        raise wrong("nothing is stated; leave them out")
