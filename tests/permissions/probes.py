"""For every route one request that is right in every respect but, perhaps, who sends it when.

`ripe` names the stations at which an action can have its way; in a phase without one its
requests are made at the phase's main station, with values that are right at another time.
`HAND_TRIED` says what little the table's words do not decide by themselves.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import quote

from kernel.canonical import b64, time_text
from people.edge import PREFIX, ROUTES, Route
from people.rules import card_check
from people.signed import sign
from people.uscc import completed
from tender import bills, sheet_writer, signing
from tender.timetable import beijing_day, national_calendar, roll, start_of
from tests.worlds.tender import EVIDENCE, PDF, lot_fields

from . import complained, fallen, framed, lotteries, market, straight, watch

FILE = "施工组织设计.pdf"


@dataclass(frozen=True)
class Probe:
    """How one route is tried."""

    body: Callable[[SimpleNamespace, str], object] | None = None
    ripe: tuple[str, ...] = ()
    path: Callable[[SimpleNamespace, str], dict] | None = None
    headers: Callable[[SimpleNamespace, str], dict] | None = None
    query: str = ""
    changes: bool = True
    """Whether a 2xx leaves a trace in a business table (where the method may change at all)."""


def whose(role: str) -> str:
    """Whose objects a role tries: its own if it has any, else the tenderer's with the bid."""
    return "outside" if role == "tenderer_outside" else "own"


def signer(role: str) -> str:
    """Whose signed papers a role sends: nobody else holds its key."""
    return {"tenderer_outside": "outside", "tenderer_rival": "rival"}.get(role, "own")


def _tender(s, _role) -> dict:
    lot = lot_fields(s.at)
    return {"title": "新项目", "region": "330703",
            "lots": [lot | {"deadline": time_text(lot["deadline"])}]}


def _items(_s, _role) -> dict:
    return {"items": [{"code": "1", "description": "土方", "unit": "m3", "quantity": "2.5"}]}


def _bill(_s, _role) -> bytes:
    return sheet_writer.write(bills.SHEET, bills.COLUMNS, [["1", "土方", "m3", "2.5"]])


def _plan(_s, _role) -> dict:
    return {"title": "道路修复", "region": "330703", "category": "works",
            "estimate_fen": 100_000_000, "expected": "2027-03"}


def _authority(s, _role) -> dict:
    return {"agency": s.agency, "actions": ["project.edit"], "letter": "委托书 1 号",
            "letter_hash": "a" * 64, "valid_from": time_text(s.at),
            "valid_until": time_text(s.at + timedelta(days=30))}


def _debarment(s, _role) -> dict:
    return {"uscc": s.agency, "name": "某公司", "region": "330703", "authority": "某局",
            "document_no": "罚决〔2026〕1号", "reason": "串通投标", "from_day": "2026-01-01",
            "until_day": "2027-01-01"}


def _registration(_s, _role) -> dict:
    return {"name": "新来建设有限公司", "uscc": completed("91330703", "MA9K0001"),
            "login": "newcomer.x", "password": "Xinlai-Jianshe-2026!", "person_name": "新某",
            "id_number": _card("33070319900101001")}


def _card(first: str) -> str:
    return first + card_check(first)


def _account(s, _role) -> dict:
    return {"login": "made.by.sys", "person_name": "某新", "party_id": s.party["outside"],
            "id_number": _card("33070319900101002")}


def _sheet_hash(s, role: str) -> dict:
    hashes = s.sheet_hash
    return {"sheet_hash": hashes.get(s.account.get(role), next(iter(hashes.values())))}


def _if_match(version: Callable[[SimpleNamespace, str], int]):
    return lambda s, role: {"If-Match": f'"{version(s, role)}"'}


def _profile(s, _role) -> dict:
    return {"base": "below-2026-3", "region": "330703", "valid_from": "2099-01-01",
            "title": {"zh": "某县规则", "en": "A county's rules"}, "why": "本县另有规定，文号略。",
            "changes": [{"name": "T18.validity_days", "value": 45, "unit": "calendar_days",
                         "source": "本县办法第九条", "mark": "found", "breach": "reason"}]}


def _extension(s, _role) -> dict:
    day = roll(beijing_day(s.at) + timedelta(days=40), national_calendar())
    return {"deadline": time_text(start_of(day)), "why": "应投标人请求，延长编制时间。"}


def _policy(_s, _role) -> dict:
    return {"password_min": 10, "password_complexity": True, "guesses_free": 4,
            "factor_for_all": False, "why": "等保测评整改"}


def _parameters(_s, _role) -> dict:
    return {"document_mib": 100, "registrations_free": 20, "letters": True, "why": "磁盘扩容前限制"}


def _service(name: str):
    return lambda s, r: {"service_id": s.services[name]}


def _framework(name: str):
    return lambda s, r: {"framework_id": s.frameworks[name]}


def _calloff(name: str, own: bool = False):
    return lambda s, r: {"calloff_id": s.calloffs[f"{name}-{signer(r)}" if own else name]}


def _work(_s, _role) -> dict:
    return {"village": "低田村", "name": "文化礼堂修缮", "year": 2026, "funding": "村集体资金",
            "amount_fen": 12_000_000}


def _amendment(s, _role) -> dict:
    return {"why": "更正联系方式的表述。", "affects_bids": False, "description": "更正后的说明"}


def _contract(s, _role) -> dict:
    return {"amount_fen": s.award_price, "signed_at": time_text(s.at), "document_hash": "a" * 64}


BLOCK = {"version": lambda s, r: str(s.version_of[whose(r)]),
         "part": lambda s, r: s.first_block[whose(r)][0]}
TUS = {"Tus-Resumable": "1.0.0"}
FORM = {"part": lambda s, r: "technical", "name": lambda s, r: quote(FILE)}


def _path(more: dict) -> Callable[[SimpleNamespace, str], dict]:
    return lambda s, r: {name: value(s, r) for name, value in more.items()}


DRAFTED = ("DRAFT:blank",)
NAMED = ("OPENING:named", "EVALUATING:price named")
AMENDED = ("BIDDING:amendment",)
LISTED = ("DRAFT:listed",)



def _signed(kind: str, number: int, digest: Callable, about: Callable):
    """What the buyer's clerk sends as who submitted, signed with a key of its own."""
    def body(s, _role) -> dict:
        said = signing.statement(
            s.log_origin, about=about(s), kind=kind, number=number, content_hash=digest(s),
            role="submit", unit=s.buyer_uscc, at=time_text(s.at))
        key, signature = sign(said, s.buyer_key)
        return {"content_hash": digest(s),
                "signature": {"key": key, "at": said["at"], "signature": signature}}
    return body


