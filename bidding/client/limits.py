"""What a notice forbids a bid, looked at before anything is sealed: once sealed, nobody can warn."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


class BeyondNotice(ValueError):
    """What of a bid is beyond the notice, in both languages."""

    def __init__(self, found: list[tuple[str, str]]):
        super().__init__("; ".join(en for en, _ in found) + "; mend it, or repeat with "
                         "--despite-notice. " + "；".join(zh for _, zh in found)
                         + "；请改正，或加 --despite-notice")


def within(lot: dict, price_fen: int, period_days: int, files: Iterable[Path]) -> None:
    """Raise BeyondNotice where the lot's notice would not take this price, period or size; what a
    notice does not say limits nothing."""
    ceiling, longest = lot.get("price_ceiling_fen"), lot.get("period_days_max")
    most, size = (lot.get("limits") or {}).get("bid_bytes"), sum(Path(one).stat().st_size
                                                                 for one in files)
    found = []
    if price_fen <= 0 or period_days <= 0:
        found.append(("price and period must be above nothing", "报价和工期必须大于零"))
    if ceiling and price_fen > int(ceiling):
        found.append((f"the price {_yuan(price_fen)} is above the ceiling {_yuan(int(ceiling))}",
                      f"报价 {_yuan(price_fen)} 高于最高投标限价 {_yuan(int(ceiling))}"))
    if longest and period_days > int(longest):
        found.append((f"the period of {period_days} days is longer than the {longest} allowed",
                      f"工期 {period_days} 天超过公告规定的 {longest} 天"))
    if most and size > int(most):
        found.append((f"the files have {size} bytes together, {most} are taken",
                      f"全部文件共 {size} 字节，超过上限 {most}"))
    if found:
        raise BeyondNotice(found)


def _yuan(fen: int) -> str:
    return f"¥{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
