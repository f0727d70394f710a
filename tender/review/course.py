"""Rules on how a tender runs: fees, deposits, dates, what is rejected, how it is judged."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction

from ..profile import number, rate
from .base import DOUBT, Hit, Rule, Subject
from .phrase import Phrase
from .wording import Sentence

_NUMERALS = {mark: value for value, mark in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}


def whole(text: str) -> int:
    """A whole number below a hundred as Chinese or Arabic digits write it; -1 when it is none."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _NUMERALS.get(text, -1)
    return 10 * _NUMERALS.get(tens, 1 if not tens else -1) + _NUMERALS.get(ones, 0)


_COUNT = r"([0-9]{1,3}|[一二两三四五六七八九十]{1,3})"


class DocumentFee(Phrase):
    """招标文件收费."""

    id, law = "document_fee", "电子招标投标办法 20; 公平竞争审查规则 7"
    zh, en = "下载招标文件须付费", "has the documents paid for"
    do_zh = "免费、免登记下载。"
    do_en = "Let everybody download them, free."
    patterns = (r"(?:招标文件|电子招标文件|资格预审文件|图纸|技术资料)[^。;]{0,16}(?:售价|工本费|每套|每份|收取|收费|费用|价格)[^。;]{0,8}[0-9]{1,5}(?:\.[0-9]{1,2})?元",
                r"(?:购买|缴费|付费|交费)[^。,;]{0,8}(?:后)?[^。,;]{0,6}(?:下载|领取|获取|获得)[^。,;]{0,10}(?:招标文件|文件|图纸)",
                r"(?:招标文件|图纸)[^。;]{0,10}售后不退")

    def applies(self, found: re.Match, sentence: Sentence, subject: Subject) -> bool:
        """A price of nothing is none."""
        price = re.search(r"([0-9]{1,5}(?:\.[0-9]{1,2})?)元", found[0])
        return price is None or Fraction(price[1]) > 0


class SignUp(Phrase):
    """投标报名."""

    id, law = "sign_up", "电子招标投标办法 9, 20; 1117号 3"
    zh, en = "设置投标报名等前置环节", "asks tenderers to sign up first"
    do_zh = "取消报名、登记、预约；任何人可直接下载。"
    do_en = "Drop it: anybody may download at once."
    patterns = (r"(?:须|必须|应|需|先|请)[^。,;]{0,40}(?:投标报名|网上报名|现场报名|报名登记|办理报名|报名手续)", r"(?:报名|投标登记|投标预约)(?:时间|地点|截止|须|需|费|成功后|通过后|确认后|资料|条件|单位(?:不足|少于))",
                r"未(?:按要求|按时|办理)?(?:报名|登记)[^。;]{0,12}(?:不得|无法|不能|拒绝|无权)", r"报名[^。;]{0,10}(?:后方可|方可|才能)[^。;]{0,10}(?:下载|领取|获取|投标|购买)")
    unless = r"报名参加(?:培训|考试)"


class ExtraDeposit(Phrase):
    """四类之外的保证金."""

    id, law = "deposit.extra", "公平竞争审查规则 11; 1117号 3"
    zh, en = "收取投标、履约、质量、农民工工资以外的保证金", "asks for deposits of a fifth kind"
    do_zh = "删去；只允许投标、履约、工程质量、农民工工资四类保证金。"
    do_en = "Take it out; only four kinds are allowed."
    patterns = (r"(?:缴纳|交纳|提交|提供|收取|支付|缴存|交存)[^。,;]{0,14}(?:诚信|信誉|信用|安全(?:生产|文明)?(?:施工)?|文明施工|扬尘|工期|廉政|廉洁|图纸|资料|民工子女|踏勘|竣工资料|差额|低价风险|低价|风险|环保|复垦|道路恢复|围标|进场|交易)(?:保证金|押金|抵押金|履约金|风险金)",
                r"(?:图纸|资料|踏勘|交易|诚信|信誉|廉政|廉洁|安全文明施工|安全生产|工期|文明施工|扬尘|风险)(?:保证金|押金|抵押金|风险金)[^。;]{0,14}(?:[0-9]|须|应|必须|为)")
    unless = r"农民工工资保证金[^。]{0,10}(?:存储|专户)"


