"""kill -9 of the tenderer's program at every step: nothing half stays, the next run goes on."""

import builtins
import os
import signal

import pytest

from bidding import client, declaration, reading
from bidding.manifest import Form
from bidding.wire import Wire
from tests.served import served

FORM = Form(390_000_000, 60, "合格", "王五")


@pytest.fixture
def lot(world):
    return world.lots(world.published_tender())[0]


@pytest.fixture
def papers(tmp_path):
    technical, price = tmp_path / "方案.pdf", tmp_path / "清单.xlsx"
    technical.write_bytes(os.urandom(5 << 20))
    price.write_bytes(os.urandom(5000))
    return [technical], [price]


def killed(step: int, work) -> bool:
    """Run `work` in a child that is killed on entry to its n-th file step; whether it was."""
    child = os.fork()
    if child == 0:
        try:
            signal.alarm(300)
            left = [step]

            def before(function):
                def stepped(*args, **kwargs):
                    if left[0] == 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                    left[0] -= 1
                    return function(*args, **kwargs)
                return stepped

            for name in ("fsync", "replace", "open", "rmdir"):
                setattr(os, name, before(getattr(os, name)))
            builtins.open = before(builtins.open)
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


@pytest.mark.parametrize("database", ["sqlite"])  # to seal is the client's alone
def test_a_killed_sealing_leaves_no_half_bid(world, lot, papers, tmp_path):
    company = world.company()
    notice = client.read_notice(world.wire(company), lot.id)
    seed = company.signing.private_bytes_raw()
    whole = 0
    for step in range(200):
        out = tmp_path / f"bid{step}"
        seal = lambda out=out: client.seal(notice, company.uscc, seed, FORM, *papers, out)
        died = killed(step, seal)
        if out.exists():
            whole += 1
            kept = client.load(out)
            assert {path.name for path in out.iterdir()} == {
                "form.age", "technical.age", "price.age", "bid.key", "notice.json", "form.json",
                "form.manifest.json", "technical.manifest.json", "price.manifest.json"}
            assert declaration.verify(kept["declaration"], kept["key"], kept["signature"])
            with pytest.raises(FileExistsError):
                seal()
        else:
            assert died
            if step % 4 == 0:
                seal()
                assert client.unseal(out, tmp_path / f"plain{step}")["technical"] == ["方案.pdf"]
        assert not died or not out.with_name(out.name + ".sealing").exists() or not out.exists()
        if not died:
            break
    assert not died and 5 < step < 199 and whole >= 1
    print(f"seal: killed at {step} steps, 0 halves")


class Dying(Wire):
    """Kills its process before the n-th request, or once its answer has come."""

    def __init__(self, address, token, step):
        super().__init__(address, token)
        self.step = step

    def request(self, method, path, data=None, headers=None):
        for _ in (0, 1):
            if self.step == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            self.step -= 1
            if _ == 0:
                answer = super().request(method, path, data, headers)
        return answer


def test_a_killed_submission_goes_on_where_it_stood(world, lot, papers, tmp_path):
    company = world.company()
    seed = company.signing.private_bytes_raw()
    token = world.session_token(company.actor)
    notice = client.read_notice(world.wire(company), lot.id)
    client.seal(notice, company.uscc, seed, FORM, *papers, tmp_path / "bid")
    with served(world) as address:
        deaths = 0
        for step in range(60):
            child = os.fork()
            if child == 0:
                try:
                    signal.alarm(300)
                    client.submit(Dying(address, token, step), tmp_path / "bid", notice.platform)
                finally:
                    os._exit(0)
            if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != -signal.SIGKILL:
                break
            deaths += 1
            if step in (4, 9):
                before = client.status(Wire(address, token), client.load(
                    tmp_path / "bid")["declaration"]["bid"])["versions"][0]["state"]
                assert before in ("DECLARED", "SUBMITTED")
        says = client.submit(Wire(address, token), tmp_path / "bid", notice.platform)
    assert deaths >= 4 and says["type"] == "bid-receipt"
    assert (tmp_path / "bid" / "receipt.txt").exists()
    assert len(world.entries("bid.submitted")) == 1 == reading.count_standing(
        world.session, lot.id)
    print(f"submit: killed {deaths} times, one submission, one receipt")