PROBES: dict[str, Probe] = {
    # preparation
    "POST /tenders": Probe(_tender),
    "PATCH /tenders/<tender_id>": Probe(
        lambda s, r: {"description": "改过的说明"}, DRAFTED,
        headers=_if_match(lambda s, r: s.version)),
    "POST /tenders/<tender_id>/documents": Probe(
        lambda s, r: PDF.replace(b"obj<<", b"obj<</A(1)"), DRAFTED,
        query="?name=" + quote("图纸.pdf")),
    "DELETE /tenders/<tender_id>/documents/<document_id>": Probe(ripe=DRAFTED),
    "PUT /lots/<lot_id>/items": Probe(_items, DRAFTED),
    "PUT /lots/<lot_id>/bill": Probe(_bill, DRAFTED),
    "PUT /tenders/<tender_id>/registration": Probe(
        lambda s, r: {"approval_body": "某县发展和改革局", "township": "101"}, DRAFTED),
    "PUT /lots/<lot_id>/requirements": Probe(lambda s, r: {"consortium": True}, DRAFTED),
    "PUT /lots/<lot_id>/invitees": Probe(
        lambda s, r: {"invitees": [{"uscc": s.agency, "name": "某公司"}]}, DRAFTED),
    "GET /lots/<lot_id>/invitees": Probe(),
    "PUT /lots/<lot_id>/long-list": Probe(
        lambda s, r: {"source": "library", "basis": "省级供应商库", "paper_hash": EVIDENCE,
                      "wanted": 3, "candidates": s.suppliers}, LISTED),
    "GET /lots/<lot_id>/long-list": Probe(),
    "POST /lots/<lot_id>/invitation-draws": Probe(lambda s, r: {}, LISTED),
    "POST /lots/<lot_id>/invitation-watchers": Probe(
        lambda s, r: {"announcement_hash": s.invite_hash}, ("DRAFT:drawing",)),
    "GET /lots/<lot_id>/invitation-draws": Probe(),
    "GET /tenders/<tender_id>/registration": Probe(),
    "GET /lots/<lot_id>/requirements": Probe(),
    "POST /tenders/<tender_id>/review": Probe(ripe=DRAFTED),
    "GET /tenders/<tender_id>/review": Probe(),
    "POST /tenders/<tender_id>/review/answers": Probe(
        lambda s, r: {"hit": s.hit, "answer": "justified", "reason": "已由人工审查。"}, DRAFTED),
    "PUT /tenders/<tender_id>/fairness-review": Probe(lambda s, r: dict(s.fairness), DRAFTED),
    "GET /tenders/<tender_id>/fairness-review": Probe(),
    "POST /tenders/<tender_id>/readings": Probe(lambda s, r: {"party_id": s.reader}, DRAFTED),
    "GET /tenders/<tender_id>/readings": Probe(),
    "DELETE /tenders/<tender_id>/readings/<reading_id>": Probe(ripe=DRAFTED),
    "POST /plans": Probe(_plan),
    "POST /agency-authorities": Probe(_authority),
    "POST /agency-authorities/<authority_id>/revocation": Probe(
        path=_path({"authority_id": lambda s, r: s.authority.get(r, s.authority["buyer_own"])})),
    "POST /lots/<lot_id>/officials": Probe(lambda s, r: {"account_id": s.free_opener}, DRAFTED),
    "GET /lots/<lot_id>/officials": Probe(),
    "DELETE /lots/<lot_id>/officials/<official_id>": Probe(ripe=("DRAFT:assigned",)),
    "POST /lots/<lot_id>/holder-keys": Probe(
        lambda s, r: {"recipient": s.recipient}, ("DRAFT:assigned",)),
    "GET /lots/<lot_id>/holder-keys": Probe(ripe=("DRAFT:registered",)),
    "POST /lots/<lot_id>/rehearsals": Probe(
        lambda s, r: {"nonce": secrets.token_hex(32)}, ("DRAFT:registered",)),
    "POST /lots/<lot_id>/rehearsals/answer": Probe(
        lambda s, r: s.rehearsal, ("DRAFT:rehearsing",)),
    "POST /holder-keys/<key_id>/certification": Probe(ripe=("DRAFT:registered",)),
    "POST /tenders/<tender_id>/notice": Probe(ripe=("DRAFT:certified",)),
    "POST /tenders/<tender_id>/notice/approval": Probe(
        lambda s, r: {"content_hash": s.content_hash}, ("DRAFT:submitted",)),
    "POST /tenders/<tender_id>/notice/signature": Probe(
        _signed("tender_notice", 1, lambda s: s.content_hash, lambda s: s.tender),
        ("DRAFT:submitted by buyer_own",)),
    "POST /tenders/<tender_id>/notice/return": Probe(
        lambda s, r: {"content_hash": s.content_hash, "reason": "请补充工期"}, ("DRAFT:submitted",)),
    "POST /lots/<lot_id>/deadline-extensions": Probe(_extension),
    "POST /tenders/<tender_id>/pre-notice": Probe(lambda s, r: {"expected": "2099-01-04"}, DRAFTED),
    "POST /tenders/<tender_id>/pre-notice/signature": Probe(
        _signed("pre_notice", 2, lambda s: s.pre_notice, lambda s: s.tender),
        ("DRAFT:announced by buyer_own",)),
    "POST /tenders/<tender_id>/pre-notice/approval": Probe(
        lambda s, r: {"content_hash": s.pre_notice}, ("DRAFT:announced",)),
    "POST /templates": Probe(lambda s, r: {
        "name": "范本", "tender_id": s.foreign["tender_id"] if r == "buyer_other" else s.tender}),
    "GET /templates": Probe(),
    "GET /templates/<template_id>": Probe(),
    "POST /templates/<template_id>/tenders": Probe(
        lambda s, r: {"title": "由范本新建的项目", "region": "330703"}),
    "POST /tenders/<tender_id>/amendments": Probe(_amendment),
    "GET /tenders/<tender_id>/amendments": Probe(),
    "GET /tenders/<tender_id>/amendments/<amendment_id>": Probe(ripe=AMENDED),
    "PATCH /tenders/<tender_id>/amendments/<amendment_id>": Probe(
        lambda s, r: {"why": "更正联系方式，并更正质量要求。", "lots": [{"id": s.lot, "quality": "优良"}]},
        AMENDED, headers=_if_match(lambda s, r: s.amendment_version)),
    "PUT /tenders/<tender_id>/amendments/<amendment_id>/lots/<lot_id>/bill": Probe(
        _bill, AMENDED, headers=_if_match(lambda s, r: s.amendment_version)),
    "GET /tenders/<tender_id>/amendments/<amendment_id>/reading": Probe(ripe=AMENDED),
    "GET /tenders/<tender_id>/amendments/<amendment_id>/documents/<document_id>/content": Probe(
        ripe=AMENDED, path=lambda s, r: {"document_id": s.amending_file}),
    "DELETE /tenders/<tender_id>/amendments/<amendment_id>/documents/<document_id>": Probe(
        ripe=AMENDED, path=lambda s, r: {"document_id": s.amending_file}),
    "POST /tenders/<tender_id>/amendments/<amendment_id>/documents": Probe(
        lambda s, r: PDF.replace(b"obj<<", b"obj<</A(2)"), AMENDED,
        query="?name=" + quote("补充文件.pdf")),
    "POST /tenders/<tender_id>/amendments/<amendment_id>/review": Probe(ripe=AMENDED),
    "GET /tenders/<tender_id>/amendments/<amendment_id>/review": Probe(ripe=AMENDED),
    "POST /tenders/<tender_id>/amendments/<amendment_id>/review/answers": Probe(
        lambda s, r: {"hit": s.amendment_hit, "answer": "justified", "reason": "经集体研究保留"},
        AMENDED),
    "PUT /tenders/<tender_id>/amendments/<amendment_id>/fairness-review": Probe(
        lambda s, r: dict(s.fairness), AMENDED),
    "GET /tenders/<tender_id>/amendments/<amendment_id>/fairness-review": Probe(ripe=AMENDED),
    "POST /tenders/<tender_id>/amendments/<amendment_id>/submission": Probe(ripe=AMENDED),
    "POST /tenders/<tender_id>/amendments/<amendment_id>/signature": Probe(
        _signed("amendment", 1, lambda s: s.amendment_hash, lambda s: s.tender),
        ("BIDDING:amendment by buyer_own",)),
    "POST /tenders/<tender_id>/amendments/<amendment_id>/approval": Probe(
        lambda s, r: {"content_hash": s.amendment_hash}, AMENDED),
    "POST /tenders/<tender_id>/amendments/<amendment_id>/return": Probe(
        lambda s, r: {"content_hash": s.amendment_hash, "reason": "理由写得不清楚"}, AMENDED),
    "DELETE /tenders/<tender_id>/amendments/<amendment_id>": Probe(ripe=AMENDED),
    # notice
    "GET /changes": Probe(),
    "GET /tenders": Probe(),
    "GET /search": Probe(query="?q=" + quote("道路")),
    "GET /tenders/<tender_id>": Probe(),
    "GET /tenders/<tender_id>/notice": Probe(),
    "GET /tenders/<tender_id>/exchange": Probe(),
    "GET /lots/<lot_id>": Probe(),
    "GET /lots/<lot_id>/items": Probe(),
    "GET /lots/<lot_id>/bill": Probe(),
    "GET /lots/<lot_id>/calendar": Probe(),
    "GET /tenders/<tender_id>/documents/<document_id>/content": Probe(),
    # questions
    "POST /lots/<lot_id>/questions": Probe(lambda s, r: {"text": "有无图纸？"}),
    "GET /lots/<lot_id>/questions": Probe(),
    "POST /questions/<question_id>/answer": Probe(lambda s, r: {"text": "可以。"}),
    # halting, ending, repeating
    "POST /lots/<lot_id>/suspension": Probe(
        lambda s, r: {"document_no": "金发改督〔2026〕7号", "reason": "核查投诉"}),
    "POST /lots/<lot_id>/resumption": Probe(
        lambda s, r: {"document_no": "金发改督〔2026〕8号", "reason": "投诉已处理"}),
    "POST /lots/<lot_id>/termination": Probe(lambda s, r: {"reason": "项目资金已取消"}),
    "POST /lots/<lot_id>/retender": Probe(lambda s, r: {}),
    "GET /lots/<lot_id>/course": Probe(),
    "GET /questions/<question_id>/asker": Probe(),
    # objections
    "POST /lots/<lot_id>/objection-evidence": Probe(
        lambda s, r: PDF.replace(b"obj<<", b"obj<</B(1)"), query="?name=" + quote("证据.pdf")),
    "POST /lots/<lot_id>/objections": Probe(
        lambda s, r: {"argument": "资格条件与项目不相适应", "remedy": "请删除该条件"}),
    "GET /lots/<lot_id>/objections": Probe(),
    "POST /objections/<objection_id>/answer": Probe(
        lambda s, r: {"outcome": "rejected", "text": "条件与规模相适应。"},
        ("BIDDING:objected", "EVALUATED:objected")),
    "GET /objections/<objection_id>/evidence/<evidence_id>": Probe(
        ripe=("BIDDING:objected", "EVALUATED:objected")),
    "GET /objections/<objection_id>/objector": Probe(),
    "POST /lots/<lot_id>/opening/objections": Probe(
        lambda s, r: {"argument": "唱标内容与投标文件不一致", "remedy": "请核对"}),
    "POST /opening-objections/<objection_id>/answer": Probe(
        lambda s, r: {"outcome": "rejected", "text": "经核对一致。"},
        ("OPENING:objected", "OPENED:objected")),
    "GET /lots/<lot_id>/opening-record/annex": Probe(),
    # bids
    "POST /lots/<lot_id>/bids": Probe(lambda s, r: s.declared[signer(r)]),
    "POST /lots/<lot_id>/bid-trials": Probe(lambda s, r: s.tried[signer(r)], changes=False),
    "PUT /lots/<lot_id>/bid-trials/<part>": Probe(
        lambda s, r: s.first_block["own"][2], path=_path({"part": BLOCK["part"]}),
        changes=False),
    "GET /bids/<bid_id>": Probe(),
    "POST /bids/<bid_id>/versions/<version>/parts/<part>/upload": Probe(
        path=_path(BLOCK), changes=False, headers=lambda s, r: {
            **TUS, "Upload-Length": str(s.size_of[whose(r)])}),
    "HEAD /bids/<bid_id>/versions/<version>/parts/<part>/upload": Probe(
        path=_path(BLOCK), headers=lambda s, r: TUS),
    "PATCH /bids/<bid_id>/versions/<version>/parts/<part>/upload": Probe(
        lambda s, r: s.first_block[whose(r)][2], path=_path(BLOCK), headers=lambda s, r: {
            **TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}),
    "POST /bids/<bid_id>/versions": Probe(lambda s, r: s.replacing[signer(r)]),
    "POST /bids/<bid_id>/withdrawal": Probe(lambda s, r: s.withdrawal[signer(r)]),
    "GET /bids/<bid_id>/receipts": Probe(),
    "GET /lots/<lot_id>/tenderers/<party_id>/refusals": Probe(),
    "POST /lots/<lot_id>/receipt-checks": Probe(lambda s, r: {"promise": s.receipt},
                                                changes=False),
    "GET /lots/<lot_id>/bids/count": Probe(),
    "GET /lots/<lot_id>/tenderers": Probe(),
    "GET /lots/<lot_id>/tenderers/<party_id>/bid": Probe(),
    "GET /bids/<bid_id>/content": Probe(),
    "GET /bids/<bid_id>/content/<part>/<name>": Probe(path=_path(FORM)),
    "GET /lots/<lot_id>/opened-bids": Probe(),
    "GET /lots/<lot_id>/opened-bids/<bid_id>/bills": Probe(),
    "GET /lots/<lot_id>/opened-bids/<bid_id>/<part>/<name>": Probe(path=_path(FORM)),
    # securities
    "POST /lots/<lot_id>/guarantees": Probe(lambda s, r: s.instrument[whose(r)]),
    "GET /lots/<lot_id>/guarantees": Probe(),
    "GET /lots/<lot_id>/guarantees/mine": Probe(),
    "GET /guarantees/<guarantee_id>": Probe(),
    "POST /guarantees/<guarantee_id>/release-confirmation": Probe(
        lambda s, r: s.confirmation, path=lambda s, r: {"guarantee_id": s.released}),
    # opening
    "POST /lots/<lot_id>/opening": Probe(lambda s, r: {"reason": "到时开标"}),
    "GET /lots/<lot_id>/opening": Probe(),
    "GET /lots/<lot_id>/opening/wraps": Probe(),
    "POST /lots/<lot_id>/opening/official-shares": Probe(lambda s, r: {
        "shares": s.official_shares}),
    "POST /bids/<bid_id>/opening-share": Probe(lambda s, r: {"shares": s.own_shares[whose(r)]}),
    "GET /lots/<lot_id>/opening-record": Probe(),
    "POST /lots/<lot_id>/opening-record/signatures": Probe(
        lambda s, r: {"record_hash": s.record_hash}),
    "GET /lots/<lot_id>/opening/unopened": Probe(ripe=NAMED),
    "POST /bids/<bid_id>/fault": Probe(lambda s, r: {
        "fault": "withdrawn", "grounds": "平台故障", "evidence_hash": "e" * 64}, NAMED),
    "PUT /bids/<bid_id>/plain-files/<part>": Probe(
        lambda s, r: s.plain, ("EVALUATING:prices",),
        path=_path({"part": lambda s, r: s.plain_part})),
    "POST /lots/<lot_id>/price-opening": Probe(lambda s, r: {"reason": "技术评分已签署"},
                                               ("EVALUATING:technical signed",)),
    "GET /lots/<lot_id>/price-opening": Probe(ripe=("EVALUATING:prices",)),
    "GET /lots/<lot_id>/price-opening/wraps": Probe(ripe=("EVALUATING:prices",)),
    "POST /lots/<lot_id>/price-opening/official-shares": Probe(lambda s, r: {
        "shares": s.official_prices}, ("EVALUATING:prices",)),
    "POST /bids/<bid_id>/price-share": Probe(lambda s, r: {"shares": s.price_shares[whose(r)]},
                                             ("EVALUATING:prices",)),
    # the close
    "GET /lots/<lot_id>/closing": Probe(),
    "POST /lots/<lot_id>/deadline-proposals": Probe(lambda s, r: {
        "decision": "restored", "evidence": "停电记录", "deadline": time_text(s.later)}),
    "GET /lots/<lot_id>/deadline-proposals/last": Probe(
        ripe=("CLOSED:proposed", "SUSPENDED:proposed")),
    "POST /lots/<lot_id>/deadline-proposals/decision": Probe(
        lambda s, r: {"proposal": 1, "reason": "情况属实"},
        ("CLOSED:proposed", "SUSPENDED:proposed")),
    # draw, panel, report
    "POST /lots/<lot_id>/draws": Probe(lambda s, r: {}, ("OPENED:bare",)),
    "GET /lots/<lot_id>/draws": Probe(),
    "GET /draws/<draw_id>": Probe(),
    "POST /draws/<draw_id>/commitments": Probe(lambda s, r: {
        "commitment": hashlib.sha256(_nonce(s, r)).hexdigest()}),
    "POST /draws/<draw_id>/reveals": Probe(
        lambda s, r: {"nonce": b64(_nonce(s, r))}, ("OPENED:revealing",)),
    "GET /lots/<lot_id>/panel": Probe(),
    "POST /lots/<lot_id>/panel/declarations": Probe(lambda s, r: {"accept": True},
                                                    ("EVALUATING:drawn",)),
    "GET /lots/<lot_id>/score-sheets/mine": Probe(ripe=("EVALUATING:accepted",)),
    "PUT /lots/<lot_id>/score-sheets/mine": Probe(
        lambda s, r: {"scores": s.scores}, ("EVALUATING:accepted",),
        headers=_if_match(lambda s, r: 0)),
    "POST /lots/<lot_id>/score-sheets/mine/signature": Probe(_sheet_hash, ("EVALUATING:saved",)),
    "GET /lots/<lot_id>/evaluation-report/signatures": Probe(),
    "POST /lots/<lot_id>/evaluation-report/signatures": Probe(
        lambda s, r: {"report_hash": s.report_hash}),
    "GET /lots/<lot_id>/evaluation-report": Probe(),
    # award
    "POST /lots/<lot_id>/candidates": Probe(lambda s, r: {}, ("EVALUATED:bare",)),
    "GET /lots/<lot_id>/result": Probe(),
    "POST /lots/<lot_id>/award-committee": Probe(lambda s, r: {"members": s.awarders},
                                                 ("EVALUATED:bare",)),
    "GET /lots/<lot_id>/ballots": Probe(),
    "POST /lots/<lot_id>/ballots": Probe(lambda s, r: {"ballot": 1, "choice": s.choice}),
    "POST /lots/<lot_id>/award": Probe(lambda s, r: {}, ("AWARDING:voted",)),
    "POST /lots/<lot_id>/candidates/withdrawal": Probe(
        lambda s, r: {"reason": "工期无法保证"}, ("EVALUATED:ranked", "AWARDING:ranked")),
    "POST /lots/<lot_id>/lotteries": Probe(None, ("EVALUATED:screened",)),
    "GET /lots/<lot_id>/lotteries": Probe(),
    "POST /lotteries/<lottery_id>/commitments": Probe(
        lambda s, r: {"commitment": hashlib.sha256(lotteries.nonce(s, r)).hexdigest()},
        ("EVALUATED:lottery",)),
    "POST /lotteries/<lottery_id>/reveals": Probe(
        lotteries.reveal, ("EVALUATED:lottery revealing",)),
    "POST /lots/<lot_id>/contract": Probe(_contract),
    # awards that fall
    "GET /lots/<lot_id>/award": Probe(),
    "POST /lots/<lot_id>/award/defaults": Probe(fallen.proposal),
    "POST /lots/<lot_id>/award/words": Probe(
        lambda s, r: {"kind": "declines", "text": "放弃中标。"}, ("AWARDED:heard",)),
    "POST /award-defaults/<default_id>/cancellation": Probe(
        lambda s, r: {"statement_hash": s.statement_hash, "reason": "经核实，取消中标。"},
        ("AWARDED:declined",)),
    "POST /award-defaults/<default_id>/dropping": Probe(
        lambda s, r: {"reason": "已经签订合同。"}, ("AWARDED:heard",)),
    # validity extended
    "POST /lots/<lot_id>/validity-extensions": Probe(lambda s, r: {
        "until": s.longer, "answer_by": time_text(s.at + timedelta(days=4)),
        "reason": "评标工作需要延长，请予答复。"}),
    "POST /bids/<bid_id>/validity-answers": Probe(
        lambda s, r: {"extension": s.extension, "agreed": False}, ("OPENED:asked",)),
    "GET /lots/<lot_id>/validity": Probe(),
    # record
    "GET /record/checkpoint": Probe(),
    "GET /record/consistency": Probe(query="?from=1"),
    "GET /lots/<lot_id>/record": Probe(),
    "GET /lots/<lot_id>/record/actors": Probe(),
    "GET /lots/<lot_id>/record/export": Probe(),
    # people
    "POST /registrations": Probe(_registration),
    "POST /accounts": Probe(_account),
    "GET /accounts": Probe(),
    "POST /accounts/<account_id>/activation": Probe(),
    "POST /accounts/<account_id>/disable": Probe(lambda s, r: {"reason": "离职"}),
    "POST /accounts/<account_id>/vouching": Probe(
        lambda s, r: {"reason": "企业来函"}, path=lambda s, r: {"account_id": s.unvouched}),
    "POST /role-grants": Probe(lambda s, r: {"account_id": s.free_account, "role": "opener"}),
    "GET /role-grants": Probe(),
    "POST /role-grants/<grant_id>/revocation": Probe(
        path=lambda s, r: {"grant_id": s.standing_grant}),
    "POST /role-grants/<grant_id>/approval": Probe(),
    "POST /accounts/<account_id>/erasure": Probe(
        lambda s, r: {"reason": "本人申请"}, path=lambda s, r: {"account_id": s.gone_account}),
    "GET /erasures": Probe(),
    "POST /erasures/<erasure_id>/approval": Probe(),
    "POST /erasures": Probe(lambda s, r: {"login": s.gone_account, "reason": "本人申请"}),
    "GET /factor-resets": Probe(),
    "POST /factor-resets": Probe(lambda s, r: {"login": s.forgetful[0], "reason": "持证件到场"}),
    "POST /factor-resets/<reset_id>/approval": Probe(
        path=lambda s, r: {"reset_id": s.factor_reset}),
    "POST /session-endings": Probe(lambda s, r: {"login": s.forgetful[0], "reason": "疑似被盗用"}),
    "GET /certificate-authorities": Probe(),
    "GET /unit-keys": Probe(query="?uscc=" + completed("91330703", "MA9K0001")),
    "GET /security-log": Probe(),
    "GET /policy": Probe(),
    "POST /policy/proposals": Probe(_policy, headers=_if_match(lambda s, r: 0)),
    "POST /policy/proposals/<proposal_id>/approval": Probe(
        path=lambda s, r: {"proposal_id": s.proposals["policy"]}),
    "DELETE /policy/proposals/<proposal_id>": Probe(
        path=lambda s, r: {"proposal_id": s.proposals["policy"]}),
    "GET /parameters": Probe(),
    "POST /parameters/proposals": Probe(_parameters, headers=_if_match(lambda s, r: 0)),
    "GET /parameters/proposals": Probe(),
    "POST /parameters/proposals/<proposal_id>/approval": Probe(
        path=lambda s, r: {"proposal_id": s.proposals["parameters"]}),
    "DELETE /parameters/proposals/<proposal_id>": Probe(
        path=lambda s, r: {"proposal_id": s.proposals["parameters"]}),
    "GET /administration-log": Probe(),
    "GET /administration-log/events": Probe(),
    "GET /webhooks/waiting": Probe(),
    "POST /webhooks/<webhook_id>/approval": Probe(path=lambda s, r: {"webhook_id": s.webhook}),
    # rule profiles
    "POST /profiles": Probe(_profile),
    "POST /profiles/<profile>/approval": Probe(lambda s, r: {"body_hash": s.profile_hash}),
    "POST /debarments": Probe(_debarment),
    "POST /debarments/<debarment_id>/approval": Probe(
        path=_path({"debarment_id": lambda s, r: s.debarment})),
    "GET /lots/<lot_id>/standing": Probe(),
    "GET /lots/<lot_id>/standing/<digest>": Probe(path=lambda s, r: {"digest": EVIDENCE}),
    # village works
    "POST /works": Probe(_work),
    "PATCH /works/<work_id>": Probe(lambda s, r: {"state": "accepted"},
                                    headers=_if_match(lambda s, r: 1)),
    "POST /works/imports": Probe(lambda s, r: watch.WORKS),
    "POST /payment-ledgers": Probe(lambda s, r: watch.PAYMENTS, query="?region=330703"),
    "GET /payment-hits": Probe(query="?region=330703"),
    "POST /work-findings": Probe(lambda s, r: {
        "work_id": s.work, "kind": "funds", "text": "资金拨付凭证缺失",
        "due": (s.at + timedelta(days=9)).date().isoformat()}),
    "POST /work-findings/<finding_id>/answer": Probe(
        lambda s, r: watch.DONE),
    "GET /work-findings/<finding_id>/evidence": Probe(
        path=lambda s, r: {"finding_id": s.answered}),
    "POST /work-findings/<finding_id>/return": Probe(
        lambda s, r: {"reason": "照片不符"}, path=lambda s, r: {"finding_id": s.answered}),
    "POST /work-findings/<finding_id>/closing": Probe(
        lambda s, r: {"evidence_hash": EVIDENCE}, path=lambda s, r: {"finding_id": s.answered}),
    # direct awards
    "POST /direct-awards": Probe(lambda s, r: straight.STATED | {"decision_day": "2026-01-06"}),
    "POST /direct-awards/<award_id>/minutes": Probe(
        lambda s, r: PDF.replace(b"obj<<", b"obj<</A(3)"), query="?name=" + quote("纪要.pdf"),
        path=_path({"award_id": lambda s, r: s.direct["own"]})),
    "PUT /direct-awards/<award_id>": Probe(
        lambda s, r: straight.STATED | {"decision_day": "2026-01-06"},
        path=_path({"award_id": lambda s, r: s.direct["own"]}),
        headers=lambda s, r: {"If-Match": f'"{s.direct_own_version}"'}),
    "DELETE /direct-awards/<award_id>": Probe(),
    "POST /direct-awards/<award_id>/signature": Probe(
        _signed("direct_award", 1, lambda s: s.direct_own_hash, lambda s: s.direct["own"]),
        path=_path({"award_id": lambda s, r: s.direct["own"]})),
    "POST /direct-awards/<award_id>/approval": Probe(
        lambda s, r: {"content_hash": s.direct_hash}),
    "POST /direct-awards/<award_id>/contract": Probe(
        lambda s, r: {"amount_fen": straight.STATED["price_fen"], "document_hash": "d" * 64,
                      "signed_at": time_text(s.at), "late_reason": "进场推迟"},
        path=_path({"award_id": lambda s, r: s.direct["published"]})),
    "GET /direct-awards/<award_id>/minutes": Probe(),
    "POST /direct-awards/<award_id>/objections": Probe(
        lambda s, r: {"argument": "另有同一项目", "remedy": "撤销"},
        path=_path({"award_id": lambda s, r: s.direct["standing"]})),
    "GET /direct-awards/<award_id>/objections": Probe(),
    "POST /direct-objections/<objection_id>/answer": Probe(
        lambda s, r: {"outcome": "rejected", "text": "经核对并非同一项目"},
        path=lambda s, r: {"objection_id": s.award_disputed}),
    "GET /direct-objections/<objection_id>/evidence/<digest>": Probe(
        path=lambda s, r: {"objection_id": s.award_disputed, "digest": EVIDENCE}),
    # intermediary services
    "POST /agencies": Probe(lambda s, r: market.ENTRY),
    "POST /agencies/<agency_id>/proposal": Probe(lambda s, r: {"content_hash": s.entry_hash}),
    "POST /agencies/<agency_id>/approval": Probe(
        lambda s, r: {"content_hash": s.entry_read},
        path=lambda s, r: {"agency_id": s.entry_proposed}),
    "POST /services": Probe(lambda s, r: market.request(s.at)),
    "POST /services/<service_id>/approval": Probe(
        lambda s, r: {"content_hash": s.service_hash}, path=_service("requested")),
    "POST /services/<service_id>/offers": Probe(lambda s, r: {"commitment": "c" * 64}),
    "POST /services/<service_id>/offers/mine": Probe(
        lambda s, r: market.OFFER, path=_service("revealing")),
    "POST /services/<service_id>/choice": Probe(
        lambda s, r: {"party_id": s.party["own"], "reason": "方案最优，团队经验丰富，价格合理"},
        path=_service("displayed")),
    "POST /services/<service_id>/screen": Probe(
        lambda s, r: {"verdicts": [{"party_id": s.party[one], "passed": True}
                                   for one in market.NAMES]}, path=_service("unscreened")),
    "POST /services/<service_id>/draws": Probe(lambda s, r: {}, path=_service("screened")),
    "POST /service-draws/<draw_id>/commitments": Probe(
        lambda s, r: {"commitment": "c" * 64}, path=lambda s, r: {"draw_id": s.draws["open"]}),
    "POST /service-draws/<draw_id>/reveals": Probe(
        lambda s, r: {"nonce": b64(bytes(32))}, path=lambda s, r: {"draw_id": s.draws["late"]}),
    "POST /services/<service_id>/contract": Probe(
        lambda s, r: {"amount_fen": 2_000_000, "document_hash": "d" * 64},
        path=_service("decided")),
    "POST /services/<service_id>/completion": Probe(
        lambda s, r: {"document_hash": "d" * 64}, path=_service("contracted")),
    "POST /services/<service_id>/rating": Probe(
        lambda s, r: {"stars": 5, "text": "按期完成"}, path=_service("finished")),
    "POST /services/<service_id>/buyer-rating": Probe(
        lambda s, r: {"stars": 5, "text": "付款及时"}, path=_service("finished")),
    "POST /services/<service_id>/objections": Probe(
        lambda s, r: {"argument": "资质不符", "remedy": "重新审查"}, path=_service("standing")),
    "GET /services/<service_id>/objections": Probe(),
    "POST /service-objections/<objection_id>/answer": Probe(
        lambda s, r: {"outcome": "rejected", "text": "经核对相符"},
        path=lambda s, r: {"objection_id": s.disputed}),
    "GET /service-objections/<objection_id>/evidence/<digest>": Probe(
        path=lambda s, r: {"objection_id": s.disputed, "digest": EVIDENCE}),
    # framework agreements
    "POST /frameworks": Probe(lambda s, r: framed.terms(s.at)),
    "POST /frameworks/<framework_id>/approval": Probe(
        lambda s, r: {"content_hash": s.framework_hash}),
    "POST /frameworks/<framework_id>/end": Probe(
        lambda s, r: {"reason": "需求变化，停止征集"}, path=_framework("running")),
    "DELETE /frameworks/<framework_id>": Probe(),
    "POST /frameworks/<framework_id>/applications": Probe(
        lambda s, r: {"papers": framed.PAPERS, "price_fen": 2_900_000, "terms_hash": "0" * 64},
        path=_framework("open")),
    "GET /frameworks/<framework_id>/applications": Probe(path=_framework("running")),
    "GET /frameworks/<framework_id>/objections": Probe(path=_framework("running")),
    "POST /frameworks/<framework_id>/calloffs": Probe(
        lambda s, r: framed.call(s), path=_framework("running")),
    "GET /framework-applications/<application_id>/papers/<digest>": Probe(
        path=lambda s, r: {"application_id": s.seated["own"], "digest": EVIDENCE}),
    "POST /framework-applications/<application_id>/admission": Probe(),
    "POST /framework-applications/<application_id>/refusal": Probe(
        lambda s, r: {"against": [0], "reason": "营业执照已注销"}),
    "DELETE /framework-applications/<application_id>": Probe(
        path=lambda s, r: {"application_id": s.leaving[signer(r)]}),
    "POST /framework-applications/<application_id>/objections": Probe(
        lambda s, r: {"argument": "执照未过期", "remedy": "准予入围"},
        path=lambda s, r: {"application_id": s.refused_applications[signer(r)]}),
    "POST /framework-applications/<application_id>/strikes": Probe(
        lambda s, r: {"ground": "breach", "reason": "拒不返修"},
        path=lambda s, r: {"application_id": s.seated["own"]}),
    "POST /framework-strikes/<strike_id>/approval": Probe(),
    "POST /calloffs/<calloff_id>/turn": Probe(path=_calloff("asked", own=True)),
    "POST /calloffs/<calloff_id>/turn/declined": Probe(
        lambda s, r: {"reason": "人手不足，无法安排"}, path=_calloff("asked", own=True)),
    "POST /calloffs/<calloff_id>/turn/judgement": Probe(
        lambda s, r: {"good": True}, path=_calloff("declined")),
    "POST /calloffs/<calloff_id>/offers": Probe(
        lambda s, r: {"commitment": "c" * 64}, path=_calloff("offers")),
    "POST /calloffs/<calloff_id>/offers/mine": Probe(
        lambda s, r: market.OFFER, path=_calloff("revealing")),
    "POST /calloffs/<calloff_id>/contract": Probe(
        lambda s, r: {"amount_fen": market.OFFER["price_fen"], "document_hash": "d" * 64},
        path=_calloff("signing")),
    "POST /calloffs/<calloff_id>/end": Probe(
        lambda s, r: {"reason": "供应商拒签合同"}, path=_calloff("signing")),
    "POST /calloffs/<calloff_id>/objections": Probe(
        lambda s, r: {"argument": "我方更近", "remedy": "重新选定"}, path=_calloff("standing")),
    "GET /calloffs/<calloff_id>/objections": Probe(path=_calloff("disputed")),
    "POST /framework-objections/<objection_id>/answer": Probe(
        lambda s, r: {"outcome": "rejected", "text": "经核对执照已过期"},
        path=lambda s, r: {"objection_id": s.framework_objections["refusal"]}),
    "POST /calloff-objections/<objection_id>/answer": Probe(
        lambda s, r: {"outcome": "rejected", "text": "选定理由已公布"},
        path=lambda s, r: {"objection_id": s.framework_objections["result"]}),
    "GET /framework-objections/<objection_id>/evidence/<digest>": Probe(
        path=lambda s, r: {"objection_id": s.framework_objections["refusal"], "digest": EVIDENCE}),
    "GET /calloff-objections/<objection_id>/evidence/<digest>": Probe(
        path=lambda s, r: {"objection_id": s.framework_objections["result"], "digest": EVIDENCE}),
    "GET /agencies/<agency_id>/papers/<digest>": Probe(path=lambda s, r: {"digest": EVIDENCE}),
    "DELETE /agencies/<agency_id>": Probe(
        path=lambda s, r: {"agency_id": s.entries[signer(r)]}),
    "POST /agencies/<agency_id>/sanctions": Probe(
        lambda s, r: market.sanction(s.at) | {"until": market.sanction(s.at)["until"].isoformat()},
        path=lambda s, r: {"agency_id": s.entries["own"]}),
    "POST /agency-sanctions/<sanction_id>/approval": Probe(),
    "POST /work-findings/<finding_id>/closing/approval": Probe(
        lambda s, r: {"evidence_hash": EVIDENCE}, path=lambda s, r: {"finding_id": s.closing}),
} | complained.probes(Probe)