class PerformanceRate(Phrase):
    """履约保证金比例."""

    id, law, version = "performance.rate", "实施条例 58", 2
    zh, en = "履约保证金超过合同金额的 10%", "asks for a performance guarantee of more than 10%"
    do_zh, do_en = "降到中标合同金额的 10% 以内。", "Lower it to 10% of the contract."
    patterns = (r"履约(?:保证金|担保)[^。;%]{0,40}?([0-9]{1,3}(?:\.[0-9]{1,3})?)%",)

    def applies(self, found: re.Match, sentence: Sentence, subject: Subject) -> bool:
        """More than a lot's profile allows, and told of the guarantee itself."""
        return not re.search(r"退还|返还|扣除|扣减|完成|进度", found[0]) and any(
            Fraction(found[1]) > 100 * rate(lot.profile, "R58.performance_rate")
            for lot in subject.lots)


class FormalRejection(Phrase):
    """因形式否决."""

    id, law = "reject.form", "1117号 3; 实施条例 51"
    zh, en = "以装订、纸张、文字错误等形式问题否决投标", "rejects bids for binding, paper or slips of the pen"
    do_zh = "删去；非实质性的格式、编排问题不得否决。"
    do_en = "Take it out: what is only of form rejects no bid."
    patterns = (r"(?:装订|胶装|活页|纸张|纸质|页码|目录|排版|字体|字号|行距|编排|错别字|文字错误|笔误|明显的?文字|封面|包装|密封条|骑缝章|逐页(?:签字|盖章)|正副本|u盘)[^。;]{0,40}(?:否决|废标|无效投标|投标无效|拒绝|拒收|不予受理|作无效|资格审查不通过)",
                r"(?:否决|废标|无效投标|投标无效|拒收)[^。;]{0,30}(?:装订|胶装|活页|纸张|页码|排版|字体|字号|错别字|文字错误|编排|封面颜色|骑缝章)")
    unless = r"未(?:按[^。]{0,10})?(?:加密|密封)|无法(?:识别|辨认)投标人"


class MinimumPrice(Phrase):
    """最低限价."""

    id, law = "price.minimum", "实施条例 27"
    zh, en = "设置最低投标限价", "sets a minimum price"
    do_zh = "删去；疑似低于成本的，应书面询问后由评委判断。"
    do_en = "Take it out; ask in writing about a price that seems too low."
    patterns = (r"(?:设|设置|设有|规定|确定|公布)[^。,;]{0,8}(?:最低(?:投标)?(?:限价|报价|控制价)|投标报价下限|报价下限)", r"最低(?:投标)?(?:限价|控制价)(?:为|:|是)[^。;]{0,20}[0-9]",
                r"(?:投标)?报价[^。;]{0,16}(?:低于)[^。;]{0,16}(?:[0-9]{1,2}(?:\.[0-9]+)?%|下限|最低限价)[^。;]{0,24}(?:否决|废标|无效|视为低于成本|按低于成本|不予评审)")
    unless = r"书面(?:说明|澄清)|要求[^。]{0,10}(?:说明|澄清)|不能(?:合理)?说明"


class CeilingUnsaid(Phrase):
    """最高限价未公布."""

    id, law = "price.ceiling", "实施条例 27"
    zh, en = "设最高投标限价而未载明金额", "uses a ceiling and does not say it"
    do_zh = "在招标文件和标段信息中写明最高投标限价。"
    do_en = "State the ceiling in the documents and in the lot."
    patterns = (r"(?:最高投标限价|招标控制价|拦标价|最高限价)[^。;]{0,20}(?:开标时|开标前|开标现场|另行)[^。;]{0,10}(?:公布|宣布|通知|公开|抽取|确定)",
                r"(?:超过|高于)(?:最高投标限价|招标控制价|拦标价|最高限价)[^。;]{0,20}(?:否决|无效|废标)")

    def applies(self, found: re.Match, sentence: Sentence, subject: Subject) -> bool:
        """Said to come later; or it rejects bids, and no lot states one."""
        return bool(re.search(r"开标|另行", found[0])) or any(
            not lot.price_ceiling_fen for lot in subject.lots)


