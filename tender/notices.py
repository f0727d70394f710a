"""Published notices: kinds, how a field reads, what the platform signs. Pure.

Every notice is one value: sections of fields, each with its name in both languages, the exact
value, and how people read it. JSON, page and PDF print that value and nothing else, so that they
cannot say different things (rulebook §2.6: the same text on all media; assurance Q41).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from audit import note
from kernel.canonical import NotCanonical, jcs, parse_canonical, parse_time, sha256, time_text

from .timetable import BEIJING


@dataclass(frozen=True)
class Kind:
    """One kind of notice, in both languages, with the article that asks for it."""

    name: str
    zh: str
    en: str
    law: str


KINDS: dict[str, Kind] = {kind.name: kind for kind in (
    Kind("pre_notice", "招标预公告", "Advance notice", "招标公告和公示信息发布管理办法 3"),
    Kind("tender_notice", "招标公告", "Tender notice", "招标投标法 16; 实施条例 15"),
    Kind("amendment", "补充（更正）公告", "Amendment", "招标投标法 23; 实施条例 21"),
    Kind("clarification", "澄清公告", "Clarification", "招标投标法 23; 实施条例 21, 22"),
    Kind("candidates", "中标候选人公示", "Candidates", "实施条例 54"),
    Kind("result", "中标结果公告", "Result", "招标投标法 45"),
    Kind("award_cancelled", "中标结果变更公告", "Award cancelled", "实施条例 55, 74"),
    Kind("termination", "终止公告", "Termination", "实施条例 31"),
    Kind("failure", "流标公告", "Failure", "招标投标法 28; 实施条例 44"),
    Kind("contract", "合同公告", "Contract", "招标投标法 46; 实施条例 57"),
    Kind("direct_award", "直接发包结果公告", "Direct award", "三重一大; 规则 §1.3"),
    Kind("framework", "框架协议征集公告", "Framework agreement", "财政部令110号"),
    Kind("framework_admission", "框架协议入围结果公告", "Supplier admitted", "财政部令110号"),
    Kind("framework_struck", "取消入围资格公告", "Supplier struck off", "财政部令110号"),
    Kind("calloff_result", "框架协议成交结果公告", "Result of a call-off", "财政部令110号"),
)}
"""Every kind of notice."""

Row = dict[str, object]
Section = dict[str, object]

TYPE = "published-notice"
"""The type of the signed statement."""

WORDS = {
    "works": ("工程", "works"), "goods": ("货物", "goods"), "services": ("服务", "services"),
    "statutory": ("依法必须招标", "statutory"), "below": ("限额以下", "below the statutory limit"),
    "govproc": ("政府采购", "government procurement"), "village": ("村级工程", "village works"),
    "intermediary": ("中介服务", "intermediary services"),
    "open": ("公开", "open"), "invite": ("邀请", "by invitation"),
    "negotiate": ("竞争性谈判", "negotiated"), "inquiry": ("询价", "price inquiry"),
    "lottery": ("随机抽取", "by lot"), "direct": ("直接发包", "direct"),
    "bank-guarantee": ("银行保函", "bank guarantee"), "cash-deposit": ("现金", "cash deposit"),
    "yes": ("是", "yes"), "no": ("否", "no"),
    "direct-vote": ("直接票决", "direct vote"),
    "first-ranked": ("排名第一的候选人中标；放弃的，由下一名递补",
                     "the first in the order wins; if it gives up, the next"),
    "lowest-price": ("满足要求者按报价由低到高排序", "by price, lowest first, of those who pass"),
    "price-band": ("报价在区间内者参加抽取；不比价", "prices in the band are drawn, not compared"),
    "trimmed-mean-drawn-coefficient": (
        "去极值平均价乘以（1－抽取的下浮系数）",
        "trimmed mean of the valid bids × (1 − the coefficient drawn)"),
}
"""How the words of our JSON are read."""


class BadNotice(ValueError):
    """A signature, or what it stands over, is not what it should be; the message says which."""


# --- how a field reads ----------------------------------------------------------------------------
def yuan(fen: int) -> str:
    """`¥1,234,567.89` from integer fen."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}¥{whole:,}.{rest:02d}"


def _word(value: str) -> dict[str, str]:
    zh, en = WORDS.get(value, (value, value))
    return {"zh": zh, "en": en}


def _moment(value: str) -> dict[str, str]:
    """Beijing wall time, and the instant itself, so that nothing rests on a reader's clock."""
    at = parse_time(value).astimezone(BEIJING)
    clock = at.strftime("%H:%M:%S") + (f".{at.microsecond // 1000:03d}" if at.microsecond else "")
    return {"zh": f"{at.year}年{at.month}月{at.day}日 {clock}（北京时间，{value}）",
            "en": f"{at:%Y-%m-%d} {clock} Beijing time ({value})"}


