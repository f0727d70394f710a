"""The buyer's pages: their blueprint, and the words that several of them share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from people.inside import ask, listed
from people.language import t
from people.pagebook import Pages, done

from ..notices import WORDS, yuan
from ..profile import SOURCE

pages = Pages("tender")

WORK = "GET /tenders/<tender_id>/work"
"""Who reaches a page about one tender of one's own."""

UNITS = {"calendar_days": ("日", "days"), "working_days": ("个工作日", "working days"),
         "minutes": ("分钟", "minutes"), "hours": ("小时", "hours"), "months": ("个月", "months"),
         "years": ("年", "years"), "count": ("", "")}


def word(value: str) -> str:
    """A word of our JSON in the language of the page."""
    return t(*WORDS.get(value, (value, value)))


def words(*values: str) -> list[tuple[str, str]]:
    """Options of a choice: (value, how it reads)."""
    return [(value, word(value)) for value in values]


def rule(numbers: Mapping[str, Mapping], name: str) -> str:
    """A number of the lot's rule profile as it stands beside a field: how much, from where, and
    whether a breach blocks; an empty text where the regime has no such number."""
    entry = numbers.get(name)
    if entry is None:
        return ""
    if entry["unit"] == "fen":
        much = yuan(entry["value"])
    elif entry["unit"] == "rate":
        much = f"{float(entry['value']) * 100:g}%"
    else:
        zh, en = UNITS[entry["unit"]]
        much = f"{entry['value']}{t(zh, ' ' + en if en else '')}"
    source = SOURCE.split(entry["source"], maxsplit=1)[0]
    if not "\u3400" <= source[:1] <= "\u9fff":
        source = t("通行做法", "usual practice")
    holds = t("，不可突破", ", no way round it") if entry.get("breach", "block") == "block" \
        else t("，偏离须写明理由", "; to depart from it a reason is needed")
    return t(f"规则：{much}（{source}）{holds}", f"Rule: {much} ({source}){holds}")


@pages.app_template_filter()
def whole_minute(moment: str) -> datetime:
    """The first whole minute that is not before a moment: what a field for time can say."""
    at = datetime.fromisoformat(moment)
    return at if not (at.second or at.microsecond) else \
        at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def kept() -> list[tuple[str, str]]:
    """The unit's own files as options of a choice: (hash, name)."""
    return [(one["hash"], f"{one['name']}　{one['hash'][:12]}…") for one in listed("/papers")]


def placed(findings: Iterable[Mapping]) -> dict[tuple[int, str], list[Mapping]]:
    """Findings by (number of the lot, 0 for the project; field)."""
    made: dict[tuple[int, str], list[Mapping]] = {}
    for one in findings:
        at, _, name = one["field"].rpartition("].")
        number = int(at.removeprefix("lots[")) if at.startswith("lots[") else 0
        made.setdefault((number, name), []).append(one)
    return made


def asked_of(tender_id: str) -> dict[str, object]:
    """What every page about one tender knows: the tender, how it stands, its numbers beside it."""
    work = ask(f"/tenders/{tender_id}/work")
    tender = ask(f"/tenders/{tender_id}")
    beside = {one["lot_id"]: one for one in work["lots"]}
    return {"tender": tender, "work": work, "beside": beside, "may": set(tender["allowed_actions"]),
            "found": placed(work["findings"]), "now": ask("/time")["now"],
            "word": word, "words_of": words, "rule": rule}


done("saved", "已保存。", "Saved.")
done("created", "草稿已建立，逐步填写；每一步单独保存。",
     "The draft is made. Go through its steps; each is saved by itself.")
done("removed", "已移除。", "Removed.")
done("reviewed", "审查完成，结果见下。", "Reviewed; what was found stands below.")
done("submitted", "已提交，等待本单位另一人审核。", "Submitted: another person of the unit decides.")
done("published", "已批准并发布。", "Approved, and so published.")
done("signed", "已用本人密钥签名。", "Signed with your own key.")
done("sent-back", "已退回，编制人会看到理由。", "Sent back; who wrote it sees the reason.")
done("draw-announced", "抽取已公布。请本单位另一人在此页监督确认。",
     "The draw is announced: another person of the unit stands for it on this page.")
done("draw-watched", "抽取已封闭，结果不久自动产生。", "The draw is closed; its result comes by itself soon.")
done("answered", "已公开答复。", "Answered, before everybody.")
done("extended", "截止时间已延长并公告。", "The deadline is later now, and that is published.")
done("terminated", "该标段已终止并公告。", "The lot is ended, and that is published.")
done("template-kept", "已存为范本。", "Kept as a template.")
done("given-up", "补充公告草稿已放弃。", "The amendment is given up.")

__all__ = ["WORK", "asked_of", "kept", "pages", "placed", "rule", "whole_minute", "word", "words"]
