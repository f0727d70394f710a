"""Every rule of the review: what it must catch, and the lawful sentence that looks alike."""

from __future__ import annotations

import dataclasses
from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tender.profile import amended, shipped_for
from tender.review import BREACH, RULES, Hit, Lot, Paper, Passage, Rule, Subject, inspect
from tender.review.catalogue import rules_hash
from tender.review.wording import plain, sentences
from tender.terms import terms_of
from tests import work


def columns(amount: int, kinds: tuple[str, ...]) -> SimpleNamespace:
    """The JSON columns of a lot's row."""
    return SimpleNamespace(criteria={}, price_method={"full_score": "60"}, award_method={}, panel={},
                           grounds={}, guarantee={"amount_fen": amount, "kinds": list(kinds)})


def lot(regime="statutory", amount=0, kinds=("cash-deposit", "bank-guarantee"), ceiling=1, factors=(),
        numbers=None, category="works", estimate=1_000_000_000):
    profile = shipped_for(regime, date(2026, 9, 1))
    changed = {name: profile["numbers"][name] | {"value": value}
               for name, value in (numbers or {}).items()}
    return Lot("a" * 32, 1, regime, category, estimate, ceiling, terms_of(columns(amount, kinds)),
               {**profile, "numbers": amended(profile, changed)}, tuple(factors))


def paper(*texts: str, page: bool = False) -> Paper:
    passages = tuple(Passage(text, number if page else None, None if page else number)
                     for number, text in enumerate(texts, 1))
    return Paper("d" * 32, "招标文件.docx", "e" * 64, "biddingDocuments", passages)


def found(*texts: str, **stated) -> set[str]:
    subject = Subject((lot(**stated),), (paper(*texts),) if texts else ())
    return {hit.rule.id for hit in inspect(subject).hits}