def _day(value: str) -> dict[str, str]:
    day = date.fromisoformat(value)
    return {"zh": f"{day.year}年{day.month}月{day.day}日", "en": value}


def _plain(value: object) -> dict[str, str]:
    return {"zh": str(value), "en": str(value)}


def _unit(zh: str, en: str):
    return lambda value: {"zh": f"{value} {zh}", "en": f"{value} {en}"}


READ = {
    "text": _plain, "hash": _plain, "count": _plain, "points": _unit("分", "points"),
    "time": _moment, "day": _day, "money": lambda fen: _plain(yuan(fen)), "word": _word,
    "days": _unit("天", "days"), "minutes": _unit("分钟", "minutes"),
    "bytes": _unit("字节", "bytes"),
}
"""How a value of each kind reads: money is fen, times are RFC 3339 in UTC, days ISO."""


def read(kind: str, value: object) -> dict[str, str]:
    """How a value reads, `{zh, en}`; a value that is not there says so."""
    if value is None:
        return {"zh": "无", "en": "none"}
    return READ[kind](value)


def row(name: str, zh: str, en: str, value: object, kind: str = "text") -> Row:
    """One field: its name in JSON, its name for people, its exact value and how that reads."""
    if isinstance(value, datetime):
        value, kind = time_text(value), "time"
    return {"name": name, "label": {"zh": zh, "en": en}, "kind": kind, "value": value,
            "text": read(kind, value)}


def changed(name: str, zh: str, en: str, old: object, new: object, kind: str = "text") -> Row:
    """One field that was changed: old → new, each with how it reads."""
    before, after = read(kind, old), read(kind, new)
    return {"name": name, "label": {"zh": zh, "en": en}, "kind": kind, "old": old, "value": new,
            "text": {tongue: f"{before[tongue]} → {after[tongue]}" for tongue in ("zh", "en")}}


def section(zh: str, en: str, rows: Iterable[Row]) -> Section:
    """Fields under one heading."""
    return {"title": {"zh": zh, "en": en}, "rows": list(rows)}


def failed(zh: str, en: str) -> list[Section]:
    """Why a lot failed, and what follows (招标投标法 28; 实施条例 44)."""
    reason = row("reason", "流标原因", "Why it failed", zh)
    return [section("流标", "Failure", [
        reason | {"text": {"zh": zh, "en": en}},
        row("next", "后续", "What follows", "保证金予以退还；招标人分析原因后依法重新招标。")])]


def heading(body: dict) -> list[tuple[str, str]]:
    """What stands at the head of a notice, on every medium: label and text."""
    said = [("项目 Project", body["title"]), ("编号 Code", body["code"]), ("OCID", body["ocid"]),
            ("招标人 Buyer", f"{body['buyer']['name']} {body['buyer']['uscc']}")]
    if body["lot"]:
        said.append(("标段 Lot", f"{body['lot_number']} {body['lot_title']} {body['section_code']}"))
    return [*said, ("公告号 Number", f"{body['number']}"), ("版本 Version", f"{body['version']}"),
            ("发布时间 Published", read("time", body["published_at"])["zh"]),
            ("依据 Law", body["law"])]


# --- what is signed -------------------------------------------------------------------------------
def content(kind: str, heading: dict[str, object], sections: Iterable[Section]) -> bytes:
    """The canonical bytes of a notice: what stands at its head, then its sections."""
    said = KINDS[kind]
    return jcs({"v": 1, "type": "notice", "kind": kind, "kind_text": {"zh": said.zh, "en": said.en},
                "law": said.law, **heading, "sections": list(sections)})


def statement(log_origin: str, body: dict[str, object], digest: str) -> dict[str, object]:
    """What the platform's signature says: which notice, when, and the hash of its content."""
    return {"v": 1, "type": TYPE, "log_origin": log_origin, "content_hash": digest,
            **{name: body[name] for name in ("kind", "number", "version", "tender", "lot",
                                             "published_at")}}


def sign(value: dict[str, object], signer: note.Signer) -> str:
    """The signed note of one canonical line."""
    return signer.sign(jcs(value).decode() + "\n")


def verify(text: bytes, signature: str, verifier: note.Verifier) -> dict[str, object]:
    """Check the signature over a notice's canonical bytes; return what the notice says.

    Raises BadNotice.
    """
    try:
        signed = note.verify(signature, [verifier])
        said = parse_canonical(signed.text.removesuffix("\n").encode())
        body = parse_canonical(text)
        expected = statement(said["log_origin"], body, sha256(text).hex())
    except (note.BadNote, NotCanonical, KeyError, TypeError) as error:
        raise BadNotice(f"not a signed notice: {error}") from error
    if said != expected:
        raise BadNotice("the signature stands over another notice")
    return body
