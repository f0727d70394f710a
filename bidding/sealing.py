"""Sealing a bid on the tenderer's own disk, before anything is sent (sealed-bid A2, A3.2).

Each part is sealed in one pass: tar → age → file, hashed on the way. Then the shares of the
part's key are dealt along the tender's policy and each holder's is wrapped for that holder
alone. The key file keeps the seeds; whoever loses it can still be opened by the rest of the
policy, whoever gives it away gives the bid away. The manifests are kept beside the parts, under
the same rules: without their nonces the plain files could not be handed in (A3.8).
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kernel.canonical import NotCanonical, b64, jcs, parse, parse_canonical, sha256, unb64
from kernel.files import write_whole

from . import age, blocks, manifest, policy, suites, ustar
from .manifest import FORM_FILE, PARTS, FileEntry, Form

PIECE = 1 << 20
WRAP_LIMIT = 4096
MANIFEST_END = ".manifest.json"


@dataclass(frozen=True)
class Terms:
    """What the signed notice says and every declaration repeats."""

    log_origin: str
    suite: str
    tender: str
    lot: str
    policy: object

    def check(self) -> None:
        """Raise ValueError where this sealer cannot follow the notice."""
        policy.check(self.policy, suites.get(self.suite))


@dataclass
class Sealed:
    """A sealed bid version: the declaration (unsigned), the wraps beside it, and for the key
    file each part's seed and the tenderer's own share of it."""

    declaration: dict
    wraps: list[dict]
    seeds: dict[str, bytes]
    own: dict[str, bytes]
    files: dict[str, Path] = field(default_factory=dict)


def seal(terms: Terms, tenderer: str, form: Form, technical: list[Path], price: list[Path],
         folder: Path, *, bid: str | None = None, version: int = 1, previous: str | None = None,
         progress: Callable[[str, int], None] = lambda part, size: None) -> Sealed:
    """Seal one bid version into `folder` (`form.age`, `technical.age`, `price.age`, beside each
    its manifest, and the form as it is: what the plain files are handed in with).

    `previous` is the hash of the declaration it replaces. `progress(part, bytes)` is called as
    plain bytes are sealed. Raises ValueError, BadManifest or NotOurs before anything is sent.
    """
    terms.check()
    suite = suites.get(terms.suite)
    bid = bid or secrets.token_hex(16)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    binding = {"log_origin": terms.log_origin, "tender": terms.tender, "lot": terms.lot,
               "bid": bid, "tenderer": tenderer, "version": version}
    sealed = Sealed({}, [], {}, {})
    parts = []
    for part in PARTS:
        seed = suite.generate()
        sources: list[Path | bytes] = [form.to_json()] if part == "form" else list(
            technical if part == "technical" else price)
        path = folder / f"{part}.age"
        described = _seal_part(path, suite.recipient_of(seed), {**binding, "part": part}, sources,
                               lambda size, part=part: progress(part, size))
        if part == "form":
            write_whole(folder / FORM_FILE, form.to_json())
        shares, wraps, own = deal(terms, {**binding, "part": part}, seed)
        sealed.seeds[part], sealed.files[part] = seed, path
        sealed.wraps += wraps
        if own is not None:
            sealed.own[part] = own
        parts.append({"part": part, **described, "shares": shares})
    sealed.declaration = {
        "v": 1, "type": "bid", "log_origin": terms.log_origin, "suite": terms.suite,
        "tender": terms.tender, "lot": terms.lot, "bid": bid, "tenderer": tenderer,
        "version": version, "previous": previous,
        "policy_hash": policy.policy_hash(terms.policy), "parts": parts}
    return sealed


def _seal_part(path: Path, recipient: str, binding: dict, sources: list,
               progress: Callable[[int], None]) -> dict:
    hasher = blocks.Hasher()
    with open(path, "wb", buffering=PIECE) as file:
        os.chmod(path, 0o600)

        def sink(data: bytes) -> None:
            hasher.update(data)
            file.write(data)

        sealer = age.Sealer(sink, [recipient])
        tar = ustar.Writer(sealer.write)
        entries = [_add(tar, source, progress) for source in sources]
        text = manifest.build(binding, secrets.token_bytes(32), entries)
        tar.finish(text)
        sealer.close()
        file.flush()
        os.fsync(file.fileno())
    write_whole(path.with_suffix(MANIFEST_END), text)
    return {"recipient": recipient, "manifest_hash": sha256(text).hex(),
            "ciphertext_hash": hasher.hexdigest(), "size": hasher.size}


def _add(tar: ustar.Writer, source: Path | bytes, progress: Callable[[int], None]) -> FileEntry:
    if isinstance(source, bytes):
        tar.begin(len(source))
        tar.write(source)
        return FileEntry(FORM_FILE, len(source), blocks.hash_bytes(source))
    manifest.check_name(source.name)
    hasher = blocks.Hasher()
    with open(source, "rb") as file:
        tar.begin(os.fstat(file.fileno()).st_size)
        while piece := file.read(PIECE):
            tar.write(piece)
            hasher.update(piece)
            progress(len(piece))
    return FileEntry(source.name, hasher.size, hasher.hexdigest())


def deal(terms: Terms, binding: dict,
         seed: bytes) -> tuple[list[dict], list[dict], bytes | None]:
    """Shares of one part's key as the declaration lists them, the wraps beside it, and the
    tenderer's own share, which is neither wrapped nor sent."""
    holders = policy.holders(terms.policy)
    recipient_hash = sha256(suites.get(terms.suite).recipient_of(seed).encode()).hex()
    shares, wraps, own = [], [], None
    for path, share in policy.deal(terms.policy, seed).items():
        wrap_hash = None
        if path in holders:
            text = jcs({"v": 1, "purpose": "share", **binding, "role": "official", "path": path,
                        "share": b64(share), "recipient_hash": recipient_hash})
            wrap = age.seal(text, [holders[path]["recipient"]])
            wrap_hash = sha256(wrap).hex()
            wraps.append({"part": binding["part"], "path": path, "wrap": b64(wrap)})
        else:
            own = share
        shares.append({"path": path, "share_hash": sha256(share).hex(), "wrap_hash": wrap_hash})
    return shares, wraps, own