TABLE = {
    "local.branch": (
        ("投标人须在本地设有分支机构。", "投标人应在项目所在地具有固定的分公司或办事处", "供应商必须在金华市内设立服务网点。",
         "凡在金东区无固定办公场所的投标人，其投标无效。"),
        ("不得要求投标人在本地设立分支机构。", "中标人承诺 2 小时内到达现场响应。", "分公司投标的，须有总公司授权。")),
    "local.tax": (
        ("投标人须提供在本市缴纳社会保险的证明。", "须在当地依法纳税满三年", "提供本县社保缴纳凭证的得 2 分。",
         "应提供本项目所在地税务部门出具的完税证明。"),
        ("投标人应依法缴纳社会保险。", "招标人不得要求投标人在本地缴纳社会保险。", "税费由承包人按规定缴纳。")),
    "local.award": (
        ("近三年获得本省优质工程奖的，加 2 分。", "具有金华市类似业绩的得 3 分", "投标人具有本地业绩的方可参加。",
         "近三年内在金华市承接过类似工程的，每个得 2 分。"),
        ("近三年获得省级及以上优质工程奖的，加 2 分。", "类似业绩不限地域，每个得 1 分。", "不得以本地业绩作为加分条件。")),
    "trade.award": (
        ("投标人须具有教育行业业绩。", "每有一个医疗系统项目经验得 2 分"),
        ("投标人具有规模相当的房屋建筑业绩。", "不得以特定行业的业绩作为加分条件，不以教育行业业绩加分。")),
    "local.bonus": (
        ("本地企业加 3 分。", "同等条件下优先选用本市企业", "在同等条件下，本县单位优先中标。"),
        ("不得给予本地企业加分。", "小微企业价格扣除按国家规定执行。", "项目所在地村民的务工工资按月发放。")),
    "local.purchase": (
        ("投标人承诺采购本地材料达到 30% 的，按互保共建政策加分。", "须采购本县生产的建材。", "使用本市产品比例不低于50%的得2分。"),
        ("材料由投标人自行采购。", "招标人不得要求投标人采购本地产品。")),
    "local.unequal": (
        ("外地企业须另行提供担保。", "不接受外省企业投标。", "仅限本市企业参加投标。"),
        ("不得对外地企业设置不同的资格条件。", "投标人为联合体的，须提交协议。")),
    "local.filing": (
        ("投标人须已进入本市建筑企业诚信库。", "未在本县办理备案登记的投标人，否则其投标无效。"),
        ("中标后按规定办理合同备案。", "不得要求投标人在本市办理备案。")),
    "ownership": (
        ("投标人须为国有企业。", "不接受民营企业投标。", "国有控股企业加 2 分。"),
        ("国有、民营、外资企业均可参加。", "不得限定投标人为国有企业。", "招标人为国有企业。")),
    "legal_form": (
        ("投标人须为股份有限公司。", "不接受个体工商户。", "仅限上市公司投标"),
        ("投标人须具有独立法人资格。", "某某建设有限责任公司为招标人。")),
    "capital": (
        ("投标人注册资本不低于 2000 万元。", "注册资金在500万元以上。", "净资产不得低于一亿元"),
        ("不得以注册资本作为资格条件。", "投标人应提供营业执照（载明注册资本）。")),
    "scale": (
        ("年营业收入不低于 5000 万元。", "从业人员 50 人以上的得 2 分"),
        ("不得以营业收入、资产总额、从业人员等规模条件作为资格要求。", "中小企业声明函应填写从业人员、营业收入 100 万元以上等。")),
    "market_share": (
        ("产品市场占有率不低于 10%。", "全国排名前十名的加分"),
        ("不得以市场占有率作为评审因素。", "投标人应了解市场价格。")),
    "address": (
        ("投标人注册地须在金东区。", "须为本市注册的企业。", "企业总部位于浙江省内。"),
        ("投标人注册地不限。", "不得将注册地在本市作为条件。", "投标人应写明注册地址。")),
    "brand": (
        ("水泵须采用凯泉品牌。", "电缆品牌：远东。", "选用海螺牌水泥。"),
        ("水泵参考凯泉品牌或相当于该档次的产品。", "现场设置警示牌，采用反光标牌。", "不得指定品牌。", "品牌由投标人自行选择。")),
    "patent": (
        ("投标人须具有防水专利证书。", "拥有相关专利技术的得 2 分。"),
        ("投标人应保证不侵犯他人专利权，由此产生的责任自负。", "不得要求投标人具有特定专利。")),
    "origin": (
        ("电梯原产地为德国。", "主机须采用原装进口产品。"),
        ("投标人应注明产品的产地。", "不得限定原产地为某国。")),
    "supplier": (
        ("钢材须由宏达建材公司供应。", "须提供生产厂家授权书。"),
        ("材料供应商由承包人自行确定。", "不得要求提供制造商授权书。")),
    "association": (
        ("投标人应为建筑业协会会员单位。", "须加入当地商会。"),
        ("不得要求投标人为协会会员单位。", "费用参照协会发布的指导价。")),
    "local.training": (
        ("项目经理须持有本市住建局培训合格证。", "须通过当地主管部门组织的考试并取得证书。"),
        ("项目经理须持有安全生产考核合格证。", "不得要求提供本地培训合格证。")),
    "attendance": (
        ("法定代表人必须亲自到开标现场。", "法定代表人未到场的，其投标被否决。"),
        ("法定代表人或其委托代理人应当参加开标。", "不得强制要求法定代表人必须到场。", "项目经理须到施工现场驻场。")),
    "certificate": (
        ("具有AAA级信用等级证书的加 2 分。", "获得守合同重信用企业称号的得1分", "高新技术企业加分。"),
        ("信用信息以“信用中国”公布的为准。", "不以AAA信用等级证书加分。")),
    "cancelled_licence": (
        ("投标人具有城市园林绿化企业二级资质。", "具备物业服务企业资质。"),
        ("投标人具有市政公用工程施工总承包三级资质。", "不得要求城市园林绿化企业资质。")),
    "guarantee.cash_only": (
        ("投标保证金只能以现金转账方式缴纳。", "本项目不接受银行保函。", "保证金必须电汇",
         "投标保证金 10 万元，从基本账户以电汇方式缴纳，不接受其他形式。"),
        ("投标保证金可以采用现金、银行保函、保证保险等形式。", "不得限定保证金只能以现金缴纳。")),
    "guarantee.named": (
        ("保函须由建设银行金东支行出具。", "指定银行为本项目保函开具机构。", "须由本地银行出具保函"),
        ("保函可由任一依法设立的银行出具。", "不得指定银行或保险公司。")),
    "guarantee.rate": (
        ("投标保证金为估算价的 5%。", "投标担保金额按最高限价的2.5%计。"),
        ("投标保证金为估算价的 2%。", "投标保证金的利息按活期利率0.35%计。", "履约保证金为中标价的 10%。")),
    "guarantee.amount": (
        ("投标保证金：人民币 100 万元。", "投标保证金金额为 900,000 元", "投标保证金：壹佰贰拾万元整"),
        ("投标保证金：人民币 15 万元。", "投标保证金：人民币贰拾万元整。", "投标保证金最高不得超过 80 万元。")),
    "guarantee.forfeit": (
        ("对结果提出异议、投诉的，投标保证金不予退还。", "从保证金中扣除招标代理费。"),
        ("无正当理由不签订合同的，投标保证金不予退还。", "捏造事实恶意投诉的，保证金不予退还。")),
    "document_fee": (
        ("招标文件每套售价 500 元，售后不退。", "缴费后下载招标文件。"),
        ("招标文件免费下载，售价 0 元。", "招标文件不收取工本费，不得收费。")),
    "sign_up": (
        ("投标人须先办理报名手续。", "报名时间：3月1日至3月5日。", "未报名的不得参加投标。",
         "投标人须于2026年3月1日至3月5日到代理机构现场报名。"),
        ("本项目无需报名，可直接下载。", "取消投标报名。")),
    "deposit.extra": (
        ("投标人须缴纳诚信保证金 5 万元。", "领取图纸须交纳图纸押金。", "中标人应提交安全文明施工保证金。"),
        ("中标人应提交履约保证金。", "中标人应缴存农民工工资保证金。", "不得收取诚信保证金。")),
    "performance.rate": (
        ("履约保证金为合同金额的 15%。",),
        ("履约保证金为合同金额的 10%。", "履约保证金在工程完成 50% 后退还一半。")),
    "reject.form": (
        ("投标文件未胶装的，否决其投标。", "有错别字的按废标处理。", "有下列情形的否决投标：页码不连续。"),
        ("投标文件的装订、纸张、错别字不得作为否决投标的理由。", "不因文字错误否决投标。", "未加密的投标文件拒收。")),
    "price.minimum": (
        ("本项目设最低投标限价。", "投标报价低于最高限价 85% 的，否决其投标。"),
        ("本项目不设最低投标限价。", "投标报价低于最高限价85%的，评标委员会应要求投标人书面说明，不能合理说明的否决。")),
    "price.ceiling": (
        ("招标控制价在开标时公布。", "最高投标限价另行通知。"),
        ("最高投标限价为 398 万元。", "高于最高投标限价的否决投标。")),
    "period.bidding": (
        ("自招标文件发出之日起至投标截止之日止为 10 日。", "招标文件发出之日起至投标截止时间止十五天。"),
        ("自招标文件发出之日起至投标截止之日止为 20 日。", "自招标文件发出之日起至投标截止之日止不得少于10日。")),
    "period.download": (
        ("招标文件发售期为 3 日。", "招标文件获取期限：三个工作日"),
        ("招标文件发售期为 5 日。", "招标文件获取时间：2026年3月1日至投标截止。")),
    "period.objection": (
        ("对招标文件有异议的，应在投标截止时间 15 日前提出。",),
        ("对招标文件有异议的，应在投标截止时间 10 日前提出。",)),
    "period.publicity": (
        ("中标候选人公示期为 1 日。", "公示期：两个工作日"),
        ("中标候选人公示期为 3 日。", "公示期为三日")),
    "scoring.vague": (
        ("由评委酌情打分。", "优 8-10 分、良 5-7 分。", "优、良、中、差由专家自行评定"),
        ("每有一项业绩得 1 分，最高 3 分。", "评委不得酌情打分，禁止评委自由裁量评分。")),
    "lottery": (
        ("采用随机抽签方式确定中标人。", "中标候选人通过摇号产生。"),
        ("评标专家由系统随机抽取确定。", "下浮率系数随机抽取后计算得分，确定中标候选人。", "不得采用抽签、摇号确定中标人。")),
    "site_visit": (
        ("投标人必须参加现场踏勘。", "未参加踏勘的，取消投标资格。"),
        ("投标人可自行踏勘现场。", "招标人不组织踏勘，不得以未参加踏勘为由否决投标。")),
    "concession": (
        ("中标后应在中标价基础上让利 3%。", "中标人须接受二次报价。"),
        ("中标价即合同价，中标后不得要求中标人让利。", "变更新增项目的单价，中标人按投标下浮率计算。")),
    "prefinance": (
        ("工程款由施工单位垫资至竣工。", "投标人具有带资施工的能力"),
        ("不得要求施工单位垫资。", "招标人按月支付进度款。")),
    "gifts": (
        ("中标人须无偿赠送办公设备。", "向招标人捐赠的加 2 分。"),
        ("不得要求中标人无偿赠送。", "质保期内免费维修。")),
    "paper_copy": (
        ("投标人须同时递交纸质投标文件两份。", "未提供原件的不得分。"),
        ("无需递交纸质投标文件。", "中标后须提交纸质投标文件存档。")),
}
"""Rule: sentences that it must catch; lawful sentences that look alike."""