class BidPeriod(Phrase):
    """投标期限."""

    id, law = "period.bidding", "招标投标法 24; 规则 T2"
    zh, en = "自招标文件发出至投标截止的期限过短", "leaves too few days to bid"
    do_zh = "依法必须招标的不少于 20 日；其他按规则版本。"
    do_en = "At least 20 days where tendering is a must, else what the profile says."
    patterns = (r"招标文件(?:开始)?(?:发出|发售|发布|公布)[^。;]{0,12}(?:之日|日|时间)?起[^。;]{0,16}(?:投标截止|提交投标文件截止|递交投标文件截止|截止)[^。;0-9一二三四五六七八九十]{0,14}" + _COUNT + r"(?:个)?(?:日历)?(?:日|天)",
                r"(?:投标截止|递交投标文件截止|提交投标文件截止)[^。;]{0,10}(?:为|在|于)?[^。;]{0,6}招标文件(?:发出|发售|发布)[^。;]{0,4}(?:后|之日起)[^。;0-9一二三四五六七八九十]{0,6}" + _COUNT + r"(?:个)?(?:日历)?(?:日|天)")

    def applies(self, found: re.Match, sentence: Sentence, subject: Subject) -> bool:
        """Fewer days than any lot's profile asks for."""
        least = max((number(lot.profile, "T2.comprehensive" if lot.terms.price.comprehensive
                            else "T2.other") for lot in subject.lots), default=0)
        return 0 <= whole(found[1]) < least and "不得少于" not in found[0]


class DownloadPeriod(Phrase):
    """文件发售期."""

    id, law = "period.download", "实施条例 16"
    zh, en = "招标文件发售、下载期少于 5 日", "offers the documents for fewer than 5 days"
    do_zh, do_en = "改为至投标截止时间前均可下载。", "Let them be downloaded until the deadline."
    patterns = (r"招标文件(?:的)?(?:发售|获取|下载|发放|领取)(?:期|时间|期限)[^。;0-9一二三四五六七八九十]{0,10}" + _COUNT + r"(?:个)?(?:工作)?(?:日|天)",)

    def applies(self, found: re.Match, sentence: Sentence, subject: Subject) -> bool:
        """Fewer than five days."""
        return 0 <= whole(found[1]) < 5 and not re.search(r"[年月]", found[0])


class ObjectionPeriod(Phrase):
    """异议期."""

    id, law = "period.objection", "实施条例 22; 规则 T4"
    zh, en = "缩短对招标文件提出异议的期限", "shortens the time for objections"
    do_zh = "依法必须招标的，允许在投标截止 10 日前提出。"
    do_en = "Where tendering is a must, take them until 10 days before the deadline."
    patterns = (r"招标文件[^。;]{0,16}异议[^。;]{0,16}(?:投标截止|截止)[^。;0-9一二三四五六七八九十]{0,6}" + _COUNT + r"(?:个)?(?:日历)?(?:日|天)(?:以)?前",)

    def applies(self, found: re.Match, sentence: Sentence, subject: Subject) -> bool:
        """Earlier before the deadline than any lot's profile allows."""
        return any(whole(found[1]) > number(lot.profile, "T4.objection") for lot in subject.lots)


