"""The installation that the samples ask: one tender of two lots, with what may happen to it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from http.client import responses
from pathlib import Path

from portal.webhooks import clock, signing
from supervision import acts as watch
from tender import acts, feed
from tender.timetable import beijing_day, national_calendar, roll, start_of
from tests.world import START

from . import page

ROOT = Path(__file__).resolve().parents[2]


class Stage:
    """The played world, and the names that the documents use for what is in it."""

    def __init__(self, world):
        self.world = world
        world.freeze(START)
        self.names = {"ahead": self._announced()}
        self._tender()
        world.tick(record=True)

    def _announced(self) -> str:
        world = self.world
        world._buyer_unit = world.party("buyer", name="某区某镇人民政府", region="330703")
        world.clerk, world.chief = (world.account("buyer", party=world._buyer_unit)
                                    for _ in range(2))
        tender = world.draft_tender(1, document=False)
        acts.edit_tender(world.clerk, tender.id, if_match=tender.version, title="某镇文化礼堂修缮工程")
        sent = acts.submit_pre_notice(world.clerk, tender.id, expected=date(2026, 4, 1),
                                      text="含屋面防水。")
        done = acts.approve_pre_notice(world.fresh(world.chief), tender.id,
                                       content_hash=sent.content_hash)
        self.advance_notice = done.notice_id
        return tender.id

    def _tender(self) -> None:
        world = self.world
        world.advance(minutes=30)
        tender = world.published_tender(2)
        lot, second = world.lots(tender)
        company = world.company("某建设有限公司")
        question = acts.ask_question(company.actor, lot.id, text="以图纸还是以清单为准？")
        objection = watch.file_objection(company.actor, lot.id, argument="资格条件与项目规模不相适应。",
                                         remedy="请删除该条件。")
        world.advance(days=1)
        acts.answer_question(world.clerk, lot.id, question.id, text="以清单为准。")
        world.advance(hours=1)
        watch.answer_objection(world.clerk, lot.id, objection.id, outcome="partly",
                               text="条件改为三级资质。")
        world.advance(hours=1)
        later = start_of(roll(beijing_day(lot.deadline) + timedelta(days=7), national_calendar()))
        acts.move_deadline(world.fresh(world.clerk), lot.id, later + timedelta(hours=9),
                           why="图纸更正，顺延。")
        world.advance(days=1)
        acts.suspend_lot(world.fresh(world.supervisor), second.id,
                         document_no="金东暂〔2026〕1号", reason="核查投诉")
        world.advance(hours=3)
        acts.resume_lot(world.fresh(world.supervisor), second.id, document_no="金东恢〔2026〕1号",
                        reason="已查清")
        world.advance(hours=1)
        notices = world.client().get(f"/tenders/{tender.id}/notices").json["items"]
        first, amendment = (next(one["id"] for one in notices if one["kind"] == kind)
                            for kind in ("tender_notice", "amendment"))
        document = world.client().get(f"/tenders/{tender.id}").json["documents"][0]["id"]
        self.names |= {"tender": tender.id, "lot": lot.id, "lot_2": second.id,
                       "question": question.id, "objection": objection.id,
                       "notice": first, "amendment": amendment, "document": document,
                       "advance_notice": self.advance_notice, "buyer": world._buyer_unit.id}

    def ask(self, request: page.Request, normal: page.Normal) -> str:
        """Ask the installation as a sample does; the answer as it is printed."""
        actor, headers = None, dict(request.headers)
        who = headers.pop("Authorization", "").removeprefix("Bearer ").strip("{}")
        if who:
            actor = {"clerk": self.world.clerk, "tenderer": self._tenderer}[who]
        answer = self.world.client(actor).open(
            page.filled(request.path, self.names), method=request.method, headers=headers,
            key=headers.get("Idempotency-Key"), data=page.filled(request.body, self.names),
            content_type="application/json" if request.body else None)
        return page.shown(page.Answer(
            answer.status_code, responses[answer.status_code], answer.headers["Content-Type"],
            answer.get_data(as_text=True)), request, normal)

    @property
    def _tenderer(self):
        if not hasattr(self, "_own"):
            self._own = self.world.company("某某建设有限公司").actor
        return self._own

    def send(self, request: page.Request) -> str:
        """A webhook as the platform would send it: the body that stands there, signed under the
        secret that stands there, and of the form of a true one."""
        rows, _ = feed.changes_after(self.world.session, None, 1)
        true = json.loads(clock.message(rows[0]))
        said = json.loads(request.body)
        if _form(said) != _form(true):
            raise ValueError(f"a true webhook reads {true}")
        seconds = int(request.headers["webhook-timestamp"])
        headers = signing.signed([request.headers["webhook-secret"]], said["data"]["id"], seconds,
                                 request.body.encode())
        signing.verify(request.headers["webhook-secret"], headers, request.body.encode(), seconds)
        lines = [f"webhook-secret: {request.headers['webhook-secret']}",
                 *(f"{name}: {value}" for name, value in headers.items())]
        return f"{request.method} {request.path}\n" + "\n".join(lines) + f"\n\n{request.body}\n"


def _form(value: object) -> object:
    """The names and types of a JSON object; what may be missing counts as text."""
    if isinstance(value, dict):
        return {name: _form(one) for name, one in value.items()}
    return type(value) if value is not None else str


def documents() -> dict[str, str]:
    """Every document of the repository, by its path."""
    return {path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
            for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]}


def printed(stage: Stage) -> dict[str, str]:
    """Every document with samples, its answers made anew."""
    texts, found = documents(), {}
    for name in page.pages_of(texts):
        normal = page.Normal(stage.names)
        found[name] = page.printed(texts[name], lambda one, normal=normal: stage.ask(one, normal),
                                   stage.send)
    return found