HITS = [(rule, text) for rule, (hits, _) in TABLE.items() for text in hits]
MISSES = [(rule, text) for rule, (_, misses) in TABLE.items() for text in misses]
OF_FIELDS = {"guarantee.stated", "guarantee.kinds", "scoring.factor", "unread"}


def test_every_rule_is_in_the_table_with_a_hit_and_a_near_miss():
    ids = {rule.id for rule in RULES}
    assert set(TABLE) | OF_FIELDS == ids and len(ids) == len(RULES) >= 30
    assert all(hits and misses for hits, misses in TABLE.values())


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_says_what_why_and_what_to_do_in_both_languages(rule):
    assert all((rule.id, rule.law, rule.zh, rule.en, rule.do_zh, rule.do_en))
    assert rule.severity in ("breach", "doubt") and rule.version >= 1


@pytest.mark.parametrize(("rule", "text"), HITS)
def test_it_catches(rule, text):
    assert rule in found(text)


@pytest.mark.parametrize(("rule", "text"), MISSES)
def test_it_lets_the_lawful_pass(rule, text):
    assert rule not in found(text)


@pytest.mark.parametrize(("rule", "text"), [
    ("local.bonus", "本地企业按时支付农民工工资的，优先退还其工资保证金。"),
    ("local.purchase", "互保共建措施已停止执行。"),
    ("capital", "资质标准规定净资产不低于八百万元的，从其规定。"),
    ("patent", "投标人使用专利产品的，侵犯他人权利的责任由其承担。"),
    ("origin", "原产地为某国的产品，其他国家同等产品亦可。"),
    ("association", "建筑业协会理事会对优质工程颁发的证书可以提交。"),
    ("local.training", "项目负责人须持有本省安全生产考核合格证书。"),
    ("guarantee.cash_only", "投标保证金必须以转账或银行保函形式提交。"),
    ("guarantee.named", "保函须由任一商业银行出具。"),
    ("sign_up", "中标后项目负责人须报名参加培训，报名时间另行通知。"),
    ("price.minimum", "投标报价低于最高限价 85% 的，要求其书面说明，不能说明的视为低于成本。"),
    ("site_visit", "投标人应到现场自行踏勘。"),
])
def test_what_an_exception_lets_pass_would_be_a_hit_without_it(rule, text, monkeypatch):
    assert rule not in found(text)
    monkeypatch.setattr(next(one for one in RULES if one.id == rule), "_unless", None)
    assert rule in found(text)


