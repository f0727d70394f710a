"""What the pages show of intermediary services: what the API gives everybody, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, literal, select, tuple_, union_all
from sqlalchemy.orm import Session

from evaluation.selection import State
from evaluation.services import reading, views
from evaluation.services.model import Service
from people.model import Party
from supervision.complaints import reading as cases

PER_PAGE = 50

STATES: dict[State, tuple[str, str]] = {
    State.REQUESTED: ("待审核", "Requested"), State.OFFERS: ("报价中", "Taking offers"),
    State.REVEALING: ("揭示中", "Revealing"), State.DECIDING: ("选取中", "Deciding"),
    State.DRAWING: ("抽取中", "Drawing"), State.RESULT: ("结果公示", "Result in public"),
    State.OBJECTED: ("异议待答复", "Objected to"), State.SIGNING: ("待签约", "Signing"),
    State.CONTRACTED: ("已签约", "Contracted"), State.FINISHED: ("已完成", "Finished"),
    State.FAILED: ("失败", "Failed"),
}
METHODS = {"quote": ("网上竞价", "lowest sealed quote"), "display": ("择优选取", "reasoned choice"),
           "draw": ("随机抽取", "draw behind a screen")}
FAILURES = {"offers": ("有效报价不足", "too few valid offers"),
            "screen": ("无一通过资格审查", "nobody passed the screen"),
            "objection": ("异议成立，成交结果无效", "an objection was upheld: the result fell"),
            "contract": ("未在期限内签订合同", "no contract in its time"),
            "complaint": ("投诉成立，成交结果无效", "a complaint was upheld: the result fell")}

STEPS = {"published": "中介服务需求", "decided": "中介服务成交结果", "failed": "中介服务失败",
         "contracted": "中介服务合同", "finished": "中介服务完成"}
"""What of a service is told as an entry of its own."""
_AT = {"published": Service.approved_at, "decided": Service.decided_at, "failed": Service.failed_at,
       "contracted": Service.contracted_at, "finished": Service.finished_at}

Step = tuple[datetime, str, str]
"""When a step was taken, of which service, and which: the newest come first, in this order."""


def step(session: Session, service_id: str, kind: str) -> Step | None:
    """A step of a published service; None where it was not taken."""
    found = session.get(Service, service_id)
    if kind not in _AT or found is None or found.approved_at is None:
        return None
    at = getattr(found, _AT[kind].key)
    return at and (at, service_id, kind)


def steps(session: Session, *, limit: int, before: Step | None = None) -> Sequence[Row]:
    """The newest steps of published services, those `before` one of them: id, kind, at, title,
    buyer. Of each kind no more is read than could be among them."""
    found = []
    for kind, at in _AT.items():
        one = (select(Service.id, literal(kind).label("kind"), at.label("at"), Service.title,
                      Party.name.label("buyer")).join(Party, Party.id == Service.buyer_id)
               .where(at.is_not(None), Service.approved_at.is_not(None)))
        if before is not None:
            key, mark = tuple_(at, Service.id), tuple_(literal(before[0], at.type), literal(before[1]))
            one = one.where(key <= mark if kind < before[2] else key < mark)
        found.append(select(one.order_by(at.desc(), Service.id.desc()).limit(limit).subquery()))
    taken = union_all(*found).subquery()
    return session.execute(select(taken).order_by(
        taken.c.at.desc(), taken.c.id.desc(), taken.c.kind.desc()).limit(limit)).all()


def listed(session: Session, now: datetime, *, after: str = "") -> tuple[list[dict], str | None]:
    """Published requests, the newest first, and the id to go on after (None at the end)."""
    query = select(Service).where(Service.approved_at.is_not(None)).order_by(
        Service.approved_at.desc(), Service.id.desc())
    last = session.get(Service, after) if after else None
    if last is not None and last.approved_at is not None:
        query = query.where(tuple_(Service.approved_at, Service.id) < tuple_(
            literal(last.approved_at, Service.approved_at.type), literal(last.id)))
    rows = list(session.scalars(query.limit(PER_PAGE + 1)))
    shown_now = rows[:PER_PAGE]
    buyers = views.names_of(session, (one.buyer_id for one in shown_now))
    standings = views.standings(session, shown_now, now)
    return [{"service": one, "buyer": buyers[one.buyer_id],
             "state": STATES[standings[one.id]], "method": METHODS[one.method]}
            for one in shown_now], rows[PER_PAGE - 1].id if len(rows) > PER_PAGE else None


def shown(session: Session, service_id: str, now: datetime) -> dict[str, object]:
    """One service in words. Raises NOT_FOUND for a request that is not published."""
    found = reading.service(session, service_id)
    view = views.service_views(session, [found], now)[0]
    names = views.names_of(session, {found.buyer_id} | {
        one["party_id"] for one in view["offers"] if "party_id" in one})
    return {"service": found, "view": view, "buyer": names[found.buyer_id], "names": names,
            "state": STATES[State(view["state"])], "method": METHODS[found.method],
            "failure": found.failure and FAILURES[found.failure],
            "objections": view["objections"],
            "complaints": cases.decided_of(session, found.id)}
