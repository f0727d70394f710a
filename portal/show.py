"""How the pages say money, time and size: the same words on every page.

Money comes in as integer fen and never meets a float. Times are aware and always shown in
Beijing time, because that is the time the deadline is enforced in.
"""

from __future__ import annotations

import re
from datetime import datetime

from bidding.words import reason
from people.language import t
from tender.notices import KINDS, read
from tender.timetable import BEIJING

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("仟", "佰", "拾", "")
GROUPS = ("", "万", "亿", "万亿")
WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

PROVINCES = {
    "11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁",
    "22": "吉林", "23": "黑龙江", "31": "上海", "32": "江苏", "33": "浙江", "34": "安徽",
    "35": "福建", "36": "江西", "37": "山东", "41": "河南", "42": "湖北", "43": "湖南",
    "44": "广东", "45": "广西", "46": "海南", "50": "重庆", "51": "四川", "52": "贵州",
    "53": "云南", "54": "西藏", "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏",
    "65": "新疆", "71": "台湾", "81": "香港", "82": "澳门",
}
"""The first two digits of a division code (GB/T 2260)."""
PINYIN = dict(zip(PROVINCES, (
    "Beijing Tianjin Hebei Shanxi Inner_Mongolia Liaoning Jilin Heilongjiang Shanghai Jiangsu "
    "Zhejiang Anhui Fujian Jiangxi Shandong Henan Hubei Hunan Guangdong Guangxi Hainan Chongqing "
    "Sichuan Guizhou Yunnan Tibet Shaanxi Gansu Qinghai Ningxia Xinjiang Taiwan Hong_Kong Macao"
    ).replace("_", "\xa0").split(" "), strict=True))
"""The same in English."""


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


def _moment(at: datetime | str) -> datetime:
    """A time, or the interface's text of one."""
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def beijing(moment: datetime | str) -> str:
    """`2026-12-01 17:00:00`, Beijing time; milliseconds only where there are any."""
    local = _moment(moment).astimezone(BEIJING)
    text = local.strftime("%Y-%m-%d %H:%M:%S")
    return text + (f".{local.microsecond // 1000:03d}" if local.microsecond else "")


def weekday(moment: datetime | str) -> str:
    """`周二` of the Beijing day, `Tue` on an English page."""
    day = _moment(moment).astimezone(BEIJING).weekday()
    return t("周" + WEEKDAYS[day], DAYS[day])


def iso(moment: datetime | str) -> str:
    """The machine-readable form with the offset of Beijing, for `<time datetime>`."""
    return _moment(moment).astimezone(BEIJING).isoformat(timespec="milliseconds")


def local(moment: datetime | str) -> str:
    """What a field for date and time takes: `2026-12-01T17:00`, Beijing time."""
    return _moment(moment).astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M")


def yuan(fen: int) -> str:
    """What a field for money takes: `1234567.89`."""
    return f"{fen // 100}.{fen % 100:02d}"


def anchor(text: str) -> str:
    """A text as an id of the page: what is neither letter nor digit becomes a hyphen."""
    return re.sub(r"[^0-9A-Za-z]+", "-", text).strip("-").lower()


def plain(address: str) -> str:
    """An address of files, which are the same in every language."""
    return address.removeprefix("/en")


def size(count: int) -> str:
    """A number of bytes as people read it: `12.3 MiB`, rounded down to one decimal."""
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if count >= 1 << power:
            tenths = count * 10 >> power
            return f"{tenths // 10}.{tenths % 10} {unit}"
    return f"{count} B"


def left(until: datetime | str, now: datetime | str) -> str:
    """What is left of a period, cut to whole minutes: `3 天 4 小时`, or 3 d 4 h; nothing once it
    is over."""
    seconds = int((_moment(until) - _moment(now)).total_seconds())
    if seconds <= 0:
        return ""
    minutes = seconds // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return t(f"{days} 天 {hours} 小时", f"{days} d {hours} h")
    if hours:
        return t(f"{hours} 小时 {minutes} 分", f"{hours} h {minutes} min")
    return t(f"{minutes} 分", f"{minutes} min")


def province(code: str) -> str:
    """The province of a division code, or an empty text."""
    return t(PROVINCES.get(code[:2], ""), PINYIN.get(code[:2], ""))


def before(row: dict) -> dict[str, str]:
    """How a notice's changed field read before, `{zh, en}`."""
    return read(row["kind"], row["old"])


def after(row: dict) -> dict[str, str]:
    """How it reads now."""
    return read(row["kind"], row["value"])


def kind_words(kind: str) -> tuple[str, str]:
    """What a kind of notice is called, in both languages."""
    return KINDS[kind].zh, KINDS[kind].en


FILTERS = {"kind_words": kind_words, "reason": reason, "before": before, "after": after,
           "money": money, "capital": capital, "beijing": beijing, "weekday": weekday,
           "iso": iso, "size": size, "province": province, "local": local, "yuan": yuan,
           "anchor": anchor, "plain": plain}
"""What the templates may use."""
