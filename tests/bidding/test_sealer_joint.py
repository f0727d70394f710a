"""Forms and consortia of the browser module, in Node, against Python's: the same bytes, the same
statements, and what one refuses the other refuses."""

import copy
import json

import pytest

from bidding import client, consortium, declaration, manifest
from bidding.client import joint
from bidding.client.notice import Notice
from bidding.consortium import BadConsortium
from bidding.manifest import Form
from kernel.canonical import b64, jcs, sha256
from people import uscc

from .test_consortium import AGREEMENT, KEYS, SEEDS, UNITS, WHERE, Joined, signed
from .test_formats import CREDENTIALS
from .test_sealer_modules import FORM, TENDERER, VECTORS, node, notice, sealed_in_javascript

BACKUPS = {unit: b64(seed) + "\n" for unit, seed in SEEDS.items()}
TERMS = WHERE | {"suite": "intl-x25519-1", "policy": "tenderer"}
TAKES = {"more": {"requirements": [{"lot": WHERE["lot"], "consortium": True, "members_max": 2}]}}
PAPERS = [b64(b"plan"), b64(AGREEMENT)]


def told(*cases, files=PAPERS, content=TAKES):
    return node("joint", cases=cases, files=files,
                notice={"terms": TERMS, "approved": {"content": content}})


def members(*units):
    return [{"uscc": unit, "duty": "施工"} for unit in units]


def test_forms_have_the_same_bytes():
    a, b, _ = UNITS
    whole = signed(a, b)
    bare = {"certificate": None, "qualification": None, "performance": []}
    good = [FORM, FORM | {"consortium": whole}, FORM | {"credentials": CREDENTIALS},
            FORM | {"consortium": whole, "credentials": CREDENTIALS},
            FORM | {"credentials": bare | {"qualification": "𝒳" * 1000}}]
    found = node("forms", forms=good)
    assert [one["text"].encode() for one in found] == [Form(**one).to_json() for one in good]
    assert all(manifest.read_form(one["text"].encode()) for one in found)
    assert [json.loads(one["text"])["v"] for one in found] == [1, 2, 3, 3, 3]
    wrong = [bare, bare | {"qualification": "𝒳" * 1001}, bare | {"performance": ["a\nb"]},
             bare | {"performance": ["x"] * 21}, bare | {"certificate": {"name": "x"}},
             bare | {"certificate": {"name": "x", "number": ""}}]
    for one, said in zip(wrong, node("forms", forms=[FORM | {"credentials": one}
                                                     for one in wrong]), strict=True):
        assert "refused" in said
        with pytest.raises(manifest.BadManifest):
            manifest.read_form(Form(**FORM, credentials=one).to_json())


def test_the_vectors_of_forms_and_consortia_hold():
    for one in VECTORS["forms"]:
        assert manifest.read_form(one["text"].encode()) == Form(**one["form"])
        assert Form(**one["form"]).to_json().decode() == one["text"]
    assert [one["text"] for one in node("forms", forms=[one["form"] for one in VECTORS["forms"]])] \
        == [one["text"] for one in VECTORS["forms"]]
    given = VECTORS["consortium"]
    said = given["file"]
    value = consortium.statement(**given["terms"], **said)
    assert declaration.digest(value) == given["statement_hash"]
    assert all(declaration.verify(value, one["key"], one["signature"]) for one in said["members"])
    (found,) = node("joint", cases=[{"given": said}], files=[],
                    notice={"terms": given["terms"], "approved": {}})
    assert found["statement"] == given["statement_hash"]
    assert [one["signed"] for one in found["standing"]] == [True, True]
    seeds = {unit: seed + "\n" for unit, seed in given["seeds"].items()}
    (again,) = node("joint", files=[], notice={"terms": given["terms"], "approved": {}}, cases=[
        {"given": {"agreement": said["agreement"], "members": [
            {"uscc": one["uscc"], "duty": one["duty"]} for one in said["members"]]},
         "seeds": seeds}])
    assert again["made"] == said


def test_a_consortium_signed_in_the_browser_is_pythons_and_one_begun_here_goes_on_there(tmp_path):
    a, b, _ = UNITS
    whole, half = told(
        {"agreement": b64(AGREEMENT), "members": members(a, b), "tenderer": a,
         "seeds": {one: BACKUPS[one] for one in (a, b)}},
        {"agreement": b64(AGREEMENT), "members": members(a, b), "seeds": {b: BACKUPS[b]}})
    assert whole["made"] == signed(a, b, agreement=sha256(AGREEMENT).hex())
    assert consortium.judge([Joined("1", a, whole["made"])], allowed=True, most=2, **WHERE,
                            keys=KEYS) == {}
    assert [one["signed"] for one in half["standing"]] == [False, True]
    file = tmp_path / "consortium.json"
    file.write_text(json.dumps(half["made"]))
    joint.sign(file, client.notice.Terms(**TERMS), a, SEEDS[a])
    assert joint.load(file) == whole["made"]