def _nonce(s, role: str) -> bytes:
    return s.nonces.get(role, bytes(32))


def own_ids(s: SimpleNamespace, role: str) -> dict[str, str]:
    """The objects a role names in an address, by the name of the place."""
    return {"lot_id": s.lot, "tender_id": s.tender, "bid_id": s.bid[whose(role)],
            "party_id": s.party[whose(role)], "draw_id": s.draw,
            "lottery_id": s.lottery, "default_id": s.award_default, "key_id": s.holder_key,
            "official_id": s.official,
            "document_id": s.document, "amendment_id": s.amendment, "question_id": s.question,
            "template_id": s.template,
            "objection_id": s.objection, "complaint_id": s.cases["body"]["accepted"], "evidence_id": s.evidence,
            "reading_id": s.reading,
            "guarantee_id": s.guarantee[whose(role)], "account_id": s.spare_account,
            "grant_id": s.waiting_grant, "erasure_id": s.erasure, "profile": s.profile, "work_id": s.work,
            "service_id": s.services["open"], "agency_id": s.entry, "sanction_id": s.sanction,
            "finding_id": s.finding, "award_id": s.direct["drafted"],
            "framework_id": s.frameworks["drafted"], "application_id": s.waiting_application,
            "strike_id": s.strike, "calloff_id": s.calloffs["signing"]}


