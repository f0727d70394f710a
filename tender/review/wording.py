"""Chinese text made plain, cut into sentences, and asked whether it forbids what it names.

Full width and half width, spaces, line breaks inside words and traditional characters make no
difference to a rule. `不得要求…` before a match, or `…不作为…` after it, means that the text says
what the law says; a list after `不得有下列行为：` likewise.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TRADITIONAL = dict(zip(
    "標註冊資產業績獎項額證險機構稅繳納協會員學訓練書須應當參與場裝訂紙張頁碼錯誤報費購買廠商進國營"
    "專權質優先評審議條設區縣鄉鎮轄內處辦組織註銷單價總萬億圓個獨關與歸還賠償動產採備庫時間開標發佈"
    "異訴齊類級選擇隨確認讓調減實際體製圖擔類選擔縣當為於對務戶個從現則據態檔擬雙參貨電號園綠"
    "長領車東廣門龍華東達訂貴責負財賬帳連運過遠適邊邏",
    "标注册资产业绩奖项额证险机构税缴纳协会员学训练书须应当参与场装订纸张页码错误报费购买厂商进国营"
    "专权质优先评审议条设区县乡镇辖内处办组织注销单价总万亿圆个独关与归还赔偿动产采备库时间开标发布"
    "异诉齐类级选择随确认让调减实际体制图担类选担县当为于对务户个从现则据态档拟双参货电号园绿"
    "长领车东广门龙华东达订贵责负财账账连运过远适边逻", strict=True))
_ENDS = "。;!?\n"
_LONGEST = 1500
"""No sentence is longer, in characters; what is longer is cut there."""
_ITEM = re.compile(r"\(?(?:[0-9]{1,3}(?:\.[0-9]{1,3}){0,4}|[一二三四五六七八九十]{1,3}|[a-z])[、.)．](?![0-9])"
                   r"|第[一二三四五六七八九十百0-9]{1,4}[条章节]|[•●■◆*-]")
_FULL_STOPS = tuple("。;；：:！!？?")


@dataclass(frozen=True)
class Sentence:
    """One sentence made plain, with the text as it stands and its place."""

    plain: str
    original: str
    origins: tuple[int, ...]
    """For each character of `plain` its place in `original`."""
    page: int | None
    paragraph: int | None
    listed_as_forbidden: bool = False

    def quotation(self, start: int, end: int, around: int = 24) -> str:
        """What stands from `start` to `end` of the plain text, with some characters around it."""
        first, last = self.origins[start], self.origins[max(start, end - 1)] + 1
        first, last = max(0, first - around), min(len(self.original), last + around)
        return " ".join(self.original[first:last].split())


def _marks(text: str) -> Iterator[tuple[str, int]]:
    for place, mark in enumerate(text):
        for plain in unicodedata.normalize("NFKC", mark).casefold():
            kind = unicodedata.category(plain)
            if plain == "\n":
                yield plain, place
            elif not plain.isspace() and kind not in ("Cf", "Cc"):
                yield _TRADITIONAL.get(plain, plain), place


def plain(text: str) -> str:
    """A text as rules see it: folded, simplified, without blanks."""
    return "".join(mark for mark, _ in _marks(text) if mark != "\n")


def sentences(passages: Sequence[tuple[str, int | None, int | None]]) -> Iterator[Sentence]:
    """The sentences of passages (text, page, paragraph), in order.

    A page's lines are joined where a line ends inside a sentence, over the page's end too.
    """
    forbidden = False
    for sentence, ended in _cut(passages):
        if forbidden and not _is_item(sentence.plain, ended):
            forbidden = False
        yield Sentence(sentence.plain, sentence.original, sentence.origins, sentence.page,
                       sentence.paragraph, forbidden)
        forbidden = forbidden or _FORBIDS_LIST.search(sentence.plain) is not None


_FORBIDS_LIST = re.compile(
    r"(?:不得|禁止|严禁)[^:]{0,20}(?:下列|以下|如下)[^:]{0,30}:"
    r"|(?:下列|以下|如下)[^:]{0,16}(?:不得|禁止|属于|视为)[^:]{0,16}(?:不合理|限制|排斥|歧视|违法)[^:]{0,16}:"
    r"|(?:不合理|限制|排斥|歧视)[^:]{0,24}(?:下列|以下|如下)[^:]{0,16}:")


def _is_item(text: str, previous_end: str) -> bool:
    return previous_end == ";" or _ITEM.match(text) is not None


def _cut(passages) -> Iterator[tuple[Sentence, str]]:
    marks: list[tuple[str, int]] = []
    original: list[str] = []
    place: tuple[int | None, int | None] = (None, None)
    length, before = 0, "\n"

    def done() -> Sentence:
        return Sentence("".join(mark for mark, _ in marks), "".join(original),
                        tuple(at for _, at in marks), *place)

    for line, page, paragraph, breaks in _lines(passages):
        if not marks:
            place, original, length = (page, paragraph), [], 0
        original.append(line)
        base, length = length, length + len(line)
        for mark, at in [*_marks(line), *([("\n", len(line) - 1)] if breaks else [])]:
            if mark in _ENDS or len(marks) >= _LONGEST:
                if marks:
                    yield done(), before
                before, marks = mark, []
                place = (page, paragraph)
                if mark not in _ENDS:
                    marks.append((mark, base + at))
            else:
                marks.append((mark, base + at))
    if marks:
        yield done(), before


def _lines(passages) -> Iterator[tuple[str, int | None, int | None, bool]]:
    """Lines with their place, and whether the sentence ends with the line."""
    waiting: tuple[str, int | None, int | None] | None = None
    for text, page, paragraph in passages:
        for line in text.splitlines() or [""]:
            if not line.strip():
                continue
            if waiting is not None:
                yield (*waiting, paragraph != waiting[2] or _begins_anew(waiting[0], line))
            waiting = (line, page, paragraph)
    if waiting is not None:
        yield (*waiting, True)


def _begins_anew(line: str, following: str) -> bool:
    return line.rstrip().endswith(_FULL_STOPS) or _ITEM.match(plain(following)) is not None


_NOT = re.compile(
    r"不得(?:以|将|要求|设置|设定|设立|限定|限制|因|对|作为|把|强制|指定|规定|违法|违规|收取|变相|在招标|"
    r"另行|直接|采用|采取|给予|向|组织|通过|增设|强行|排斥|歧视|用|含有|出现|酌情|自由)"
    r"|不(?:再)?(?:要求|需要|需|必|以|作为|将|设|强制|指定|限|因|收取|接受以|组织|采用|召开|限定|鼓励以|得再)(?!低于|少于)"
    r"|无需|无须|毋须|勿需|严禁|禁止|取消(?![^,]{0,4}资格)|免收|免缴|免交|免于|杜绝|防止|避免|清理|纠正|是否|没有要求")
_JUST_NOT = re.compile(r"(?:不得|不应|不能|不可|不|严禁|禁止|勿)$")
_MUST = re.compile(r"必须|须|应当|应|需|要求|否则")
_BUT = re.compile(r"但|否则|除外|然而|反之")
_NOT_AFTER = re.compile(
    r"^[^。;]{0,24}?(?:不(?:得)?作为|不做|不作|不予加分|不加分|均可|不限|条款无效|不再|不得作为|不属于|不设|不收取|"
    r"不视为|不影响|不予采纳|一律免|不得要求|不得收取|不得设置|不否决|不得否决|不得因此|不因此)")


def forbids(sentence: Sentence, start: int, end: int) -> bool:
    """Whether the sentence rules out, rather than asks for, what stands from `start` to `end`."""
    if sentence.listed_as_forbidden:
        return True
    text = sentence.plain
    if _FORBIDS_LIST.search(text[:start]):
        return True
    before = _BUT.split(text[:start])[-1]
    if _JUST_NOT.search(before):
        return True
    *earlier, last = re.split(r"[,:]", before)
    if any(one.start() < end for one in _NOT.finditer(text, start - len(last))):
        return True
    if not _MUST.search(last):
        for clause in reversed(earlier):
            if _NOT.search(clause):
                return True
            if _MUST.search(clause):
                break
    return _NOT_AFTER.match(_BUT.split(text[end:end + 60])[0]) is not None
