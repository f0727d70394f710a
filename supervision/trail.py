"""The entries of a lot as a story: who did what, when, by which article. Pure.

What an entry says stands in its record; what its act is called, in entry_words.py. An act without
words is shown by its name, so that nothing is left out.
"""

from __future__ import annotations

from kernel.canonical import parse_time
from tender.notices import KINDS
from tender.timetable import beijing_day

from .entry_words import said

WHO = {"clock": ("平台时钟", "the clock"), "operator": ("运维人员", "the operator"),
       "anonymous": ("未登录者", "nobody signed in"), "account": ("账号", "account"),
       "token": ("接口令牌", "token")}

PLAIN = {
    "document_no": ("文号", "document"), "deadline": ("截止时间", "deadline"),
    "deadline_before": ("原截止时间", "deadline before"), "opening_at": ("开标时间", "opening at"),
    "ends_at": ("结束时间", "ends at"), "decision": ("决定", "decision"), "kind": ("种类", "kind"),
    "outcome": ("结果", "outcome"), "count": ("数量", "count"), "root": ("树根", "root"),
    "record": ("记录摘要", "record"), "content_hash": ("内容摘要", "hash of the content"),
    "policy_hash": ("开标策略摘要", "hash of the opening policy"), "fault": ("故障", "fault"),
    "version": ("版本", "version"), "closed_at": ("截标时间", "closed at"),
    "witnesses": ("见证", "witnesses"), "document_hash": ("文件摘要", "hash of the file")}
"""Facts that are shown, and what they are called; the rest is in the entry itself."""

TIMES = ("deadline", "deadline_before", "opening_at", "ends_at", "closed_at")

VALUES = {name: (kind.zh, kind.en) for name, kind in KINDS.items()} | {
    "official": ("开标人员", "opening official"), "clock": ("时钟持有人", "clock holder"),
    "rejected": ("不成立", "rejected"), "partly": ("部分成立", "partly upheld"),
    "upheld": ("成立", "upheld")}
"""Values that are words of ours."""


def story(entries: list[dict]) -> list[dict]:
    """The entries as they are told: {index, at, zh, en, type, who, actor, law, facts, entry}."""
    return [_told(entry) for entry in sorted(entries, key=lambda one: (
        one["record"].get("at", ""), one["position"]))]


def chosen(told: list[dict], kind: str, since: str, until: str) -> list[dict]:
    """The entries of an act (`kind`) and of Beijing days, both included; empty: all."""
    return [one for one in told if (not kind or one["type"] == kind)
            and (not since or _day(one) >= since) and (not until or _day(one) <= until)]


def kinds(told: list[dict]) -> list[tuple[str, str, str]]:
    """The acts that stand in a story: (type, zh, en), by their types."""
    return sorted({(one["type"], one["zh"], one["en"]) for one in told})


def _day(one: dict) -> str:
    return beijing_day(parse_time(one["at"])).isoformat() if one["at"] else ""


def _told(entry: dict) -> dict:
    record = entry["record"]
    kind = record.get("type", entry["type"])
    actor = record.get("actor") or {}
    facts = record.get("facts") or {}
    zh, en = said(kind)
    return {"index": entry["position"], "at": record.get("at"), "type": kind, "zh": zh, "en": en,
            "who": WHO.get(actor.get("kind", ""), ("", "")),
            "actor": actor.get("account") or actor.get("account_id") or "",
            "law": record.get("law", ""), "disclose": entry["disclose"],
            "facts": [{"said": PLAIN[name], "time": name in TIMES, "value": facts[name],
                       "word": VALUES.get(facts[name])} for name in PLAIN
                      if isinstance(facts.get(name), (str, int)) and facts[name] != ""]}