@dataclass
class Request:
    """One request, ready to be sent."""

    route: Route
    method: str
    path: str
    body: bytes | None
    headers: dict[str, str]
    value: object = None
    """The body before it became bytes."""


def name_of(route: Route) -> str:
    """How PROBES calls a route."""
    return f"{route.method} {route.rule.removeprefix(PREFIX)}"


def request(route: Route, s: SimpleNamespace, role: str, ids: dict[str, str] | None = None,
            value: object = None) -> Request:
    """The request of `role` to `route` at a station, with other ids or another body if given."""
    probe = PROBES[name_of(route)]
    places = own_ids(s, role) | (probe.path(s, role) if probe.path else {}) | (ids or {})
    path = route.rule
    for place, found in places.items():
        path = path.replace(f"<{place}>", found)
    assert "<" not in path, path
    if value is None and probe.body is not None:
        value = probe.body(s, role)
    body, kind = encode(value)
    headers = {"Content-Type": kind} if body is not None else {}
    if route.method not in ("GET", "HEAD") and body is None:
        headers["Content-Length"] = "0"
    if route.method == "POST":
        headers["Idempotency-Key"] = secrets.token_hex(16)
    if probe.headers:
        headers |= probe.headers(s, role)
    token = s.tokens.get(role)
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return Request(route, route.method, path + probe.query, body, headers, value)


