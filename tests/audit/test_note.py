"""Notes, keys, checkpoints, leaves and proof files: one spelling, and only the right key."""

import pytest

from audit import checkpoint, leaf, note, proofs, tiles, tlogproof
from audit.checkpoint import Head
from audit.note import BadNote, Signer, Verifier
from audit.tlogproof import BadProofFile, TlogProof
from kernel.canonical import b64, jcs

from .stores import START

# The example of C2SP signed-note.
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
SIGNED = ("This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfX"
          "ppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n")
KEY = Signer("log.example/x", bytes(range(32)))
OTHER = Signer("log.example/x", bytes(range(1, 33)))


def test_the_specification_s_example():
    key = Verifier.parse(VKEY)
    assert str(key) == VKEY
    assert note.verify(SIGNED, [key]).text == "This is an example message.\n"


def test_flipping_any_bit_of_the_example_is_found():
    key, data = Verifier.parse(VKEY), SIGNED.encode()
    for place in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            with pytest.raises(BadNote):
                note.verify(bytes(changed), [key])


def test_keys_are_read_back_and_keep_their_secret():
    assert Signer.parse(KEY.secret_text()).verifier == KEY.verifier
    assert Verifier.parse(str(KEY.verifier)) == KEY.verifier
    assert KEY.secret_text().split("+")[-1] not in repr(KEY)
    secret = KEY.secret_text()
    for bad in (secret[:-5] + "AAAA=", secret.replace("PRIVATE", "PUBLIC"), str(KEY.verifier), ""):
        with pytest.raises(BadNote) as caught:
            Signer.parse(bad)
        assert secret[40:60] not in str(caught.value)


@pytest.mark.parametrize("text", [
    VKEY.upper(), VKEY + "\n", VKEY[:-1], VKEY.replace("530d903a", "530D903A"),
    VKEY.replace("530d903a", "530d903b"), VKEY.replace("foo", "fop"), VKEY.replace("+A", "+B"),
    "a b" + VKEY[15:], VKEY.replace("+", "-"), VKEY + "=", "",
])
def test_other_spellings_of_a_key_are_refused(text):
    with pytest.raises(BadNote):
        Verifier.parse(text)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "a\x00b"])
def test_key_names(name):
    with pytest.raises(BadNote):
        Signer(name, bytes(32))


@pytest.mark.parametrize("text", ["", "no newline", "tab\there\n", "bell\x07\n", "cr\r\n"])
def test_texts_that_are_no_notes(text):
    with pytest.raises(BadNote):
        KEY.sign(text)


def test_a_text_may_hold_empty_lines_and_chinese():
    text = "第一行\n\n\n第二行\n"
    assert note.verify(KEY.sign(text), [KEY.verifier]).text == text


def test_unknown_signatures_are_ignored_unless_everything_must_be_known():
    signed = KEY.sign("text\n")
    stranger = Signer("witness.example", bytes(32)).sign("text\n").split("\n\n")[1]
    both = signed + stranger
    assert note.verify(both, [KEY.verifier]).text == "text\n"
    with pytest.raises(BadNote, match=r"witness\.example"):
        note.verify(both, [KEY.verifier], closed=True)
    with pytest.raises(BadNote, match="no known key"):
        note.verify(stranger.join(["text\n\n", ""]), [KEY.verifier])
    with pytest.raises(BadNote, match="no known key"):
        note.verify(OTHER.sign("text\n"), [KEY.verifier])


def test_a_wrong_signature_under_a_known_key_spoils_the_note():
    good = KEY.sign("text\n")
    wrong = KEY.sign("other\n").split("\n\n")[1]
    for lines in (wrong + good.split("\n\n")[1], good.split("\n\n")[1] * 2):
        with pytest.raises(BadNote):
            note.verify("text\n\n" + lines, [KEY.verifier])


@pytest.mark.parametrize("change", [
    lambda text: text + "\n", lambda text: text + " ", lambda text: text.replace("\n\n", "\n"),
    lambda text: text.replace("— ", "- "), lambda text: text.replace("— ", "—  "),
    lambda text: text[:-2] + "\n", lambda text: text.rstrip("\n"),
    lambda text: text.replace("=\n", "\n"), lambda text: "\ufeff" + text,
    lambda text: text.replace("\n", "\r\n"), lambda text: text + text.split("\n\n")[1] * 40,
])
def test_other_spellings_of_a_note_are_refused(change):
    with pytest.raises(BadNote):
        note.verify(change(KEY.sign("text\n")), [KEY.verifier])


def test_base64_with_stray_bits_is_refused():
    signed = KEY.sign("text\n")
    # 68 bytes end in one padding sign, so the last letter has two unused bits.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = signed[-3]
    stray = signed[:-3] + letters[letters.index(last) ^ 1] + signed[-2:]
    with pytest.raises(BadNote):
        note.verify(stray, [KEY.verifier])