class PublicityPeriod(Phrase):
    """公示期."""

    id, law, version = "period.publicity", "实施条例 54; 规则 T8", 2
    zh, en = "中标候选人公示期少于 3 日", "shows the candidates for fewer than 3 days"
    do_zh, do_en = "公示不少于 3 日，末日遇节假日顺延。", "Show them for at least 3 days."
    patterns = (r"(?:中标候选人)?公示(?:期|时间|期限)[^。;0-9一二三四五六七八九十]{0,8}" + _COUNT + r"(?:个)?(?:工作)?(?:日|天)",)

    def applies(self, found: re.Match, sentence: Sentence, subject: Subject) -> bool:
        """Fewer days than a lot's profile asks for."""
        return any(0 <= whole(found[1]) < number(lot.profile, "T8.publicity_days")
                   for lot in subject.lots)


class VagueScoring(Phrase):
    """打分未量化."""

    id, law = "scoring.vague", "招标投标法 19; 1117号 3"
    zh, en = "评分标准未量化，由评委酌情打分", "leaves scores to the panel's taste"
    do_zh = "把评审因素细化、量化，分值对应到具体指标。"
    do_en = "Say which points go with which fact."
    severity = DOUBT
    patterns = (r"(?:酌情|自由裁量|自行|综合印象|主观)[^。,;]{0,6}(?:打分|评分|给分|加分|扣分|赋分)", r"(?:评委|专家|评标委员会)[^。;]{0,14}(?:印象分|酌情)",
                r"(?:优|优秀|好)[,:得]{0,2}[0-9]{1,2}(?:\.[0-9])?[-~至到][0-9]{1,2}(?:\.[0-9])?分[^。]{0,10}(?:良|良好|较好)", r"(?:优|良|中|差|一般)[^。;]{0,6}由(?:评委|专家|评标委员会)(?:成员)?(?:自行)?(?:评定|确定|判断)")


class Lottery(Phrase):
    """抽签定标."""

    id, law = "lottery", "1117号 1(2); 公平竞争审查规则 8(4)"
    zh, en = "以抽签、摇号直接确定投标人或中标人", "finds the winner by lot"
    do_zh = "改为评审确定；限额以下确需随机的，先评审合格并写明政策文件。"
    do_en = "Judge the bids; where lots are allowed, screen first and name the policy document."
    patterns = (r"(?:抽签|摇号|抓阄|随机抽取|随机抽签|摇珠)(?:的?方式)?[^。;]{0,14}(?:确定|产生|选择|选定|决定|抽取|入围)[^。,;]{0,10}(?:中标人|中标候选人|中标单位|投标人|入围|投标单位|合格投标人)",
                r"(?:中标人|中标候选人|中标单位|投标人|入围单位)[^。;]{0,10}(?:通过|采用|采取|由|以|按)[^。,;]{0,8}(?:抽签|摇号|抓阄|随机抽取|摇珠)")
    unless = r"(?:评标专家|评委|专家库|系数|下浮率|浮动率|k值|参数|开标顺序|解密顺序|答辩顺序|代表|递补)"


class SiteVisit(Phrase):
    """强制踏勘."""

    id, law = "site_visit", "实施条例 28; 招标投标法 22"
    zh, en = "强制参加踏勘或只组织部分投标人踏勘", "makes a site visit a condition"
    do_zh = "踏勘自愿、不点名、不作为投标条件。"
    do_en = "Leave visits free, take no names, ask for none."
    patterns = (r"(?:必须|须|应当|应)(?:参加|进行|到)[^。,;]{0,14}踏勘", r"(?:未|不)(?:参加|进行|按时参加)[^。,;]{0,12}踏勘[^。;]{0,24}(?:不得|否决|无效|拒绝|取消|不接受|丧失)",
                r"踏勘[^。;]{0,14}(?:签到|点名|登记|证明)[^。;]{0,16}(?:否则|方可|作为|无效|必须|须)")
    unless = r"自行踏勘|自愿"


