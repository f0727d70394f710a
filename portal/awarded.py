"""What the pages show of direct awards: what the API gives everybody, in words."""

from __future__ import annotations

from sqlalchemy import literal, select, tuple_
from sqlalchemy.orm import Session

from kernel.canonical import parse
from kernel.refusal import NOT_FOUND
from people.model import Party
from supervision.complaints import reading as cases
from tender import directs, signed
from tender.model import DirectAward, DirectNotice

PER_PAGE = 50


def listed(session: Session, *, after: str = "") -> tuple[list[dict], str | None]:
    """Published direct awards, the newest first, and the id to go on after (None at the end)."""
    at = DirectAward.published_at
    query = (select(DirectAward, Party.name).join(Party, Party.id == DirectAward.buyer_id)
             .where(at.is_not(None)).order_by(at.desc(), DirectAward.id.desc()))
    last = session.get(DirectAward, after) if after else None
    if last is not None and last.published_at is not None:
        query = query.where(tuple_(at, DirectAward.id) < tuple_(
            literal(last.published_at, at.type), literal(last.id)))
    rows = session.execute(query.limit(PER_PAGE + 1)).all()
    return [{"award": award, "buyer": buyer, "state": state(award)}
            for award, buyer in rows[:PER_PAGE]], \
        rows[PER_PAGE - 1][0].id if len(rows) > PER_PAGE else None


def shown(session: Session, award_id: str) -> dict[str, object]:
    """One direct award with its signed notices. Raises NOT_FOUND for a draft."""
    award = session.get(DirectAward, award_id)
    if award is None or award.published_at is None:
        raise NOT_FOUND()
    notices = session.scalars(select(DirectNotice).where(DirectNotice.award_id == award.id)
                              .order_by(DirectNotice.published_at, DirectNotice.id))
    told = [{"notice": one, "body": parse(one.content), "signatures": signed.of_award(
        session, award) if one.kind == "direct_award" else []} for one in notices]
    return {"award": award, "buyer": session.get_one(Party, award.buyer_id), "notices": told,
            "state": state(award), "objections": directs.answered(session, award.id),
            "complaints": cases.decided_of(session, award.id)}


def state(award: DirectAward) -> tuple[str, str]:
    """Where a published award stands, in both languages."""
    if award.failed_at is not None:
        return "异议或投诉成立，结果无效", "fell: an objection or complaint was upheld"
    return ("已签约", "contracted") if award.contracted_at else ("已公布", "published")
