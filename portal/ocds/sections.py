"""The parts of a release, each from what is public (portal.public); no queries, no gates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from portal.public import Award, Bid, Contract, LotView, TenderView
from tender.lifecycle import Facts, ocds_status, phase, rank_of_tender
from tender.model import Document, Item, Lot, Question, Tender
from tender.notices import WORDS
from tender.regime import procurement_method
from tender.rules import GUARANTEE_KINDS
from tender.timetable import beijing_day, end_of

from . import terms
from .terms import reference, stamp, value

BID_STATUS = {"opened": "valid", "rejected": "disqualified", "unopened": "withdrawn"}
"""What the opening found → OCDS bidStatus; a bid that its tenderer did not open counts as revoked
(电子招标投标办法 31)."""


def facts_until(facts: Facts, moment: datetime) -> Facts:
    """What was known of a lot at `moment`."""
    known = {name: at for name, at in facts.outcomes.items() if at <= moment}
    return Facts(facts.deadline, facts.publicity_ends, known)


def lot_status(view: LotView, moment: datetime) -> str:
    """The OCDS status of a lot as it was at `moment`."""
    facts = facts_until(view.facts, moment)
    return ocds_status(phase(facts, moment), facts)


def tender_status(view: TenderView, moment: datetime) -> str:
    """The OCDS status of the tender at `moment`: that of its lot that has come least far."""
    phases = {phase(facts_until(one.facts, moment), moment): one for one in view.lots}
    return lot_status(phases[rank_of_tender(list(phases))], moment)


def tender(view: TenderView, items: dict[str, Sequence[Item]], moment: datetime
           ) -> dict[str, object]:
    """All that is stated of a tender, as it reads at `moment`. `items` holds the lines of each
    lot by its id. Addresses are without the installation's (`addressed`)."""
    published = min(one.facts.published for one in view.lots)
    lots = [one.lot for one in view.lots]
    categories = sorted({lot.category for lot in lots})
    fees = [fee(one) for one in view.lots if one.lot.guarantee["amount_fen"]]
    return {
        "id": view.tender.id,
        "title": view.tender.title,
        "description": view.tender.description,
        "status": tender_status(view, moment),
        "procuringEntity": reference(view.buyer),
        "value": value(sum(lot.price_ceiling_fen for lot in lots)),
        **method(lots),
        "mainProcurementCategory": categories[0] if len(categories) == 1 else "works",
        **award_criteria(lots),
        "submissionMethod": ["electronicSubmission"],
        "submissionMethodDetails": "加密投标文件经本平台递交；最后一个字节落盘即为递交。",
        "tenderPeriod": {"startDate": stamp(published),
                         "endDate": stamp(max(lot.deadline for lot in lots))},
        "enquiryPeriod": {"startDate": stamp(published),
                          "endDate": stamp(max(lot.deadline for lot in lots))},
        "lots": [lot_section(one, moment, published) for one in view.lots],
        "items": [item(line, lot_id) for lot_id, lines in items.items() for line in lines],
        "documents": [document(one, view.tender.id, published) for one in view.documents],
    } | ({"participationFees": fees} if fees else {})


METHOD = {"open": "公开招标", "inquiry": "询价", "lottery": "审查合格者中随机抽取",
          "invite": "邀请招标"}
"""How a lot is put out, in the law's words, as regime.OCDS_METHOD orders them."""

AWARDED = {"inquiry": "询价：满足要求者按报价由低到高排序，最低价者成交，放弃的由下一名递补；报价一次报出不得更改。",
           "lottery": "摇号：在审查合格且报价在有效区间内者中公开抽取，抽取可由任何人重算，第一名中标。"}
"""How the winner of a lot that is not scored is found."""


def award_criteria(lots: Sequence[Lot]) -> dict[str, str]:
    """By what the lots are judged: scores, price alone, or a draw, for which OCDS has no word."""
    methods = {lot.method for lot in lots}
    said = [AWARDED[name] for name in ("inquiry", "lottery") if name in methods]
    word = {} if methods == {"lottery"} else {
        "awardCriteria": "priceOnly" if methods == {"inquiry"} else "ratedCriteria"}
    return word | ({"awardCriteriaDetails": "".join(said)} if said else {})


