"""Rules on the bid guarantee: its kind, issuer and amount, and why it is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from ..profile import rate
from ..rules import guarantee_cap
from .base import Hit, Rule, Subject
from .phrase import Phrase
from .wording import Sentence


class CashOnly(Phrase):
    """只收现金."""

    id, law = "guarantee.cash_only", "公平竞争审查规则 11"
    zh, en = "限定保证金只能以现金或转账缴纳", "takes the guarantee only in cash"
    do_zh = "允许银行保函、保证保险、担保等任一形式。"
    do_en = "Take a bank's, an insurer's or a surety's guarantee as well."
    patterns = (r"保证金[^。;]{0,20}(?:只能|仅限|仅接受|只接受|必须|一律|限)(?:以|采用|通过|用)?[^。,;]{0,8}(?:现金|转账|电汇|银行转帐|网银)",
                r"保证金[^。;]{0,40}(?:现金|转账|电汇|网银|汇款)[^。;]{0,12}不(?:接受|允许|得采用)其[他它](?:形式|方式)",
                r"(?:不接受|拒收|拒绝)[^。,;]{0,6}(?:银行)?(?:保函|保证保险|保险保单|担保)", r"保证金[^。;]{0,30}不接受[^。,;]{0,6}(?:保函|保险|担保)")
    unless = r"或(?:者)?(?:以)?(?:银行)?保函|、保函|保函、|保证保险等"


class NamedGuarantor(Phrase):
    """指定出函机构."""

    id, law = "guarantee.named", "公平竞争审查规则 11"
    zh, en = "指定出具保函、保险的机构", "names who may issue the guarantee"
    do_zh = "删去指定；依法设立的任一机构均可。"
    do_en = "Take the name out: any lawful institution may issue it."
    patterns = (r"(?:保函|保证保险|保险保单|担保)[^。;]{0,14}(?:须|必须|应|只能|仅限|指定)由?[^。,;]{0,4}(?:[一-龥]{2,10}(?:银行|保险公司|担保公司|农商行|农信社|支行|分行))[^。;]{0,8}(?:出具|开具|开立|办理)",
                r"指定(?:的)?(?:银行|保险公司|担保(?:公司|机构)|金融机构|保函(?:平台|机构))",
                r"(?:本地|本市|本县|本省|当地|所在地)[^。,;]{0,8}(?:银行|保险公司|担保公司|金融机构|支行)[^。,;]{0,8}(?:出具|开具|开立|开户)")
    unless = r"(?:任一|任何|任意)[^。]{0,6}(?:银行|机构)|招标人(?:在|的|指定的?)?[^。]{0,12}账户"


class GuaranteeRate(Phrase):
    """保证金比例."""

    id, law, version = "guarantee.rate", "实施条例 26; 公平竞争审查规则 11", 2
    zh, en = "投标保证金超过估算价的 2%", "asks for more than 2% as a bid guarantee"
    do_zh = "降到估算价的 2% 以内，且不超过 80 万元（服务 10 万元）。"
    do_en = "Lower it to 2% of the estimate and to the cap."
    patterns = (r"投标(?:保证金|担保)[^。;%]{0,40}?([0-9]{1,2}(?:\.[0-9]{1,3})?)%",)
    unless = r"履约保证金[^。]{0,12}%[^。]{0,20}投标保证金转"

    def applies(self, found: re.Match, sentence: Sentence, subject: Subject) -> bool:
        """More than a lot's profile allows, and not told of interest or of the performance
        guarantee."""
        return not re.search(r"履约|利息|利率|违约", found[0]) and any(
            Fraction(found[1]) > 100 * rate(lot.profile, "BD1.rate") for lot in subject.lots)


_CAPITALS = {mark: value for value, mark in enumerate("零壹贰叁肆伍陆柒捌玖")} | {
    mark: value for value, mark in enumerate("〇一二三四五六七八九")} | {"两": 2}
_TENS = {"拾": 10, "十": 10, "佰": 100, "百": 100, "仟": 1000, "千": 1000}
_CAPITALS |= _TENS


def spelt(text: str) -> int:
    """A whole number below ten thousand in Chinese numerals, those of banks among them."""
    total, digit = 0, 0
    for mark in text:
        if mark in _TENS:
            total, digit = total + (digit or 1) * _TENS[mark], 0
        else:
            digit = _CAPITALS[mark]
    return total + digit


_YUAN = r"([0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,2})?|[0-9]{1,10}(?:\.[0-9]{1,6})?)(万元|万|元)"


class GuaranteeAmount(Phrase):
    """保证金金额."""

    id, law, version = "guarantee.amount", "实施条例 26; 公平竞争审查规则 11", 2
    zh, en = "投标保证金金额超过上限", "asks for a bid guarantee above the cap"
    do_zh = "降到估算价的 2% 以内，且不超过 80 万元（服务 10 万元）。"
    do_en = "Lower it to 2% of the estimate and to the cap."
    patterns = (r"投标(?:保证金|担保)[^。;]{0,24}?" + _YUAN,
                r"投标(?:保证金|担保)[^。;]{0,24}?([" + "".join(_CAPITALS) + r"]{1,16})(万元|万|元)")

    def applies(self, found: re.Match, sentence: Sentence, subject: Subject) -> bool:
        """Above the cap (BD-1) of one lot as large as all together."""
        if re.search(r"不超过|不得超过|最高|上限|履约|处罚|罚款", found[0]):
            return False
        said = found[1].replace(",", "")
        figures = Fraction(said) if said[0].isdecimal() else Fraction(spelt(said))
        fen = figures * (100 if found[2] == "元" else 1_000_000)
        return bool(subject.lots) and fen > max(
            guarantee_cap(lot.profile, lot.category, subject.estimate_fen) for lot in subject.lots)


class GuaranteeField(Rule):
    """保证金（已填）."""

    id, law, version = "guarantee.stated", "实施条例 26", 2
    zh, en = "所填投标保证金超过估算价的 2%", "states a bid guarantee of more than 2%"
    do_zh, do_en = "降低保证金金额。", "Lower the amount."

    def check(self, subject: Subject) -> Iterator[Hit]:
        """Each lot whose guarantee is above its cap (BD-1)."""
        for lot in subject.lots:
            amount = lot.terms.guarantee.amount_fen
            if amount > guarantee_cap(lot.profile, lot.category, lot.estimate_fen):
                yield Hit(self, f"{amount} fen", lot=lot, field="guarantee.amount_fen")


class GuaranteeKinds(Rule):
    """保证金形式（已填）."""

    id, law = "guarantee.kinds", "公平竞争审查规则 11"
    zh, en = "所填保证金形式只有现金", "takes no guarantee but cash"
    do_zh, do_en = "增加银行保函、保证保险、担保。", "Take a bank's, an insurer's or a surety's guarantee too."

    def check(self, subject: Subject) -> Iterator[Hit]:
        """Each lot with a guarantee to which every kind but cash is closed."""
        for lot in subject.lots:
            if lot.terms.guarantee.amount_fen and set(lot.terms.guarantee.kinds) <= {"cash-deposit"}:
                yield Hit(self, "cash-deposit", lot=lot, field="guarantee.kinds")


class ExtraForfeiture(Phrase):
    """不予退还的额外情形."""

    id, law = "guarantee.forfeit", "公平竞争审查规则 11; 实施条例 74"
    zh, en = "增设不予退还保证金的情形或条件", "keeps the guarantee for reasons of its own"
    do_zh = "只保留法定情形：截止后撤销、无正当理由不签合同、不交履约保证金、串通弄虚作假。"
    do_en = "Keep to the law's reasons."
    patterns = (r"(?:质疑|异议|投诉|举报|踏勘|弃标|放弃投标|未参加|迟到|未到场|截止前撤回|截止时间前撤回)[^。;]{0,30}(?:保证金)[^。;]{0,8}(?:不予退还|不退|没收|罚没|扣除)",
                r"保证金[^。;]{0,10}(?:扣除|扣减|抵扣)[^。;]{0,12}(?:代理费|服务费|专家费|评审费|交易费)")
    unless = r"虚假|捏造|伪造|恶意"
