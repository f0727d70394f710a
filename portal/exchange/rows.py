"""A tender as rows of the exchange, from what everybody may know of it (portal.public)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.public import LotView, TenderView, tender_view
from tender.model import PublishedNotice
from tender.timetable import BEIJING

from .formats import VERSION, Row, clean, wan

USCC = "统一社会信用代码"
ALONE = "独立投标人"
EXCEPTIONS = {"failed": "流标", "terminated": "终止招标"}


def rows_of(session: Session, tender_id: str, now: datetime, base: str) -> list[Row]:
    """The rows of a published tender at `now`; `base` is the installation's address.

    Raises NOT_FOUND for a draft.
    """
    view = tender_view(session, tender_id, now)
    head = {"PLATFORM_CODE": view.tender.code[7:11], "DATA_TIMESTAMP": _time(now),
            "M_VERSION": VERSION}
    return [Row(table, {name: clean(value) for name, value in (fields | head).items() if value})
            for table, fields in _rows(session, view, base)]


def _time(moment: datetime) -> str:
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def _rows(session: Session, view: TenderView, base: str) -> Iterator[tuple[str, dict[str, str]]]:
    tender = view.tender
    project = {"PROJECT_CODE": tender.code[:17], "TENDER_PROJECT_CODE": tender.code}
    yield "TENDER_PROJECT", project | {
        "TENDER_PROJECT_NAME": tender.title, "TENDERER_NAME": view.buyer.name,
        "TENDERER_CODE": view.buyer.uscc, "REGION_CODE": tender.region}
    codes = {one.lot.id: one.lot.section_code for one in view.lots}
    for notice in session.scalars(select(PublishedNotice).where(
            PublishedNotice.tender_id == tender.id).order_by(
                PublishedNotice.published_at, PublishedNotice.id)):
        yield "TENDER_BULLETIN", project | _bulletin(notice, codes, base)
    for one in view.lots:
        section = project | {"BID_SECTION_CODE": one.lot.section_code,
                             "UNIFIED_DEAL_CODE": one.lot.deal_code}
        yield "BID_SECTION", section | {
            "BID_SECTION_NAME": one.lot.title,
            "TENDER_PROJECT_CLASSIFY_CODE": one.lot.deal_code.partition("-")[0],
            "CONTROL_PRICE": wan(one.lot.price_ceiling_fen),
            "BID_DOC_REFER_END_TIME": _time(one.lot.deadline)}
        for table, fields in _lot(one):
            yield table, section | fields


def _bulletin(notice: PublishedNotice, codes: dict[str, str], base: str) -> dict[str, str]:
    said = json.loads(notice.content)
    text = "\n".join(f"{row['label']['zh']}：{row['text']['zh']}"
                     for part in said["sections"] for row in part["rows"])
    later = notice.version > 1 or notice.kind in ("amendment", "clarification")
    return {"BID_SECTION_CODE": codes.get(notice.lot_id or "", ""),
            "NOTICE_NAME": f"{said['title']}{said['kind_text']['zh']}", "NOTICE_CONTENT": text,
            "NOTICE_SEND_TIME": _time(notice.published_at), "NOTICE_MEDIA": base,
            "NOTICE_NATURE": "更正" if later else "正常", "BULLETIN_TYPE": said["kind_text"]["zh"]}


def _lot(one: LotView) -> Iterator[tuple[str, dict[str, str]]]:
    for bid in one.bids:
        yield "BID_OPENING_BIDDER", {
            "BIDDER_NAME": bid.party.name, "BIDDER_CODE": bid.party.uscc,
            "BIDDER_CODE_TYPE": USCC, "BIDDER_ROLE": ALONE,
            "BID_AMOUNT": wan(bid.price_fen) if bid.price_fen is not None else ""}
    for bid in one.candidates:
        yield "CANDIDATE_PUBLICITY", {
            "PUBLICITY_NAME": f"{one.lot.title}中标候选人公示", "PUBLICITY_CONTENT": "候选人不排序",
            "BIDDER_NAME": bid.party.name, "BIDDER_CODE": bid.party.uscc,
            "BIDDER_CODE_TYPE": USCC}
    for name in one.panel:
        yield "EVALUATION_EXPERT", {"EXPERT_NAME": name, "EXPERT_TYPE": "评标专家"}
    if one.award:
        yield "WIN_RESULT", {
            "WIN_BIDDER_NAME": one.award.party.name, "WIN_BIDDER_CODE": one.award.party.uscc,
            "BIDDER_CODE_TYPE": USCC, "BID_AMOUNT": wan(one.award.amount_fen)}
    for outcome, name in EXCEPTIONS.items():
        if outcome in one.facts.outcomes:
            yield "EXCEPTION_REPORT", {"EXCEPTION_NAME": name}