@pytest.mark.parametrize(("rule", "bad", "good"), [
    ("guarantee.stated", {"amount": 20_000_001}, {"amount": 20_000_000}),
    ("guarantee.stated", {"amount": 80_000_001, "estimate": 10**10}, {"amount": 80_000_000, "estimate": 10**10}),
    ("guarantee.stated", {"amount": 10_000_001, "category": "services"},
     {"amount": 10_000_000, "category": "services"}),
    ("guarantee.kinds", {"amount": 1, "kinds": ("cash-deposit",)}, {"amount": 0, "kinds": ("cash-deposit",)}),
    ("scoring.factor", {"factors": ("本地业绩",)}, {"factors": ("类似业绩",)}),
])
def test_what_a_lot_states_is_judged_too(rule, bad, good):
    assert rule in found(**bad) and rule not in found(**good)


def test_numbers_are_those_of_the_profile():
    text = "自招标文件发出之日起至投标截止之日止为 12 日。"
    assert "period.bidding" in found(text)
    assert "period.bidding" not in found(text, numbers={"T2.comprehensive": 10})
    assert "price.ceiling" in found("高于最高投标限价的否决投标。", ceiling=0)


@pytest.mark.parametrize(("rule", "text", "numbers"), [
    ("guarantee.rate", "投标保证金为估算价的 2%。", {"BD1.rate": "0.01"}),
    ("guarantee.amount", "投标保证金：人民币 15 万元。", {"BD1.cap_works_fen": 10_000_000}),
    ("performance.rate", "履约保证金为合同价的 10%。", {"R58.performance_rate": "0.05"}),
    ("period.publicity", "中标候选人公示期 3 日。", {"T8.publicity_days": 5}),
    ("period.objection", "对招标文件有异议的，应当在投标截止时间 8 日前提出。", {"T4.objection": 5}),
])
def test_a_stricter_number_of_a_place_is_the_one_that_counts(rule, text, numbers):
    assert rule not in found(text) and rule in found(text, numbers=numbers)