def encode(value: object) -> tuple[bytes | None, str]:
    """A body's bytes and their type."""
    if value is None or isinstance(value, bytes):
        return value, "application/octet-stream"
    return json.dumps(value).encode(), "application/json"


ROUTED = [route for route in ROUTES if route.action is not None]
"""Every route that stands for an action; complete once the books are imported."""

OWN_BY_ADDRESS = {"GET /lots/<lot_id>/guarantees/mine", "POST /lots/<lot_id>/price-opening",
                  "GET /lots/<lot_id>/price-opening", "GET /lots/<lot_id>/price-opening/wraps",
                  "POST /lots/<lot_id>/price-opening/official-shares",
                  "POST /lots/<lot_id>/candidates/withdrawal", "GET /lots/<lot_id>/award",
                  "POST /lots/<lot_id>/award/words"}
"""What an address cannot ask of another: it names a lot and no company, so a rival is a tenderer
there like the other. It gets its own, or is told that this is an official's (a condition)."""

WITHOUT_LOT = {"GET /tenders", "GET /search", "GET /changes"}
"""Lists that leave out what their reader may not see, instead of being denied."""

LAGGING = {"GET /search"}
"""Of them, those that show a tender only after the next tick has read of it in the feed."""

UNBORN = dict.fromkeys(("GET /tenders/<tender_id>/exchange", "GET /lots/<lot_id>/calendar"),
                       "DRAFT") | {"GET /lots/<lot_id>/opened-bids/<bid_id>/bills": "OPENED"}
