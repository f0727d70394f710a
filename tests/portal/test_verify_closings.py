"""Whether a close was witnessed is read from the evidence: cosignatures against the deadline."""

import types

import pytest

from audit.checkpoint import Head, sign
from audit.cosignature import CosignerKey
from audit.note import Signer
from kernel.canonical import parse_time
from portal.verify import closings
from portal.verify.entries import Entries
from portal.verify.findings import Findings
from portal.verify.folder import Keys
from portal.verify.notices import LotTerms

DEADLINE = "2026-03-02T01:00:00.000Z"
AT = int(parse_time(DEADLINE).timestamp())
LOG = Signer.generate("log.example")
WITNESSES = [CosignerKey.generate(f"w.example/{n}") for n in (1, 2, 3)]
KEYS = Keys(LOG.verifier, LOG.verifier, tuple(one.cosigner for one in WITNESSES))
NAME = "closings/lot1.checkpoint"
CLOSED = (7, {"type": "lot.closed", "lot": "l", "facts": {"deadline": DEADLINE}})
DECIDED = (8, {"type": "deadline.decided", "lot": "l", "facts": {"decision": "closed"}})
RESTORED = (8, {"type": "deadline.decided", "lot": "l", "facts": {"decision": "restored"}})
OPENED = (9, {"type": "opening.authorised", "lot": "l", "facts": {}})
FAILED = (9, {"type": "lot.failed", "lot": "l", "facts": {}})


def cosigned(times, size=8):
    """A checkpoint of `size` entries, cosigned at so many seconds after the deadline."""
    text = sign(Head("log.example", size, bytes(32)), LOG)
    return text + "".join(key.cosign(text.partition("\n\n")[0] + "\n", AT + after)
                          for key, after in zip(WITNESSES, times, strict=False))


def checked(note, *entries, quorum=2):
    findings = Findings()
    evidence = types.SimpleNamespace(
        findings=findings, names={NAME} if note else set(), read=lambda _name: note.encode(),
        within=lambda folder, ending: [NAME] if note else [])
    closings.check(evidence, Entries(None, None, list(entries)), KEYS, quorum,
                   {"l": LotTerms("l", 1, "s", DEADLINE, "p")}, closings.heads(evidence, KEYS))
    return findings


@pytest.mark.parametrize("times", [(0, 60), (59, 60, 900), (-5, -5, -5)])
def test_a_quorum_no_later_than_one_tick_is_in_time(times):
    found = checked(cosigned(times), CLOSED, OPENED)
    assert not found.problems and "in time" in str(found.checked[0])


@pytest.mark.parametrize("note", [
    "", cosigned((0,)), cosigned((0, 61)), cosigned((61, 62, 63)), cosigned(())],
    ids=["none", "one", "one late", "all late", "nobody"])
@pytest.mark.parametrize("next_", [OPENED, FAILED], ids=["opened", "failed"])
def test_what_followed_an_unwitnessed_close_is_wrong(note, next_):
    found = checked(note, CLOSED, next_)
    assert found.problems and found.problems[0].startswith(f"{NAME}: entry 9"), found
    assert not checked(note, CLOSED, DECIDED, next_).problems, "two people said that it stands"
    assert checked(note, CLOSED, RESTORED, next_).problems, "that is another decision"


def test_an_unwitnessed_close_that_nothing_followed_is_said_and_no_fault():
    found = checked(cosigned((61, 62)), CLOSED)
    assert not found.problems and "closed, unwitnessed" in str(found.unchecked[0])
    said = str(checked("", CLOSED, DECIDED).unchecked[0])
    assert "两方已决定维持" in said and "says that it stands" in said


def test_a_checkpoint_from_before_the_close_shows_nothing():
    found = checked(cosigned((0, 0), size=7), CLOSED, OPENED)
    assert "holds 7 entries, not entry 7" in found.problems[0]


def test_a_decision_that_came_after_the_opening_heals_nothing():
    late = (10, DECIDED[1])
    assert checked("", CLOSED, OPENED, late).problems


def test_a_checkpoint_with_a_stranger_s_line_is_wrong():
    text = cosigned((0, 0))
    other = CosignerKey.generate("w.example/9")
    line = other.cosign(text.partition("\n\n")[0] + "\n", AT)
    assert checked(text + line, CLOSED).problems


def test_without_witnesses_nothing_is_asked():
    assert checked("", CLOSED, OPENED, quorum=0) == Findings()