def test_where_a_regime_has_no_such_number_nothing_is_held_against_it():
    large = {"regime": "govproc", "category": "services", "estimate": 10**10}
    assert "guarantee.stated" not in found(amount=2 * 10**8, **large)
    assert "guarantee.stated" in found(amount=2 * 10**8 + 1, **large)
    assert "period.publicity" not in found("中标候选人公示期为 1 日。", **large)


@pytest.mark.parametrize("text", [
    "投标人注册 资本不\n低于 2000 万元", "投标人註冊資本不低於２０００萬元", "注\u200b册资本≥2000万元",
    "注册资本\u3000不低于\xa02000万元",
])
def test_blanks_widths_and_scripts_make_no_difference(text):
    assert "capital" in found(text)


def test_a_word_broken_over_two_lines_and_two_pages_is_read_whole():
    read = Subject((), (paper("第一章\n投标人须在本\n地设有分支", "机构，并长期驻守。", page=True),))
    (hit,) = [hit for hit in inspect(read).hits if hit.rule.id == "local.branch"]
    assert hit.page == 1 and "分支机构" in hit.quotation


def test_separate_paragraphs_are_not_read_together():
    assert "local.branch" not in found("招标人在本地", "设有分支机构的投标人")


@pytest.mark.parametrize(("before", "hit"), [
    ("招标人不得有下列行为：", False), ("下列条款属于不合理条件，禁止写入：", False),
    ("投标人应当满足下列条件：", True),
])
def test_a_list_is_forbidden_by_its_head(before, hit):
    texts = (before, "（一）要求在本地设立分支机构；", "（二）注册资本不低于500万元。", "结束语。",
             "投标人须为国有企业。")
    assert ("local.branch" in found(*texts)) is hit and ("capital" in found(*texts)) is hit
    assert ("local.branch" in found("".join(texts[:3]))) is hit
    assert "ownership" in found(*texts)


def test_a_prohibition_of_something_else_excuses_nothing():
    for text in ("不得围标串标，投标人须在本地设立分支机构。", "无需递交纸质文件，但投标人须在本地设立分支机构。",
                 "不在本地设立分支机构的，投标无效。"):
        assert "local.branch" in found(text)


