"""States of village works and kinds of findings in words: (Chinese, English). Pure."""

from __future__ import annotations

STATES = {"planned": ("立项", "planned"), "building": ("在建", "under construction"),
          "finished": ("完工", "finished"), "accepted": ("验收", "accepted")}
KINDS = {"off_platform": ("平台外交易", "off the platform"), "incomplete": ("资料不全", "papers missing"),
         "quality": ("质量", "quality"), "funds": ("资金", "funds"), "other": ("其他", "other")}
FOUND = {"open": ("待整改", "to be mended"), "answered": ("已整改待核", "answered"),
         "closing": ("待第二人销号", "a second person to close"), "closed": ("已销号", "closed")}
"""What became of a finding."""
HITS = {"hit": ("平台上没有对应的合同", "nothing on the platform explains it"),
        "split": ("多笔合计达到限额", "several reach the limit together"),
        "over": ("付款超过合同金额", "more was paid than the contract says")}
"""Why a payment is looked at."""