class BadWrap(ValueError):
    """The wrapped share is not the one its declaration speaks of; it is never released."""


def unwrap(wrap: bytes, seed: bytes, declared: dict, part: str, path: str) -> bytes:
    """A holder's share, once it is seen to belong to exactly this bid, part and path.

    `declared` is the bid's declaration; `seed` the holder's identity. Raises BadWrap: a wrap
    copied from another company's bid names that company (assurance Q30).
    """
    try:
        value = parse_canonical(age.unseal(wrap, [suites.get(declared["suite"]).identity(seed)]))
        share = unb64(value["share"])
        recipient = next(one["recipient"] for one in declared["parts"] if one["part"] == part)
    except (age.NotAge, age.NoMatch, age.WrongMac, age.Damaged, NotCanonical, KeyError, TypeError,
            StopIteration) as error:
        raise BadWrap(f"not a wrapped share for this key: {error}") from error
    expected = {"v": 1, "purpose": "share", "part": part, "role": "official", "path": path,
                "share": b64(share), "recipient_hash": sha256(recipient.encode()).hex(),
                **{key: declared[key] for key in ("log_origin", "tender", "lot", "bid",
                                                  "tenderer", "version")}}
    if value != expected:
        odd = sorted(key for key in {*value, *expected} if value.get(key) != expected.get(key))
        raise BadWrap(f"the share was dealt for another {odd[0]}")
    declared_hash = next((share_["share_hash"] for one in declared["parts"] if one["part"] == part
                          for share_ in one["shares"] if share_["path"] == path), None)
    if sha256(share).hex() != declared_hash:
        raise BadWrap("the share is not the one that was declared")
    return share


def write_key_file(path: Path, sealed: Sealed, terms: Terms, signature: tuple[str, str]) -> None:
    """Keep seeds, declaration, signature and wraps, readable by the owner only, durable.

    The first lines are what Debian's `age -d -i` reads; the last holds the rest as JSON.
    """
    rest = {"v": 1, "declaration": sealed.declaration, "wraps": sealed.wraps,
            "key": signature[0], "signature": signature[1], "policy": terms.policy,
            "seeds": {part: b64(seed) for part, seed in sealed.seeds.items()},
            "own": {part: b64(share) for part, share in sealed.own.items()}}
    suite = suites.get(terms.suite)
    lines = [f"# {part}\n{suite.identity_text(seed)}\n" for part, seed in sealed.seeds.items()]
    write_whole(path, ("".join(lines) + "# " + json.dumps(rest, ensure_ascii=True) + "\n").encode())


def read_key_file(path: Path) -> dict:
    """What `write_key_file` kept, seeds as bytes; raises ValueError when it is not a key file."""
    last = path.read_text(encoding="utf-8").rstrip("\n").rpartition("\n")[2]
    value = parse(last.removeprefix("# "))
    if not isinstance(value, dict) or value.get("v") != 1 or "seeds" not in value:
        raise ValueError(f"{path} is not a key file")
    value["seeds"] = {part: unb64(text, 32) for part, text in value["seeds"].items()}
    return value