STANDARD = """1.4.3 投标人不得存在下列情形之一：
（1）为招标人不具有独立法人资格的附属机构（单位）；
（2）为本标段前期准备提供设计或咨询服务的，但设计施工总承包的除外；
（3）为本标段的监理人；
（4）被责令停业的；
（5）被暂停或取消投标资格的；
（6）财产被接管或冻结的；
（7）在最近三年内有骗取中标或严重违约或重大工程质量问题的。
1.9.1 投标人须知前附表规定组织踏勘现场的，招标人按投标人须知前附表规定的时间、地点组织投标人踏勘项目现场。
1.9.2 投标人踏勘现场发生的费用自理。
1.9.3 除招标人的原因外，投标人自行负责在踏勘现场中所发生的人员伤亡和财产损失。
3.4.1 投标人在递交投标文件的同时，应按投标人须知前附表规定的金额、担保形式和投标文件格式规定的投标保证金格式递交投标保证金，并作为其投标文件的组成部分。联合体投标的，其投标保证金由牵头人递交。
3.4.2 投标人不按要求提交投标保证金的，其投标文件作废标处理。
3.4.3 招标人与中标人签订合同后5个工作日内，向未中标的投标人和中标人退还投标保证金及同期存款利息。
3.4.4 有下列情形之一的，投标保证金将不予退还：（1）投标人在规定的投标有效期内撤销或修改其投标文件；（2）中标人在收到中标通知书后，无正当理由拒签合同协议书或未按招标文件规定提交履约担保。
3.5.2 “近年财务状况表”应附经会计师事务所或审计机构审计的财务会计报表，包括资产负债表、现金流量表、利润表和财务情况说明书的复印件。
3.5.3 “近年完成的类似项目情况表”应附中标通知书和（或）合同协议书、工程接收证书的复印件。
5.1 招标人在规定的投标截止时间（开标时间）和规定的地点公开开标，并邀请所有投标人的法定代表人或其委托代理人准时参加。
7.3.1 在签订合同前，中标人应按规定的金额、担保形式向招标人提交履约担保。
7.4.1 招标人和中标人应当自中标通知书发出之日起30天内订立书面合同。
10.1 词语定义：类似项目是指投资额在300万元以上的道路工程。
材料：混凝土强度等级C30，钢筋采用HRB400，水泥应符合国家标准，进场须提供合格证。
项目经理须具备市政公用工程专业二级及以上注册建造师执业资格，且持有有效的安全生产考核合格证书（B类）。
投标人应在“信用中国”网站查询，不得被列入失信被执行人名单。
农民工工资保证金按国家和省有关规定执行。
承包人应按规定缴纳工伤保险，相关税费由承包人承担。
本工程位于金东区某镇，道路全长1.2公里。
评标基准价计算：去掉最高和最低报价后的平均值×（1-下浮系数），下浮系数在开标时随机抽取。
评标委员会由5人组成，其中招标人代表1人，专家4人由系统从省综合评标专家库随机抽取。
中标候选人公示期3日，公示期内可提出异议。投标人对招标文件有异议的，应当在投标截止时间10日前提出。
工程质量保证金为工程价款结算总额的3%。缺陷责任期24个月。履约保证金为中标价的10%。
招标文件自公告发布之日起可在平台免费下载。投标文件应加密上传，逾期上传或未加密的，平台拒收。
投标报价超过最高投标限价的，否决其投标。评标委员会认为投标报价明显低于其他报价，有可能影响工程质量或者不能诚信履约的，应当要求其在合理时间内书面说明。
现场设置七牌一图，施工围挡按本市标准执行。采用沥青混凝土AC-13，采用商品混凝土。
施工期间项目经理必须到岗，每月不少于22天。投标人应承诺项目负责人无在建工程。
投标人须具备建设行政主管部门核发的市政公用工程施工总承包三级及以上资质，具有有效的安全生产许可证。
交通标志牌、路名牌应采用铝合金材质。树种选用香樟、桂花。
"""
"""Lawful clauses as standard documents have them."""
BAD = """第二章 投标人须知
1. 投标人资格要求
投标人注册资本不低于人民币 2000 万元，并在本县设有分支机构。
2. 投标保证金：人民币 100 万元，为估算价的 10%。
3. 自招标文件发出之日起至投标截止之日止为 8 日。
4. 水泵须采用凯泉品牌。
5. 评标办法：投标人承诺采购本地材料达到 50% 的，按“互保共建”加 5 分。
"""
CLEAN = """第二章 投标人须知
1. 投标人须具有独立法人资格和市政公用工程施工总承包三级及以上资质，国有、民营企业均可参加。
2. 投标保证金：人民币 15 万元，可采用银行保函、保证保险、转账等任一形式，不得指定出具机构。
3. 自招标文件发出之日起至投标截止之日止为 20 日。招标文件免费下载，无需报名。
4. 水泵参考档次：凯泉品牌或相当于该档次的产品。
5. 技术部分：每有一个类似业绩得 1 分，最高 3 分，不限地域。
6. 有下列情形之一的，否决其投标：（一）未加密；（二）投标报价高于最高投标限价。
招标人不得以投标文件的装订、纸张、错别字为由否决投标。
"""