"""What does not exist yet in a phase, even for those who prepare it: a release is of what is
public, a priced bill lies in the second envelope."""

CONDITIONS: dict[str, set[str]] = complained.CONDITIONS | {
    "POST /lots/<lot_id>/candidates/withdrawal": {"candidate.not-ranked"},
    "POST /lots/<lot_id>/award/words": {"contract.no-award", "award-default.no-word"},
    "POST /lots/<lot_id>/validity-extensions": {"validity.unopened"},
    "POST /bids/<bid_id>/validity-answers": {"validity.not-open"},
    "POST /service-draws/<draw_id>/commitments": {"service.not-yours"},
    "POST /service-draws/<draw_id>/reveals": {"service.not-yours"},
    "POST /services/<service_id>/buyer-rating": {"service.not-yours"},
    "POST /services/<service_id>/objections": {"service.not-yours"},
    "POST /lots/<lot_id>/price-opening": {"opening.not-yours"},
    "GET /lots/<lot_id>/price-opening/wraps": {"opening.not-yours"},
    "POST /lots/<lot_id>/price-opening/official-shares": {"opening.not-yours"},
    "POST /bids/<bid_id>/price-share": {"opening.not-yours"},
}
"""Conditions outside the table, by route: refusals that may stand where the table allows. Every
other action is tried where its conditions are met; each condition has its own test."""