def test_both_refuse_the_same_doubles_and_mistakes(tmp_path):
    a, b, c = UNITS
    digest = sha256(AGREEMENT).hex()
    good = signed(a, b, agreement=digest)
    changed = copy.deepcopy(good)
    changed["members"][1]["duty"] = "供货"
    stranger = copy.deepcopy(good)
    stranger["members"][1]["uscc"] = "91330703MA2TERTA3F"
    cases = [
        (good, a), (good, b), (signed(a, b, c, agreement=digest), a), (changed, a), (stranger, a),
        (signed(a, a, agreement=digest), a), (signed(a, b), a),
        (signed(a, b, agreement=digest, where=WHERE | {"lot": "3" * 32}), a),
        ({"agreement": digest, "members": members(a, b)}, a), ({"agreement": digest}, a),
        ({"agreement": digest, "members": good["members"][:1]}, a),
        (good | {"agreement": "x"}, a), (good | {"more": 1}, a), ([], a), (None, a),
        ({"agreement": digest, "members": [1, 2]}, a)]
    plain = [tmp_path / "a", tmp_path / "b"]
    plain[0].write_bytes(b"plan")
    plain[1].write_bytes(AGREEMENT)
    kept = Notice(client.notice.Terms(**TERMS), {}, {"content": TAKES})
    found = told(*({"given": value, "tenderer": lead} for value, lead in cases[:13]),
                 {"given": [], "tenderer": a}, {"given": 7, "tenderer": a},
                 {"given": cases[-1][0], "tenderer": a})
    assert "refused" not in found[0]
    joint.fits(good, kept, a, plain)
    for (value, lead), said in zip(cases[1:], found[1:], strict=True):
        assert said.get("name") == "BadConsortium" and said["zh"], (value, said)
        with pytest.raises(BadConsortium) as caught:
            joint.fits(value, kept, lead, plain)
        assert (caught.value.zh, caught.value.en) == (said["zh"], said["refused"])
    # A lot that takes none, and an agreement that is not among the files.
    (none,) = told({"given": good, "tenderer": a}, content={"more": {}})
    (lost,) = told({"given": good, "tenderer": a}, files=PAPERS[:1])
    assert "不接受" in none["zh"] and "招标投标法 31" in lost["zh"]


def test_a_joint_bid_sealed_in_javascript_opens_in_python(tmp_path):
    a, b = TENDERER, UNITS[1]
    lot, _, _ = notice("intl-x25519-1")
    where = {"log_origin": lot["seal"]["log_origin"], "tender": lot["tender_id"], "lot": lot["id"]}
    made = signed(a, b, where=where)
    paper = tmp_path / "a.pdf"
    paper.write_bytes(b"plan")
    form = FORM | {"consortium": made, "credentials": CREDENTIALS}
    folder, _ = sealed_in_javascript(tmp_path, lot, {"technical": [paper], "price": [paper]},
                                     SEEDS[a], form=form)
    client.unseal(folder, tmp_path / "plain")
    text = (tmp_path / "plain/form/form.json").read_bytes()
    assert text == Form(**form).to_json() and manifest.read_form(text).consortium == made
    assert b"consortium" not in jcs(client.load(folder)["declaration"])


def test_credit_codes_are_judged_as_python_judges_them():
    codes = [*UNITS, TENDERER, TENDERER.lower(), TENDERER[:-1], TENDERER[:-1] + "F",
             "9133O703MA2TERTA3E", "91330703MA2TERTA4E", "9133070AMA2TERTA3E", "", 7, None]
    codes += [uscc.completed("91330703", main) for main in ("MA2TERTA", "00000000", "YYYYYYYY")]
    # The whole code's check is right, that of the organisation's code within it is not.
    inner = "91330703MA2TERTA4"
    codes.append(inner + uscc.check_character(inner))

    def valid(code):
        try:
            consortium.check_members({"agreement": "a" * 64, "members": [
                {"uscc": one, "duty": "x"} for one in (code, UNITS[2])]})
        except BadConsortium as error:
            return "credit code" not in error.en
        return True

    assert node("codes", codes=codes) == [valid(code) for code in codes]
