"""How the pages say money, time and size: pure, the same words on every page.

Money comes in as integer fen and never meets a float. Times are aware and always shown in
Beijing time, because that is the time the deadline is enforced in.
"""

from __future__ import annotations

from datetime import datetime

from bidding.words import reason
from tender.timetable import BEIJING

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("仟", "佰", "拾", "")
GROUPS = ("", "万", "亿", "万亿")
WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")

PROVINCES = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁",
    "22": "吉林", "23": "黑龙江", "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽",
    "35": "福建", "36": "江西", "37": "山东", "41": "河南", "42": "湖北", "43": "湖南",
    "44": "广东", "45": "广西", "46": "海南", "50": "重庆", "51": "四川", "52": "贵州",
    "53": "云南", "54": "西藏", "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏",
    "65": "新疆", "71": "台湾", "81": "香港", "82": "澳门",
}
"""The first two digits of a division code (GB/T 2260)."""


def money(fen: int) -> str:
    """`¥1,234,567.89` from integer fen."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}¥{yuan:,}.{rest:02d}"


def capital(fen: int) -> str:
    """The amount in words as the trade writes it: 壹佰贰拾叁元肆角伍分, or …元整.

    Written as the People's Bank asks of bills (正确填写票据和结算凭证的基本规定): a run of
    zeros is read once, 整 closes an amount without fen, 零 stands before fen without jiao.
    `fen` is not negative and below ten quadrillion yuan; else ValueError.
    """
    yuan, rest = divmod(fen, 100)
    if fen < 0 or yuan >= 10**16:
        raise ValueError("no such amount in words")
    jiao, odd = divmod(rest, 10)
    words = _whole(yuan) + "元" if yuan else ""
    if not rest:
        return (words or "零元") + "整"
    if jiao:
        words += DIGITS[jiao] + "角"
    elif words:
        words += "零"
    return words + (DIGITS[odd] + "分" if odd else "整")


def _whole(yuan: int) -> str:
    words, gap = "", False
    for rank in range(3, -1, -1):
        group = yuan // 10_000**rank % 10_000
        if not group:
            gap = gap or bool(words)
            continue
        if words and (gap or group < 1000):
            words += "零"
        words += _group(group) + GROUPS[rank]
        gap = False
    # 万亿 already ends in 亿; the 亿 group after it must not lose its own.
    return words.replace("万亿", "万") if "亿" in words.partition("万亿")[2] else words


def _group(group: int) -> str:
    words, gap = "", False
    for place, digit in zip(PLACES, f"{group:04d}", strict=True):
        if digit == "0":
            gap = gap or bool(words)
            continue
        words += ("零" if gap else "") + DIGITS[int(digit)] + place
        gap = False
    return words


def beijing(moment: datetime) -> str:
    """`2026-12-01 17:00:00`, Beijing time; milliseconds only where there are any."""
    local = moment.astimezone(BEIJING)
    text = local.strftime("%Y-%m-%d %H:%M:%S")
    return text + (f".{local.microsecond // 1000:03d}" if local.microsecond else "")


def weekday(moment: datetime) -> str:
    """`周二` of the Beijing day."""
    return "周" + WEEKDAYS[moment.astimezone(BEIJING).weekday()]


def iso(moment: datetime) -> str:
    """The machine-readable form with the offset of Beijing, for `<time datetime>`."""
    return moment.astimezone(BEIJING).isoformat(timespec="milliseconds")


def size(count: int) -> str:
    """A number of bytes as people read it: `12.3 MiB`, rounded down to one decimal."""
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if count >= 1 << power:
            tenths = count * 10 >> power
            return f"{tenths // 10}.{tenths % 10} {unit}"
    return f"{count} B"


def left(until: datetime, now: datetime) -> str:
    """What is left of a period, cut to whole minutes: `3 天 4 小时` · 3 d 4 h."""
    minutes = max(0, int((until - now).total_seconds()) // 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} 天 {hours} 小时 · {days} d {hours} h"
    if hours:
        return f"{hours} 小时 {minutes} 分 · {hours} h {minutes} min"
    return f"{minutes} 分 · {minutes} min"


def province(code: str) -> str:
    """The province of a division code, or an empty text."""
    return PROVINCES.get(code[:2], "")


FILTERS = {"reason": reason,
           "money": money, "capital": capital, "beijing": beijing, "weekday": weekday,
           "iso": iso, "size": size, "province": province}
"""What the templates may use."""