def method(lots: Sequence[Lot]) -> dict[str, str]:
    """How a tender is put out. OCDS knows one method for the whole: where lots differ it is the
    narrowest, and the details say each."""
    used = [name for name in METHOD if any(lot.method == name for lot in lots)]
    said = [METHOD[name] + ("" if len(used) == 1 else "（标段 " + "、".join(
        str(lot.number) for lot in lots if lot.method == name) + "）") for name in used]
    regimes = "、".join(WORDS[name][0] for name in sorted({lot.regime for lot in lots}))
    why = [lot.grounds["method_reason"] for lot in lots if lot.grounds.get("method_reason")]
    return {"procurementMethod": procurement_method(used),
            "procurementMethodDetails": f"{'；'.join(said)}（{regimes}）"} | (
                {"procurementMethodRationale": "；".join(why)} if why else {})


def related(others: Sequence[Tender], relationship: str, base: str) -> dict[str, object]:
    """Other rounds of a tender, `unsuccessfulProcess` before it or `replacementProcess` after."""
    found = [{"id": one.id, "relationship": [relationship], "title": one.title,
              "scheme": "ocid", "identifier": one.ocid,
              "uri": f"{base}/api/v1/tenders/{one.id}/ocds/record"} for one in others]
    return {"relatedProcesses": found} if found else {}


def lot_section(view: LotView, moment: datetime, published: datetime) -> dict[str, object]:
    """One lot as it reads at `moment`."""
    lot, deadline = view.lot, view.lot.deadline
    said: dict[str, object] = {
        "id": lot.id,
        "identifiers": [{"scheme": terms.SECTION_SCHEME, "id": lot.section_code}],
        "title": lot.title,
        "status": lot_status(view, moment),
        "mainProcurementCategory": lot.category,
        "value": value(lot.price_ceiling_fen),
        "tenderPeriod": {"startDate": stamp(published), "endDate": stamp(deadline)},
        "enquiryPeriod": {"startDate": stamp(published), "endDate": stamp(deadline)},
        "contractPeriod": {"durationInDays": lot.period_days_max},
        "bidOpening": {"date": stamp(deadline),
                       "description": f"网上开标；授权后解密时间 {lot.decrypt_minutes} 分钟。"},
        "submissionTerms": {
            "electronicSubmissionPolicy": "required",
            "variantPolicy": "notAllowed",
            "multipleBidsAllowed": False,
            "languages": [terms.LANGUAGE],
            "bidValidityPeriod": {"startDate": stamp(deadline),
                                  "durationInDays": lot.validity_days} | _extended(lot),
            "depositsGuarantees": _security(lot),
        },
        "awardCriteria": criteria(lot),
        "sealing": {"suite": lot.suite, "policyHash": lot.policy_hash},
    }
    if lot.publicity_ends is not None:
        said["candidatesPeriod"] = {"endDate": stamp(lot.publicity_ends)}
    return said


LAPSED = "投标人未同意延长投标有效期，投标失效，投标保证金退还（工程建设项目施工招标投标办法 29）。"
"""What is said of a bid whose tenderer did not agree to stay bound."""


def _extended(lot) -> dict[str, object]:
    """The end of the bids' validity where it was extended: the last instant of its day."""
    if lot.validity_until is None:
        return {}
    return {"endDate": stamp(end_of(lot.validity_until) - timedelta(seconds=1)),
            "durationInDays": (lot.validity_until - beijing_day(lot.deadline)).days}


def _security(lot) -> str:
    amount = lot.guarantee["amount_fen"]
    if not amount:
        return "不收取投标保证金。"
    kinds = "、".join(terms.SECURITY_WORDS[kind] for kind in GUARANTEE_KINDS)
    return f"投标保证金 {terms.yuan(amount)} 元，形式：{kinds}，不限定出具机构。"


