"""The words of refusal of acts and their record."""

from __future__ import annotations

from kernel.refusal import Word

STEP_UP = Word(
    "session.step-up", 401, "等保 L3-CES1-04",
    "此操作需要在五分钟内重新验证第二因素。",
    "This action needs a second factor entered within the last five minutes.",
    "请提交动态口令后重试。",
    "Submit your one-time code (POST /api/v1/session/step-up), then try again.",
)
NOT_YET = Word(
    "record.not-yet", 409, "电子招标投标办法 27",
    "该事项已入账，但尚未随检查点公布。", "The entry is recorded but not yet in a published checkpoint.",
    "请稍候再取；最迟时间见回执中的 include_by。",
    "Ask again shortly; the promise's include_by says by when at the latest.",
)
NO_SUCH_TREE = Word(
    "record.no-such-tree", 404, "—",
    "存证树现有 {size} 项，无法给出所求的证明。", "The record's tree has {size} entries; it cannot prove what was asked.",
    "from 应不小于 1，且 from ≤ to ≤ {size}。", "Ask with 1 ≤ from ≤ to ≤ {size}.",
)
UNPUBLISHED = Word(
    "record.unpublished", 503, "—",
    "尚未公布任何检查点。", "No checkpoint has been published yet.",
    "请数秒后重试。", "Try again in a few seconds.",
)
UNWRITABLE = Word(
    "record.unwritable", 503, "等保 L3-CES1-12",
    "存证暂时无法写入，因此此事未办理，未做任何更改。",
    "The record cannot be written, so this was not done; nothing was changed.",
    "请稍后用同一 Idempotency-Key 重试；如持续出现，请联系平台。",
    "Try again later with the same Idempotency-Key; tell the platform if it goes on.",
)