def test_a_bad_document_gets_each_hit_with_its_article():
    subject = Subject((lot(),), (paper(BAD),))
    by_rule = {hit.rule.id: hit.as_json() for hit in inspect(subject).hits}
    assert {"capital", "local.branch", "guarantee.amount", "guarantee.rate", "period.bidding",
            "brand", "local.purchase"} <= set(by_rule)
    assert "实施条例 32(五)" in by_rule["brand"]["law"]
    assert "实施条例 26" in by_rule["guarantee.amount"]["law"]
    assert "招标投标法 24" in by_rule["period.bidding"]["law"]
    assert "互保共建" in by_rule["local.purchase"]["quotation"] \
        or "采购本地材料" in by_rule["local.purchase"]["quotation"]
    assert all(one["severity"] == BREACH for one in by_rule.values())


def test_a_clean_document_gets_none():
    assert inspect(Subject((lot(),), (paper(CLEAN),))).hits == ()
    assert inspect(Subject((lot(),), (paper(STANDARD),))).hits == ()


def test_a_hit_is_known_by_rule_document_and_place():
    one, two = (inspect(Subject((), (dataclasses.replace(paper("须为国有企业。"), hash=mark * 64),))).hits
                for mark in "ab")
    assert one[0].key != two[0].key
    both = inspect(Subject((), (paper("须为国有企业。", "须为国有企业。"),))).hits
    assert len({hit.key for hit in both}) == 2


def test_a_plugin_is_asked_shown_as_such_and_blocks_nothing():
    class Own(Rule):
        id, law, zh, en, do_zh, do_en = "own.one", "本县规定", "一", "one", "改", "mend"

    def plugin(subject):
        yield Hit(Own(), "x", paper=subject.papers[0])

    def failing(subject):
        raise RuntimeError("boom")

    said = inspect(Subject((), (paper("好。"),)), {"own": plugin, "bad": failing})
    assert [hit.plugin for hit in said.hits] == ["own"] and said.failed == {"bad": "RuntimeError"}
    assert rules_hash() != rules_hash({"own": plugin})


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("本地市须不得以注册资本低于保证金品牌牌,。:;()1一5%分\n 国有企业加中标人否决废标"), max_size=300))
def test_no_text_breaks_a_rule(text):
    for hit in inspect(Subject((lot(),), (paper(text),))).hits:
        assert hit.quotation and hit.as_json()["key"]
    assert "\n" not in plain(text)
    assert all(len(one.origins) == len(one.plain) for one in sentences([(text, None, 1)]))


def test_the_review_of_a_long_document_comes_to_an_end():
    text = (CLEAN * 20 + "本地" * 700 + "须" * 700).replace("6. ", "")
    with work.ended():
        inspect(Subject((lot(),), tuple(dataclasses.replace(paper(text), hash=mark * 64)
                                        for mark in "ab")))
