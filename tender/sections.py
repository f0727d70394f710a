"""The tender notice in sections, made of the content that two people approved. Pure.

Rulebook §2.6 says what a notice holds. What other subjects add to the content (`more`) they also
put into words here: `WORDED` maps a key of `more` to what makes sections of its value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from . import screened
from .notices import Row, Section, row, section

WORDED: dict[str, Callable[[object], Iterable[Section]]] = {}
"""What other subjects say in a notice: key of `more` → its sections, in the order of the keys."""


def tender_sections(content: Mapping[str, object], buyer: str, url: str) -> list[Section]:
    """All sections of a tender notice. `content` is what was approved (rules.notice_content),
    `buyer` the buyer's name, `url` the platform's address or an empty text."""
    found = [section("项目", "The project", _project(content, buyer))]
    found += [lot_section(lot, content) for lot in content["lots"]]
    found.append(section("招标文件", "Bidding documents", _documents(content, url)))
    for key in sorted(WORDED.keys() & content["more"].keys()):
        found += WORDED[key](content["more"][key])
    found.append(section("投标与开标", "Bids and their opening", _course(url)))
    found.append(section("技术", "Technical", _technical(content)))
    return found


def _project(content: Mapping[str, object], buyer: str) -> Iterator[Row]:
    yield row("title", "项目名称", "Title", content["title"])
    yield row("code", "招标项目编号", "Code", content["code"])
    yield row("ocid", "OCID", "OCID", content["ocid"])
    yield row("buyer", "招标人", "Buyer", buyer)
    yield row("buyer_uscc", "招标人统一社会信用代码", "Buyer's credit code", content["buyer"])
    yield row("region", "行政区划", "Region", content["region"])
    if content["description"]:
        yield row("description", "项目内容与规模", "Content and scale", content["description"])
    yield row("funding", "资金来源", "Funding", content["funding"] or None)
    yield row("approval_no", "批准文号", "Approval", content["approval_no"] or None)


def lot_section(lot: Mapping[str, object], content: Mapping[str, object]) -> Section:
    """What a notice says of one lot."""
    number = lot["number"]
    return section(f"标段 {number}", f"Lot {number}",
                   [*_lot(lot), *_terms(lot), *_judging(lot), *_sealing(lot, content)])


def _lot(lot: Mapping[str, object]) -> Iterator[Row]:
    yield row("title", "标段名称", "Title", lot["title"])
    yield row("section_code", "标段编号", "Section code", lot["section_code"])
    yield row("deal_code", "统一交易标识码", "Transaction code", lot["deal_code"])
    yield row("category", "类别", "Category", lot["category"], "word")
    yield row("regime", "交易类型", "Regime", lot["regime"], "word")
    yield row("method", "方式", "Method", lot["method"], "word")
    yield row("estimate_fen", "估算价", "Estimate", lot["estimate_fen"], "money")
    yield row("price_ceiling_fen", "最高投标限价", "Price ceiling", lot["price_ceiling_fen"], "money")
    yield row("items", "工程量清单条数", "Lines of the bill", lot["items"]["count"], "count")
    yield row("items_hash", "工程量清单摘要 (SHA-256)", "Bill (SHA-256)", lot["items"]["hash"], "hash")


def _terms(lot: Mapping[str, object]) -> Iterator[Row]:
    guarantee = lot["guarantee"]
    yield row("deadline", "投标截止时间（开标时间）", "Deadline for bids and opening",
              lot["deadline"], "time")
    yield row("decrypt_minutes", "解密时间", "Decryption window", lot["decrypt_minutes"], "minutes")
    yield row("period_days_max", "最长工期（期限）", "Longest period", lot["period_days_max"], "days")
    yield row("quality", "质量要求", "Quality", lot["quality"])
    yield row("validity_days", "投标有效期", "Validity of bids", lot["validity_days"], "days")
    yield row("publicity_days", "候选人公示期", "Publicity of candidates", lot["publicity_days"],
              "days")
    yield row("guarantee_fen", "投标保证金", "Bid guarantee", guarantee["amount_fen"], "money")
    for kind in guarantee.get("kinds", ()):
        yield row(f"guarantee_{kind}", "可接受的保证金形式", "Kind that is taken", kind, "word")
    if "performance_rate" in guarantee:
        yield row("performance_rate", "履约保证金比例", "Performance guarantee, share",
                  guarantee["performance_rate"])
    for name, reason in sorted(lot["grounds"].get("reasons", {}).items()):
        yield row(f"reason_{name}", f"偏离规则 {name} 的理由", f"Why it departs from {name}", reason)
    for name, zh, en in (
            ("pilot_document", "评定分离试点文件", "Pilot document"),
            ("policy_document", "政策文件", "Policy document"),
            ("screen", "随机抽取前的审查办法", "Screen before the draw"),
            ("method_reason", "采用该方式的理由", "Why it is put out so"),
            ("method_document", "批准采用该方式的文件", "Approval of the method"),
            ("resolution", "集体决策（决议）文号", "Resolution")):
        if lot["grounds"].get(name):
            yield row(name, zh, en, lot["grounds"][name])


def _judging(lot: Mapping[str, object]) -> Iterator[Row]:
    if lot["method"] in screened.SCREENED:
        yield from screened.rows(lot)
    else:
        yield from _scoring(lot)


def _scoring(lot: Mapping[str, object]) -> Iterator[Row]:
    price, award, panel = lot["price_method"], lot["award_method"], lot["panel"]
    for factor in lot["criteria"].get("factors", ()):
        yield row(f"factor_{factor['code']}", "评分因素", "Factor", factor["title"])
        yield row(f"factor_{factor['code']}_max", f"{factor['title']}：满分",
                  f"{factor['title']}: most", factor["max"], "points")
        for name, zh, en in (("min", "最低分", "least"), ("step", "最小分值", "step")):
            if name in factor:
                yield row(f"factor_{factor['code']}_{name}", f"{factor['title']}：{zh}",
                          f"{factor['title']}: {en}", factor[name], "points")
    yield row("price_method", "价格分计算方法", "How prices are scored", price.get("method"), "word")
    yield row("price_score", "价格分", "Full price score", price.get("full_score"), "points")
    yield row("coefficients", "待抽取的下浮系数", "Coefficients to draw from",
              ", ".join(price.get("coefficients", ())))
    for name, zh, en in (
            ("drop_high", "去掉最高报价个数", "Highest prices dropped"),
            ("drop_low", "去掉最低报价个数", "Lowest prices dropped"),
            ("drop_when_valid_count_gt", "有效报价多于几个时去值", "Dropped where more are valid than"),
            ("deduct_per_pct_above", "每高于基准价 1% 扣分", "Deducted for each 1 % above"),
            ("deduct_per_pct_below", "每低于基准价 1% 扣分", "Deducted for each 1 % below"),
            ("score_floor", "价格分下限", "Least price score")):
        if name in price:
            yield row(name, zh, en, price[name])
    yield row("award_method", "定标方法", "How the winner is found", award.get("method"), "word")
    yield row("committee_size", "定标委员会人数", "Award committee", award.get("committee_size"),
              "count")
    yield row("panel_size", "评标委员会人数", "Panel", panel.get("size"), "count")
    yield row("candidates", "中标候选人数上限", "Candidates at most", panel.get("candidates"), "count")
    yield row("substitutes", "候补专家人数", "Substitutes", panel.get("substitutes"), "count")
    if panel.get("specialty"):
        yield row("specialty", "专家专业", "Specialty", panel["specialty"])
    yield row("commit_minutes", "抽取承诺时间", "Window to commit to the draw",
              panel.get("commit_minutes"), "minutes")
    yield row("reveal_minutes", "抽取揭示时间", "Window to reveal", panel.get("reveal_minutes"),
              "minutes")


def _sealing(lot: Mapping[str, object], content: Mapping[str, object]) -> Iterator[Row]:
    yield row("suite", "加密套件", "Suite", lot["suite"])
    yield row("two_envelopes", "双信封", "Two envelopes", "yes" if lot["two_envelopes"] else "no",
              "word")
    policy = content["more"].get("policies", {}).get(lot["id"])
    yield row("policy_hash", "开启规则摘要 (SHA-256)", "Access policy (SHA-256)", policy, "hash")


def _documents(content: Mapping[str, object], url: str) -> Iterator[Row]:
    yield row("how", "获取方式", "How to get them",
              f"自公告发布起至投标截止，任何人可在本平台免费下载，无需登记。{url}".strip())
    for number, one in enumerate(content["documents"], 1):
        yield row(f"document_{number}", "文件", "File", one["name"])
        yield row(f"document_{number}_size", "大小", "Size", one["size"], "bytes")
        yield row(f"document_{number}_hash", "摘要 (SHA-256)", "SHA-256", one["hash"], "hash")
        if one.get("replaced_by"):
            yield row(f"document_{number}_replaced", "已被取代，现行文件摘要", "Replaced by",
                      one["replaced_by"], "hash")


def _course(url: str) -> Iterator[Row]:
    yield row("submission", "递交方式", "How to bid",
              f"在本平台递交加密的投标文件；截止时未传输完成的视为撤回。{url}".strip())
    yield row("questions", "提问与异议", "Questions and objections",
              "通过本平台提出，答复向所有人公布；不公布提问人。")
    yield row("fee", "平台收费", "Fee of the platform", "不收费 / none")


def _technical(content: Mapping[str, object]) -> Iterator[Row]:
    keys = content["more"].get("keys") or {}
    for name, zh, en in (("log", "存证公钥", "Key of the record"),
                         ("platform", "平台公钥", "Key of the platform")):
        if keys.get(name):
            yield row(f"key_{name}", zh, en, keys[name])
    if content["more"].get("sealer"):
        yield row("sealer", "离线密封程序摘要 (SHA-256)", "Offline sealer (SHA-256)",
                  content["more"]["sealer"], "hash")
    yield row("version", "内容版本", "Version of the content", content["version"], "count")