def test_checkpoints():
    head = Head("log.example/x", 7, bytes(32))
    signed = checkpoint.sign(head, KEY)
    assert signed.startswith(f"log.example/x\n7\n{b64(bytes(32))}\n\n— log.example/x ")
    assert checkpoint.read(signed, KEY.verifier) == head
    assert len(checkpoint.signature_of(signed, "log.example/x")) == 64
    with pytest.raises(BadNote):
        checkpoint.sign(Head("log.example/y", 7, bytes(32)), KEY)
    with pytest.raises(BadNote):
        checkpoint.read(signed, OTHER.verifier)


@pytest.mark.parametrize("text", [
    "log.example/x\n07\nROOT\n", "log.example/x\n-7\nROOT\n", "log.example/x\n7\n\n",
    "log.example/x\n7\nROOT\nextension\n", "log.example/y\n7\nROOT\n", "log.example/x\n7\n",
    "log.example/x\n٧\nROOT\n", "log.example/x\n7 \nROOT\n", "\n7\nROOT\n",
    "log.example/x\n7\nAAAA\n", "log.example/x\n99999999999999999999\nROOT\n",
])
def test_texts_that_are_no_checkpoints(text):
    with pytest.raises(BadNote):
        checkpoint.read(KEY.sign(text.replace("ROOT", b64(bytes(32)))), KEY.verifier)


def test_the_log_itself_must_have_signed():
    witness = Signer("witness.example", bytes(32))
    head = Head("log.example/x", 7, bytes(32))
    with pytest.raises(BadNote, match="log itself"):
        checkpoint.read(witness.sign(head.text()), KEY.verifier, others=(witness.verifier,))


def test_a_leaf_is_89_bytes_and_canonical():
    made = leaf.make(START, bytes(32))
    assert made == (b'{"c":"' + b64(bytes(32)).encode() + b'","t":"2026-12-01T09:00:00.000Z","v":1}')
    assert len(made) == leaf.LENGTH
    assert leaf.read(made) == ("2026-12-01T09:00:00.000Z", bytes(32))
    for place in range(len(made)):
        for bit in (0, 5, 7):
            changed = bytearray(made)
            changed[place] ^= 1 << bit
            try:
                assert leaf.read(bytes(changed)) != leaf.read(made)
            except leaf.BadLeaf:
                pass
    for bad in (b"", made + b" ", made[:-1], made.replace(b"2026-12-01", b"2026-13-01")):
        with pytest.raises(leaf.BadLeaf):
            leaf.read(bad)


def make_proof(index=3, size=7):
    record, salt = jcs({"type": "bid.submitted", "v": 1}), bytes(range(32))
    entries = [leaf.make(START, bytes([i]) * 32) for i in range(size)]
    entries[index] = leaf.make(START, leaf.commitment(salt, record))
    hashes = list(map(tiles.leaf_hash, entries))
    signed = checkpoint.sign(Head("log.example/x", size, tiles.tree_hash(hashes)), KEY)
    path = proofs.inclusion(index, size, proofs.of_leaves(hashes))
    return TlogProof(index, tuple(path), signed, salt + record), entries[index]


def test_a_proof_file():
    proof, entry = make_proof()
    text = proof.text()
    lines = text.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1" and lines[1].startswith("extra ")
    assert lines[2] == "index 3" and lines[6] == "" and text.endswith(proof.checkpoint)
    assert tlogproof.parse(text) == proof
    proven = tlogproof.verify(text, entry, KEY.verifier)
    assert proven.record["type"] == "bid.submitted" and proven.index == 3
    single, alone = make_proof(0, 1)
    assert tlogproof.verify(single.text(), alone, KEY.verifier).head.size == 1


def test_any_changed_byte_of_a_proof_or_its_leaf_is_found():
    proof, entry = make_proof()
    data = proof.text().encode()
    for which, whole in (("proof", data), ("leaf", entry)):
        for place in range(len(whole)):
            changed = bytearray(whole)
            changed[place] ^= 1 << (0, 5, 7)[place % 3]
            text, one = (bytes(changed), entry) if which == "proof" else (data, bytes(changed))
            try:
                text = text.decode()
            except UnicodeDecodeError:
                continue
            with pytest.raises(BadProofFile):
                tlogproof.verify(text, one, KEY.verifier)


def test_a_proof_of_another_record_fails():
    proof, entry = make_proof()
    other = TlogProof(proof.index, proof.path, proof.checkpoint,
                      proof.extra[:32] + jcs({"type": "bid.withdrawn", "v": 1}))
    for bad in (other, TlogProof(proof.index, proof.path, proof.checkpoint)):
        with pytest.raises(BadProofFile, match="commits"):
            tlogproof.verify(bad.text(), entry, KEY.verifier)
    with pytest.raises(BadProofFile):
        tlogproof.verify(proof.text(), entry, OTHER.verifier)