def criteria(lot) -> dict[str, object]:
    """How the lot is judged: the technical factors and the price, in points; where nothing is
    scored, what must be met."""
    if lot.method in AWARDED:
        return {"criteria": [{"type": "quality", "name": one["title"]}
                             for one in lot.criteria["asked"]] + [
                                 {"type": "price", "name": "投标报价"}],
                "weightingDescription": AWARDED[lot.method]}
    found = [{"type": "quality", "name": factor["title"],
              "numbers": [{"number": terms.number(factor["max"]), "weight": "pointsExact"}]}
             for factor in lot.criteria.get("factors", [])]
    found.append({"type": "price", "name": "投标报价",
                  "numbers": [{"number": terms.number(lot.price_method["full_score"]),
                               "weight": "pointsExact"}]})
    return {"criteria": found,
            "weightingDescription": "评标基准价为去掉最高最低报价后的平均值乘以（1－开标后抽取的下浮系数）；"
                                    "候选人不排序，由定标委员会票决。"}


def item(line: Item, lot_id: str) -> dict[str, object]:
    """One line of the bill of quantities, known by its place: a bill may be replaced."""
    return {"id": f"{lot_id}-{line.position}", "description": line.description, "relatedLot": lot_id,
            "classification": {"scheme": terms.ITEM_SCHEME, "id": line.code},
            "quantity": terms.number(line.quantity), "unit": {"name": line.unit}}


def document(one: Document, tender_id: str, published: datetime) -> dict[str, object]:
    """One bidding document with its digest."""
    return {"id": one.id, "documentType": one.kind, "title": one.name,
            "url": f"/api/v1/tenders/{tender_id}/documents/{one.id}/content",
            "datePublished": stamp(max(published, one.added_at)), "format": one.media_type,
            "language": terms.LANGUAGE, "digest": {"algorithm": "sha256", "value": one.hash}}


def addressed(said: dict[str, object], base: str) -> dict[str, object]:
    """A section with the address of the installation, `base`, before those of its documents."""
    if "documents" not in said:
        return said
    return said | {"documents": [
        one | {"url": base + one["url"]} if "url" in one else one for one in said["documents"]]}


def fee(view: LotView) -> dict[str, object]:
    """The bid security asked for in a lot."""
    return {"id": f"{view.lot.id}-bid-security", "type": ["deposit"],
            "value": value(view.lot.guarantee["amount_fen"]),
            "description": f"标段 {view.lot.number} 投标保证金"}


def enquiry(question: Question) -> dict[str, object]:
    """A question with its answer; nothing says who asked, nor when (招标投标法 22)."""
    return {"id": question.id, "description": question.text,
            "answer": question.answer, "dateAnswered": stamp(question.answered_at),
            "relatedLot": question.lot_id}


def bid(view: LotView, one: Bid) -> dict[str, object]:
    """An opened bid as the opening record shows it; one that could not be opened has no value."""
    found: dict[str, object] = {
        "id": one.id, "submissionType": "bid", "tenderers": [reference(one.party)],
        "relatedLots": [view.lot.id], "status": BID_STATUS[one.verdict],
        "date": stamp(one.received_at),
    }
    if one.price_fen is not None:
        found["value"] = value(one.price_fen)
    if one.period_days is not None:
        found["contractPeriod"] = {"durationInDays": one.period_days}
    if one.reason:
        found["description"] = one.reason
    return found


def statistics(view: LotView, moment: datetime) -> list[dict[str, object]]:
    """How many bids and tenderers the openings until `moment` found in a lot."""
    found = {one.id: one for opening in view.openings if opening.at <= moment
             for one in opening.bids}.values()
    opened = [one for one in found if one.opened]
    return [{"id": f"{view.lot.id}-{measure}", "measure": measure, "value": count,
             "date": stamp(moment), "relatedLot": view.lot.id}
            for measure, count in (("bids", len(found)), ("validBids", len(opened)),
                                   ("tenderers", len({one.party.id for one in found})))]


def award(view: LotView, one: Award) -> dict[str, object]:
    """The confirmed winner of a lot."""
    return {"id": one.id, "title": f"标段 {view.lot.number} 中标", "status": "active",
            "date": stamp(one.at), "value": value(one.amount_fen),
            "suppliers": [reference(one.party)], "relatedLots": [view.lot.id],
            "relatedBids": [one.bid_id]}


def contract(view: LotView, one: Contract) -> dict[str, object]:
    """The registered contract of a lot."""
    return {"id": one.id, "awardID": view.award.id, "title": f"标段 {view.lot.number} 合同",
            "status": "active", "value": value(one.amount_fen), "dateSigned": stamp(one.signed_at),
            "relatedBids": [view.award.bid_id]}