class Concession(Phrase):
    """中标后让利."""

    id, law = "concession", "招标投标法 43, 46; 实施条例 57"
    zh, en = "要求中标后让利或另行议价", "asks the winner for a lower price"
    do_zh = "删去；合同价就是中标价。"
    do_en = "Take it out: the contract has the award's price."
    patterns = (r"中标(?:后|人)[^。;]{0,20}(?:让利|下浮|降价|优惠|再次报价|二次报价|议价|压价)", r"(?:中标价|中标金额)(?:的)?基础上[^。;]{0,12}(?:让利|下浮|下调|优惠|降低)",
                r"(?:签订合同前|定标前|中标前)[^。;]{0,14}(?:谈判|议价|压价|让利)")
    unless = r"变更|新增(?:项目|工程|单价)|清单(?:中)?没有|结算[^。]{0,12}下浮率"


class Prefinance(Phrase):
    """垫资."""

    id, law = "prefinance", "政府投资条例 22"
    zh, en = "要求施工单位垫资建设", "has the contractor lend the money"
    do_zh = "删去；政府投资项目不得由施工单位垫资。"
    do_en = "Take it out: public works are not built on the contractor's money."
    patterns = (r"(?:施工单位|承包人|中标人|投标人|乙方)[^。;]{0,14}(?:垫资|带资|垫付工程款)", r"(?:垫资|带资)(?:施工|建设|承包|比例|能力)")


class Gifts(Phrase):
    """赠送."""

    id, law = "gifts", "实施条例 32(二)"
    zh, en = "要求无偿赠送与项目无关的货物、服务", "asks for gifts"
    do_zh = "删去；与合同履行无关。"
    do_en = "Take it out: it has nothing to do with the contract."
    severity = DOUBT
    patterns = (r"(?:无偿|免费|另行)(?:赠送|赠予|捐赠|提供[^。,;]{0,10}(?:车辆|电脑|办公|赞助|家具|空调))", r"(?:捐赠|赞助)[^。;]{0,20}(?:加分|加[0-9]|[0-9]分|优先)")


class OfflineOnly(Phrase):
    """另交纸质文件."""

    id, law = "paper_copy", "电子招标投标办法 62; 1117号 3"
    zh, en = "电子投标之外强制递交纸质文件或原件", "asks for paper besides the electronic bid"
    do_zh = "删去；以电子文件为准。"
    do_en = "Take it out: the electronic file is what counts."
    severity = DOUBT
    patterns = (r"(?:同时|另|还)?(?:须|必须|应当|应|需)(?:同时)?[^。,;]{0,10}(?:递交|提交|携带|提供|出示)[^。,;]{0,8}(?:纸质(?:投标文件|版|文件)|证件原件|证书原件|原件备查)",
                r"未(?:递交|提交|携带|提供)[^。,;]{0,8}(?:纸质(?:投标文件|版|文件)|原件)[^。;]{0,16}(?:否决|无效|不予|拒绝|不得分)")
    unless = r"中标(?:后|人|通知书发出后)"


class UnreadPaper(Rule):
    """无法读取."""

    id, law = "unread", "规则 §5.6"
    zh, en = "文件无法读取文字（扫描件、加密或损坏），未经审查", "holds no text to be read, and was not reviewed"
    do_zh = "上传可检索文字的版本，或由人工审查并说明。"
    do_en = "Send it with its text, or review it by hand and say so."
    severity = DOUBT

    def check(self, subject: Subject) -> Iterator[Hit]:
        """Each paper of which nothing could be read."""
        for paper in subject.papers:
            if paper.problem:
                yield Hit(self, f"{paper.name}: {paper.problem}", paper=paper)


class VagueFactor(Rule):
    """评分因素未量化（已填）."""

    id, law = "scoring.factor", "招标投标法 19; 1117号 3"
    zh, en = "评分因素名称涉及地域、所有制、规模", "scores what may not be scored"
    do_zh, do_en = "更换该评分因素。", "Score something else."
    _about = re.compile(r"(?:本地|本省|本市|本县|本区|当地)(?!材料试验)|注册资[本金]|所有制|市场(?:份额|占有率)|协会会员")

    def check(self, subject: Subject) -> Iterator[Hit]:
        """Each factor of a lot whose name says so."""
        for lot in subject.lots:
            for name in lot.factors:
                if self._about.search(name):
                    yield Hit(self, name, lot=lot, field="criteria.factors")
