"""The entries of a lot as a story: who did what, when, by which article. Pure.

What an entry says stands in its record; what its act is called, in entry_words.py. An act without
words is shown by its name, so that nothing is left out.
"""

from __future__ import annotations

from .entry_words import said

WHO = {"clock": ("平台时钟", "the clock"), "operator": ("运维人员", "the operator"),
       "anonymous": ("未登录者", "nobody signed in"), "account": ("账号", "account"),
       "token": ("接口令牌", "token")}

PLAIN = ("document_no", "deadline", "deadline_before", "opening_at", "ends_at", "decision", "kind",
         "outcome", "count", "root", "record", "content_hash", "policy_hash", "fault", "version",
         "closed_at", "witnesses", "document_hash")
"""Facts that are shown as they stand; the rest is in the entry itself."""


def story(entries: list[dict]) -> list[dict]:
    """The entries as they are told: {index, at, zh, en, type, who, actor, law, facts, entry}."""
    return [_told(entry) for entry in sorted(entries, key=lambda one: (
        one["record"].get("at", ""), one["position"]))]


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
            "facts": [(name, facts[name]) for name in PLAIN
                      if isinstance(facts.get(name), (str, int)) and facts[name] != ""]}
