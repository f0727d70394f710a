"""A sealed bid, from files to files: with our reader, with Debian's age and tar, with pyrage."""

import os
import shutil
import stat
import subprocess
import tarfile

import pyrage
import pytest

from bidding import age, blocks, declaration, manifest, policy, rules, sealing, suites, ustar
from bidding.manifest import Form
from bidding.sealing import Terms
from kernel.canonical import sha256, unb64
from kernel.refusal import Refused

CLASSIC = suites.get("intl-x25519-1")

SECRET = bytes(range(32))

only_classic = pytest.mark.parametrize("suite", [CLASSIC], indirect=True)
"""For tools that read no other suite yet."""


@pytest.fixture(scope="module", params=suites.SUITES.values(), ids=lambda suite: suite.name)
def suite(request):
    return request.param


@pytest.fixture(scope="module")
def officials(suite):
    return [suite.generate() for _ in range(3)]


@pytest.fixture(scope="module")
def terms(suite, officials):
    tree = policy.embedded([(f"o{i}", suite.recipient_of(s)) for i, s in enumerate(officials)])
    return Terms("a.example/log", suite.name, "1" * 32, "2" * 32, tree)


@pytest.fixture
def sealed(terms, tmp_path):
    technical, price = tmp_path / "方案.pdf", tmp_path / "清单.xlsx"
    technical.write_bytes(os.urandom(300_000))
    price.write_bytes(b"price" * 1000)
    return sealing.seal(terms, "91330703MA2TERTA3E", Form(100, 30, "合格", "李四"),
                        [technical], [price], tmp_path / "out")


def expected(terms):
    return rules.Expected(terms.log_origin, terms.suite, terms.policy,
                          policy.policy_hash(terms.policy), terms.tender, terms.lot,
                          "91330703MA2TERTA3E")


def read(sealed, part):
    path = sealed.files[part]
    with open(path, "rb") as file:
        opened = age.Opened(lambda o, n: os.pread(file.fileno(), n, o), path.stat().st_size,
                            [suites.get(sealed.declaration["suite"]).identity(sealed.seeds[part])])
        return b"".join(opened.chunks())


def test_the_platform_takes_what_is_sealed(sealed, terms):
    text = declaration.jcs(sealed.declaration).decode()
    key, signature = declaration.sign(sealed.declaration, SECRET)
    declared = rules.read_declaration(text, key, signature, expected(terms))
    wraps = rules.read_wraps(declared, terms.policy, sealed.wraps)
    assert len(wraps) == 9
    for part in declared.parts:
        data = sealed.files[part.part].read_bytes()
        assert len(data) == part.size and blocks.hash_bytes(data) == part.ciphertext_hash
        rules.check_sealed(data[:blocks.BLOCK], part.size, part.recipient)
        rules.check_block(data[:blocks.BLOCK], 0, part.size)


def test_the_manifest_is_last_and_lists_the_files(sealed, tmp_path):
    data = read(sealed, "technical")
    members = ustar.read_members(lambda o, n: data[o:o + n], len(data))
    last = members[-1]
    binding = {key: sealed.declaration[key] for key in ("log_origin", "tender", "lot", "bid",
                                                        "tenderer", "version")}
    part = sealed.declaration["parts"][1]
    files = manifest.read(data[last.offset:last.offset + last.size],
                          {**binding, "part": "technical"}, part["manifest_hash"])
    assert [file.name for file in files] == ["方案.pdf"]
    content = data[members[0].offset:members[0].offset + members[0].size]
    assert blocks.hash_bytes(content) == files[0].hash
    assert content == (tmp_path / "方案.pdf").read_bytes()


@pytest.mark.skipif(shutil.which("age") is None, reason="Debian's age is not installed")
@only_classic
def test_debian_age_and_tar_open_it(sealed, terms, tmp_path):
    key = tmp_path / "bid.key"
    sealing.write_key_file(key, sealed, terms, ("k", "s"))
    plain = tmp_path / "technical.tar"
    subprocess.run(["age", "-d", "-i", key, "-o", plain, sealed.files["technical"]], check=True)
    with tarfile.open(plain) as tar:
        assert tar.getnames() == ["0001", "manifest.json"]


@only_classic
def test_pyrage_opens_it(sealed):
    for part in manifest.PARTS:
        identity = pyrage.x25519.Identity.from_str(CLASSIC.identity_text(sealed.seeds[part]))
        assert pyrage.decrypt(sealed.files[part].read_bytes(), [identity]) == read(sealed, part)


def test_the_key_file_is_for_its_owner_only(sealed, terms, tmp_path):
    key = tmp_path / "bid.key"
    sealing.write_key_file(key, sealed, terms, ("k", "s"))
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    kept = sealing.read_key_file(key)
    assert kept["seeds"] == sealed.seeds and kept["declaration"] == sealed.declaration
    for part in sealed.declaration["parts"]:
        assert sha256(unb64(kept["own"][part["part"]])).hex() == part["shares"][0]["share_hash"]


