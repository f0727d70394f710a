"""How what an opening found wrong with a bid (`part: code`) reads. Pure."""

from __future__ import annotations

PARTS = {"form": ("开标一览表", "form"), "technical": ("技术标", "technical part"),
         "price": ("商务标", "price part")}
REASONS = {
    "shares_missing": ("解密时间结束时密钥份额不足", "too few shares when the window ended"),
    "wrong_shares": ("密钥份额与声明不符", "the shares are not those declared"),
    "damaged": ("存储的文件已损坏", "the stored file is damaged"),
    "form": ("开标一览表内容不符合格式", "the form is not in its format"),
    "other_tenderer": ("系他人密封的投标文件", "it is the sealed bid of another company"),
    "examination_failed": ("未能检查", "could not be examined"),
    "consortium_not_allowed": ("本标段不接受联合体投标", "the lot takes no consortia"),
    "consortium_too_many": ("联合体成员超过公告规定的数量", "the consortium has too many members"),
    "consortium_lead": ("投标人不是联合体牵头人", "the tenderer does not lead the consortium"),
    "consortium_unsigned": ("联合体成员未签名，或以未登记的密钥签名",
                            "a member has not signed, or by a key that was not bound"),
    "consortium_double": ("同一单位在本标段参加了两份投标（实施条例 37）",
                          "a unit stands in two bids of the lot (实施条例 37)"),
}


def reason(text: str) -> tuple[str, str]:
    """What the opening found wrong with a bid, in both languages.

    A code without words of its own is shown as it is: it stands in the opening record so.
    """
    part, _, code = text.rpartition(": ")
    said = REASONS.get(code, (f"与声明不符（{code}）", f"not what was declared ({code})"))
    if part in PARTS:
        return f"{PARTS[part][0]}：{said[0]}", f"{PARTS[part][1]}: {said[1]}"
    return said
