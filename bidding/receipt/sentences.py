"""What a receipt proves, said in both languages."""

from __future__ import annotations

from .shape import Finding


def words(found: Finding) -> list[tuple[str, str]]:
    """What the receipt proves, in sentences (Chinese, English)."""
    lines = [_promised(found.says)] if found.says else []
    if found.declared:
        lines.append(("所给声明正是该承诺所指的声明。",
                      "The declaration given is the one that the promise is about."))
    if found.record is not None:
        lines.append(((f"记录第 {found.index} 项（共 {found.size} 项）载有此事，载入时间 {found.tick}："
                      "此后改动或删除，凭本回执即可发现。"),
                      (f"Entry {found.index} of the record (of {found.size}) holds it since "
                      f"{found.tick}: this receipt shows any later change or removal.")))
    if found.cosigned:
        names = ", ".join(sorted(found.cosigned))
        lines.append((f"见证人 {names} 已共签该记录。", f"Witnesses have cosigned that record: {names}."))
    elif found.record is not None:
        lines.append(("没有见证人共签：平台若另造一份记录，本回执单独不能揭示。",
                      ("No witness has cosigned: this alone does not show a platform that keeps a "
                      "second record.")))
    if found.stamped_at is not None:
        lines.append((f"时间戳机构证明不晚于 {found.stamped_at.isoformat()}。",
                      (f"A time-stamping authority saw it no later than "
                      f"{found.stamped_at.isoformat()}.")))
    if found.closed_root:
        lines.append(("截止时该投标在有效投标之列（封标根可核）。",
                      "At the deadline the bid was among those that stood (closing root)."))
    return lines


def _promised(says: dict) -> tuple[str, str]:
    kind = says["type"]
    if kind == "bid-refusal":
        return (f"平台承认：{says['refused_at']} 拒绝了该请求，理由 {says['code']}（{says['law']}）。",
                (f"The platform owns to a refusal at {says['refused_at']}: {says['code']} "
                f"({says['law']})."))
    if kind == "bid-deemed-withdrawn":
        return (f"平台声明：投标 {says['bid']} 截止时未完整收到，视为撤回。",
                (f"The platform states: bid {says['bid']} was incomplete at the deadline and is "
                "deemed withdrawn."))
    what = ("撤回", "the withdrawal of") if kind == "bid-withdrawal-receipt" else ("完整的", "all of")
    return ((f"平台承认：{says['received_at']} 收到{what[0]}投标 {says['bid']}（声明 "
            f"{says['declaration'][:16]}…）。"),
            (f"The platform owns that it received {what[1]} bid {says['bid']} (declaration "
            f"{says['declaration'][:16]}…) at {says['received_at']}."))