def test_two_officials_open_each_part(sealed, terms, officials):
    wraps = {(one["part"], one["path"]): unb64(one["wrap"]) for one in sealed.wraps}
    for part in sealed.declaration["parts"]:
        for pair in ((0, 1), (0, 2), (1, 2)):
            shares = {f"1/{i}": sealing.unwrap(wraps[part["part"], f"1/{i}"], officials[i],
                                               sealed.declaration, part["part"], f"1/{i}")
                      for i in pair}
            seed = policy.combine(terms.policy, shares)
            assert rules.check_recipient(seed, part["recipient"])


def test_a_share_is_released_for_its_own_bid_only(sealed, officials):
    wrap = unb64(sealed.wraps[0]["wrap"])
    for field, value in (("tenderer", "91360732MA38K2P465"), ("bid", "9" * 32), ("lot", "8" * 32),
                         ("version", 2), ("tender", "7" * 32), ("log_origin", "b.example/log")):
        with pytest.raises(sealing.BadWrap, match=field):
            sealing.unwrap(wrap, officials[0], {**sealed.declaration, field: value}, "form", "1/0")
    with pytest.raises(sealing.BadWrap):
        sealing.unwrap(wrap, officials[0], sealed.declaration, "price", "1/0")
    with pytest.raises(sealing.BadWrap):
        sealing.unwrap(wrap, officials[1], sealed.declaration, "form", "1/0")


def test_sizes_are_padded(sealed):
    for part in sealed.declaration["parts"]:
        header = age.parse_header(sealed.files[part["part"]].read_bytes()[:4096])
        plain = age.plain_size(header.length, part["size"])
        assert ustar.padme(plain) == plain


def refused(call):
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.word.code


@pytest.mark.parametrize("field,value,code", [
    ("tenderer", "91360732MA38K2P465", "bid.declared-elsewhere"),
    ("lot", "8" * 32, "bid.declared-elsewhere"), ("tender", "8" * 32, "bid.declared-elsewhere"),
    ("log_origin", "b.example/log", "bid.declared-elsewhere"),
    ("suite", "gm-1", "bid.wrong-suite"), ("policy_hash", "ee" * 32, "bid.wrong-policy"),
])
def test_a_declaration_about_something_else_is_refused(sealed, terms, field, value, code):
    changed = {**sealed.declaration, field: value}
    key, signature = declaration.sign(changed, SECRET)
    text = declaration.jcs(changed).decode()
    assert refused(lambda: rules.read_declaration(text, key, signature, expected(terms))) == code


def test_a_wrong_signature_is_refused(sealed, terms):
    text = declaration.jcs(sealed.declaration).decode()
    key, signature = declaration.sign({**sealed.declaration, "version": 3}, SECRET)
    assert refused(lambda: rules.read_declaration(text, key, signature, expected(terms))) \
        == "bid.signature-wrong"


def test_wraps_must_be_all_there_and_as_declared(sealed, terms):
    declared = declaration.parse(declaration.jcs(sealed.declaration).decode())
    other = {**sealed.wraps[0], "wrap": sealed.wraps[1]["wrap"]}
    extra = {**sealed.wraps[0], "path": "0"}
    for wraps in (sealed.wraps[1:], [other, *sealed.wraps[1:]], [*sealed.wraps, extra],
                  [*sealed.wraps, sealed.wraps[0]], [{**sealed.wraps[0], "wrap": "%"}], []):
        assert refused(lambda wraps=wraps: rules.read_wraps(declared, terms.policy, wraps)) \
            == "bid.shares-incomplete"


RECIPIENT = CLASSIC.recipient_of(bytes([1]) * 32)


@pytest.mark.parametrize("data,size", [
    (b"%PDF-1.7 plain", 14), (b"age-encryption.org/v1\n", 22),
    (age.seal(b"x" * 600, [CLASSIC.recipient_of(bytes([1]) * 32)]), None),
    (age.seal(bytes(1024), [CLASSIC.recipient_of(bytes([1]) * 32)] * 2), None),
    (b"age-encryption.org/v1\n" + b"-> X25519 " + b"A" * 5000, 5032),
])
def test_what_is_not_sealed_is_not_a_first_block(data, size):
    assert refused(lambda: rules.check_sealed(data, size or len(data), RECIPIENT)) \
        == "bid.not-sealed"


def test_a_block_of_another_length_or_digest_is_refused():
    assert refused(lambda: rules.check_block(b"x", 1, blocks.BLOCK + 2)) == "bid.block-wrong"
    assert refused(lambda: rules.check_block(b"x", 2, blocks.BLOCK + 1)) == "bid.block-wrong"
    assert refused(lambda: rules.check_block(b"x", 1, blocks.BLOCK + 1, "00" * 32)) \
        == "upload.checksum"
    rules.check_block(b"x", 1, blocks.BLOCK + 1, sha256(b"x").hex())
