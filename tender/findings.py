"""Findings: what keeps a notice from being published, said one by one.

A *finding* is `{field, code, zh, en, law}`; one that breaches a number of the profile also says
which (`rule`) and what that means (`breach`).
"""

from __future__ import annotations

from kernel.refusal import Refused

Finding = dict[str, str]


def finding(field: str, code: str, law: str, zh: str, en: str) -> Finding:
    """One thing to mend."""
    return {"field": field, "code": code, "law": law, "zh": zh, "en": en}


def refused_as_finding(field: str, refused: Refused) -> Finding:
    """A refusal, listed among the findings instead of raised."""
    return finding(field, refused.word.code, refused.word.law,
                   refused.text("zh"), refused.text("en"))
