"""Cosignatures: the specification's example, an implementation that is not ours, every flip."""

import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import cosignature
from audit.checkpoint import Head, read, sign
from audit.cosignature import Cosigner, CosignerKey, accepted, cosigned_by, quorum_time
from audit.note import BadNote, Signer, Verifier, parse

ASIDE = Path(__file__).resolve().parents[2] / ".venv" / "aside"

SPECIFIED = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""
"""The example of tlog-cosignature.md. Its keys are not given, so only its form is a vector."""


@pytest.fixture(scope="module")
def aics():
    sys.path.append(str(ASIDE))
    try:
        return pytest.importorskip("aics_tlog.cosign", reason="aics-tlog is missing; ./dev installs it")
    finally:
        sys.path.remove(str(ASIDE))


@pytest.fixture
def note():
    return sign(Head("example.com/log", 7, bytes(range(32))), Signer("example.com/log", bytes(32)))


def test_the_specifications_example_has_the_form_we_read():
    signed = parse(SPECIFIED)
    line = signed.signatures[1]
    assert line.name == "witness.example.com/w1" and len(line.value) == 72
    assert cosignature.time_of(line.value) == 1679315147
    assert cosignature.message(signed.text, 1679315147) == (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n")


def test_another_implementation_agrees_both_ways(aics, note):
    seed, text = bytes(range(1, 33)), parse(note).text
    ours, theirs = CosignerKey("w.example/1", seed), Ed25519PrivateKey.from_private_bytes(seed)
    blob, line = aics.sign_cosignature(theirs, "w.example/1", 1700000000, "example.com/log", 7,
                                       bytes(range(32)))
    made = parse(note + ours.cosign(text, 1700000000)).signatures[1]
    assert (made.id, made.value) == (line.key_id, blob)
    assert aics.verify_cosignature(made.value, "w.example/1", ours.cosigner.public,
                                   "example.com/log", 7, bytes(range(32)))
    key = aics.cosignature_vkey("w.example/1", ours.cosigner.public)
    assert Cosigner.parse(str(ours.cosigner)) == ours.cosigner
    assert (key.name, key.key_id) == (ours.cosigner.name, ours.cosigner.id)


def test_a_note_with_cosignatures_is_read_and_every_flip_of_a_line_is_found(note):
    one, two = CosignerKey.generate("w.example/1"), CosignerKey.generate("w.example/2")
    text, log = parse(note).text, Signer("example.com/log", bytes(32)).verifier
    whole = note + one.cosign(text, 1700000000) + two.cosign(text, 1700000007)
    others = (one.cosigner, two.cosigner)
    assert read(whole, log, others=others, closed=True).size == 7
    assert cosigned_by(parse(whole), list(others)) == {one.cosigner: 1700000000,
                                                       two.cosigner: 1700000007}
    data = whole.encode()
    for place in range(len(data)):
        for bit in (0, 5, 7):
            broken = data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1:]
            with pytest.raises(BadNote):
                read(broken, log, others=others, closed=True)


def test_a_cosignature_is_no_signature_of_a_log_and_the_other_way_round(note):
    seed = bytes(range(32))
    key, log = CosignerKey("example.com/log", seed), Signer("example.com/log", seed)
    assert key.cosigner.id != log.verifier.id
    with pytest.raises(BadNote):
        Verifier.parse(str(key.cosigner))
    with pytest.raises(BadNote):
        Cosigner.parse(str(log.verifier))
    with pytest.raises(BadNote):
        CosignerKey.parse(log.secret_text())
    value = parse(log.sign(parse(note).text)).signatures[0].value
    assert not key.cosigner.verify(parse(note).text.encode(), bytes(8) + value)


def test_the_time_is_under_the_signature(note):
    key, text = CosignerKey.generate("w.example/1"), parse(note).text
    value = parse(note + key.cosign(text, 1700000000)).signatures[1].value
    assert key.cosigner.verify(text.encode(), value)
    assert not key.cosigner.verify(text.encode(), (1700000001).to_bytes(8, "big") + value[8:])
    for at in (0, -1, 2**63):
        with pytest.raises(BadNote):
            cosignature.message(text, at)


def test_of_an_answer_only_the_witnesses_own_good_line_is_taken(note):
    key, other = CosignerKey.generate("w.example/1"), CosignerKey.generate("w.example/1")
    text = parse(note).text
    line = key.cosign(text, 1700000000)
    assert accepted(note, line.encode(), key.cosigner) == (line, 1700000000)
    assert accepted(note, (other.cosign(text, 5) + line).encode(), key.cosigner)[0] == line
    for answer in (b"", b"\n", b"no line\n", line.encode()[:-1], other.cosign(text, 5).encode(),
                   key.cosign(text.replace("7", "8"), 5).encode(), line.encode() * 40):
        assert accepted(note, answer, key.cosigner) is None


def test_the_quorums_time_is_the_quorumth_smallest():
    assert quorum_time([30, 10, 20], 2) == 20
    assert quorum_time([30], 2) is None and quorum_time([], 0) is None


def test_a_private_key_reads_back_and_shows_itself_nowhere():
    key = CosignerKey.generate("w.example/1")
    assert CosignerKey.parse(key.secret_text()).cosigner == key.cosigner
    assert key.secret_text() not in repr(key)
    with pytest.raises(BadNote) as caught:
        CosignerKey.parse(key.secret_text()[:-2])
    assert key.secret_text()[-20:-2] not in str(caught.value)
