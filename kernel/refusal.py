"""The domain's way of saying no: a word, its article, the facts, and what to do next.

A rule raises `WORD(fact=…)`. The edge turns it into problem+json (RFC 9457); nothing
below the edge knows HTTP except for the status number that goes with the word.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter

WORDS: dict[str, Word] = {}
"""Every word of refusal the platform knows, by code; filled as the packages are imported."""


class Refused(Exception):
    """An act or a reading that the rules do not allow, or that the facts contradict."""

    def __init__(self, word: Word, facts: dict[str, object]):
        super().__init__(word.code)
        self.word = word
        self.facts = facts

    def text(self, language: str) -> str:
        """The sentence in `zh` or `en`, with the facts put in."""
        return _fill(self.word.zh if language == "zh" else self.word.en, self.facts)

    def advice(self, language: str) -> str:
        """What to do next, in `zh` or `en`."""
        return _fill(self.word.do_zh if language == "zh" else self.word.do_en, self.facts)


@dataclass(frozen=True)
class Word:
    """One kind of refusal. `status` is the HTTP status it is shown with; `law` its article."""

    code: str
    status: int
    law: str
    zh: str
    en: str
    do_zh: str
    do_en: str

    def __post_init__(self) -> None:
        if self.code in WORDS:
            raise ValueError(f"two refusals are called {self.code}")
        WORDS[self.code] = self

    def __call__(self, **facts: object) -> Refused:
        return Refused(self, facts)

    def placeholders(self) -> set[str]:
        """The facts that the sentences name."""
        return set().union(*map(_names, (self.zh, self.en, self.do_zh, self.do_en)))


def _fill(template: str, facts: dict[str, object]) -> str:
    # A stranger's text goes in as a value, never as a template, so braces in it are harmless.
    return template.format_map({name: facts.get(name, "?") for name in _names(template)})


def _names(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


DENIED = Word(
    "access.denied", 403, "电子招标投标办法 14",
    "当前身份无权执行此操作。", "Your role does not permit this action.",
    "请用有权限的账号登录，或向招标人咨询。", "Sign in with an account that holds the role, or ask the buyer.",
)
WRONG_PHASE = Word(
    "phase.wrong", 409, "电子招标投标办法 14",
    "标段处于 {phase} 阶段，此操作不可进行。", "The lot is in phase {phase}; this action is not possible now.",
    "请查看时间表，在允许的阶段再操作。", "See the timetable and act in a phase that allows it.",
)
NOT_FOUND = Word(
    "object.not-found", 404, "—",
    "没有此对象，或您无权查看。", "There is no such object, or it is not yours to see.",
    "请核对地址。", "Check the address.",
)
MALFORMED = Word(
    "request.malformed", 400, "—",
    "请求内容格式不正确：{problem}。", "The request is malformed: {problem}.",
    "请按接口文档更正后重发。", "Correct it as the API document says and send it again.",
)
INVALID = Word(
    "request.invalid", 422, "—",
    "有字段不符合要求。", "Some fields do not meet the requirements.",
    "请按 fields 所列逐项更正。", "Correct each item listed under fields.",
)
CONFLICT = Word(
    "state.conflict", 409, "—",
    "此事已经发生，不可重复。", "This has already happened and cannot happen twice.",
    "请刷新后查看当前状态。", "Reload and look at the present state.",
)
BUSY = Word(
    "service.busy", 503, "—",
    "系统繁忙，未做任何更改。", "The service is busy; nothing was changed.",
    "请数秒后用同一 Idempotency-Key 重试。", "Try again in a few seconds with the same Idempotency-Key.",
)