NOBODY: dict[str, tuple[str, ...]] = {
    "downloaders.list": (
        "GET /tenders/<tender_id>/downloaders", "GET /tenders/<tender_id>/downloads",
        "GET /lots/<lot_id>/downloaders", "GET /lots/<lot_id>/opening/watchers",
        "GET /tenders/<tender_id>/documents/<document_id>/downloaders"),
    "deadline.shorten": (
        "PATCH /lots/<lot_id>", "PUT /lots/<lot_id>", "PUT /lots/<lot_id>/deadline",
        "POST /lots/<lot_id>/deadline", "PATCH /lots/<lot_id>/deadline"),
    "bid.withdraw_other": (
        "DELETE /bids/<bid_id>", "PATCH /bids/<bid_id>", "PUT /bids/<bid_id>",
        "POST /lots/<lot_id>/tenderers/<party_id>/withdrawal",
        "DELETE /lots/<lot_id>/tenderers/<party_id>/bid",
        "POST /lots/<lot_id>/tenderers/<party_id>/bid"),
    "bid.ciphertext_bulk": (
        "GET /lots/<lot_id>/ciphertexts", "GET /lots/<lot_id>/bids/content",
        "GET /lots/<lot_id>/bids/archive", "GET /lots/<lot_id>/opened-bids/archive",
        "GET /lots/<lot_id>/opening/ciphertexts"),
    "opening.undo": (
        "DELETE /lots/<lot_id>/opening", "PUT /lots/<lot_id>/opening",
        "DELETE /lots/<lot_id>/opening-record", "PUT /lots/<lot_id>/opening-record",
        "PATCH /lots/<lot_id>/opening-record", "POST /lots/<lot_id>/opening-record",
        "POST /lots/<lot_id>/opening/undo"),
    "score.change_signed": (
        "DELETE /lots/<lot_id>/score-sheets/mine", "PATCH /lots/<lot_id>/score-sheets/mine",
        "DELETE /lots/<lot_id>/score-sheets/mine/signature",
        "PUT /lots/<lot_id>/score-sheets/mine/signature", "PUT /lots/<lot_id>/score-sheets/1"),
    "score.view_others_early": (
        "GET /lots/<lot_id>/score-sheets", "GET /lots/<lot_id>/score-sheets/1",
        "GET /lots/<lot_id>/score-sheets/<account_id>", "GET /lots/<lot_id>/panel/score-sheets"),
    "award.change": (
        "PUT /lots/<lot_id>/award", "PATCH /lots/<lot_id>/award", "DELETE /lots/<lot_id>/award",
        "PUT /lots/<lot_id>/result", "DELETE /lots/<lot_id>/result"),
    "audit.change": (
        "DELETE /lots/<lot_id>/record", "PUT /lots/<lot_id>/record", "PATCH /lots/<lot_id>/record",
        "POST /lots/<lot_id>/record", "PUT /record/checkpoint", "POST /record/checkpoint",
        "DELETE /record/checkpoint", "PUT /record/tile/0/000", "DELETE /record/tile/0/000",
        "POST /record", "DELETE /record"),
    "role.grant_self": (
        "POST /role-grants/self", "POST /role-grants/mine", "POST /account/roles", "POST /roles",
        "POST /accounts/<account_id>/roles", "PATCH /session", "PUT /session"),
    "clock.change": (
        "PUT /time", "POST /time", "PATCH /time", "PUT /lots/<lot_id>/time", "POST /clock",
        "PUT /clock"),
    "private_key.export": (
        "GET /signing-keys/<key_id>/private", "GET /signing-keys/<key_id>",
        "GET /holder-keys/<key_id>", "GET /holder-keys/<key_id>/private",
        "GET /lots/<lot_id>/opening/official-shares", "GET /lots/<lot_id>/opening/shares",
        "GET /bids/<bid_id>/opening-share", "GET /accounts/<account_id>/factor"),
    "user.impersonate": (
        "POST /accounts/<account_id>/session", "POST /accounts/<account_id>/impersonation",
        "POST /accounts/<account_id>/sessions", "POST /session/as/<account_id>",
        "GET /accounts/<account_id>/session"),
}
"""Where one would look for what nobody may do: each answers 404 or 405."""
