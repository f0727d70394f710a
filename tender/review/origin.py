"""Rules against favouring a place, an owner, a size or a name."""

from __future__ import annotations

from .base import DOUBT
from .phrase import PLACE, Phrase

_FC6 = "公平竞争审查规则 6; 实施条例 32"
_FC7 = "公平竞争审查规则 7; 实施条例 32"


class LocalBranch(Phrase):
    """本地分支机构."""

    id, law = "local.branch", _FC6
    zh, en = "要求在本地设立分支机构", "asks for a branch in the place"
    do_zh = "删去；如需就近服务，可要求中标后承诺响应时间。"
    do_en = "Take it out; where service is needed nearby, ask the winner for a response time."
    patterns = (PLACE + r"[^。,]{0,10}(?:设有|设立|具有|具备|拥有|有|无|注册|成立|开设)[^。,]{0,12}(?:分支机构|分公司|子公司|办事处|服务网点|(?:营业|办公)场所|常驻机构)",)


class LocalTax(Phrase):
    """本地纳税、社保."""

    id, law = "local.tax", _FC6
    zh, en = "要求在本地纳税或缴纳社会保险", "asks for taxes or social insurance paid in the place"
    do_zh = "删去地域限定；只能要求依法纳税和缴纳社会保险。"
    do_en = "Drop the place: lawful payment anywhere must do."
    patterns = (PLACE + r"[^。,;]{0,6}(?:依法|连续)纳税",
                PLACE + r"[^。,]{0,8}(?:依法)?(?:缴纳|缴交|交纳|参加|缴)[^。,]{0,10}(?:社保|社会保险|税)",
                PLACE + r"[^。,;]{0,14}(?:纳税|完税|参保|社会保险|社保)(?:证明|记录|凭证|企业|信用|[^。,]{0,8}(?:加分|得分|[0-9]分))")


class LocalAward(Phrase):
    """特定行政区域业绩、奖项."""

    id, law = "local.award", "实施条例 32(三); 公平竞争审查规则 7"
    zh, en = "以特定行政区域的业绩、奖项加分或作为条件", "counts works or awards of one region"
    do_zh = "改为不限地域的同类业绩、奖项。"
    do_en = "Count like works and awards wherever they are from."
    patterns = (PLACE + r"(?!以上|及以上|级以上|级及以上)[^。,;]{0,16}(?:业绩|奖项|工程奖|优质工程|优秀企业|荣誉|奖)[^。;]{0,30}(?:加分|得[0-9]|加[0-9]|[0-9]分|满分|方可|否则|不得投标|资格)",
                PLACE + r"[^。,;]{0,4}(?:承接|承担|承建|完成|实施)过?[^。;]{0,16}(?:工程|项目|业绩)[^。;]{0,12}(?:得[0-9]|加[0-9]|[0-9]分|加分)",
                r"(?:具有|具备|承担过|完成过|提供|获得)[^。,;]{0,6}" + PLACE + r"(?!以上|级|及以上)[^。,;]{0,16}(?:业绩|奖项|优质工程奖)")
    unless = r"(?:省|市|县|区)级?(?:及)?以上[^。]{0,12}(?:奖|荣誉)|不限(?:地域|地区|区域)"


class TradeAward(Phrase):
    """特定行业业绩、奖项."""

    id, law = "trade.award", "实施条例 32(三)"
    zh, en = "以特定行业的业绩、奖项加分或作为条件", "counts works or awards of one trade"
    do_zh = "改为与项目规模、技术特点相当的同类业绩。"
    do_en = "Count works alike in size and technique, whatever the trade."
    severity = DOUBT
    patterns = (r"(?:教育|医疗|卫生|金融|电力|石化|石油|烟草|铁路|军队|部队|公安|政府|税务|银行)(?:行业|系统|领域)[^。;]{0,12}(?:业绩|奖项|项目经验|案例)[^。;]{0,30}(?:加分|得[0-9]|加[0-9]|[0-9]分|须|必须|方可|资格)",
                r"(?:须|必须|应)?(?:具有|具备|提供)[^。,;]{0,6}(?:教育|医疗|卫生|金融|电力|石化|石油|烟草|铁路|军队|部队|公安|政府|税务|银行)(?:行业|系统|领域)[^。,;]{0,10}(?:业绩|项目经验|案例)")


class LocalBonus(Phrase):
    """本地企业加分、优先."""

    id, law = "local.bonus", _FC7
    zh, en = "给本地企业加分或优先", "gives firms of the place points or preference"
    do_zh = "删去该加分或优先条款。"
    do_en = "Take the bonus or preference out."
    patterns = (PLACE + r"[^。,;]{0,8}(?:企业|公司|单位|施工队|投标人|供应商|厂家)[^。;]{0,20}(?:加分|加[0-9]|得[0-9]|优先|优惠|倾斜|奖励)",
                r"(?:优先|优选|首选)(?:选用|选择|考虑|录用|推荐)?[^。,;]{0,4}" + PLACE + r"[^。,;]{0,6}(?:企业|公司|单位|投标人|供应商)")
    unless = r"农民工工资"


class LocalPurchase(Phrase):
    """互保共建、采购本地材料."""

    id, law = "local.purchase", _FC7
    zh, en = "要求或奖励采购本地产品（互保共建）", "asks for, or rewards, buying in the place"
    do_zh = "删去；材料来源由投标人自行决定。"
    do_en = "Take it out: where materials come from is the tenderer's choice."
    patterns = (r"互保共建", PLACE + r"[^。,;]{0,10}(?:采购|购买|选用|使用)[^。,;]{0,10}(?:材料|产品|设备|建材|商品)",
                r"(?:须|必须|应|承诺|优先)[^。,;]{0,4}(?:采购|购买|选用|使用)[^。,;]{0,4}" + PLACE + r"[^。,;]{0,10}(?:材料|产品|设备|建材)",
                r"(?:采购|购买|选用|使用)[^。,;]{0,6}" + PLACE + r"[^。,;]{0,10}(?:材料|产品|设备|建材|商品|企业)[^。;]{0,24}(?:%|加分|得[0-9]|[0-9]分|优先|必须|比例)")
    unless = r"互保共建[^。]{0,12}(?:已|停止|废止|不再)"


class ForeignFirms(Phrase):
    """外地企业另设条件."""

    id, law = "local.unequal", "实施条例 32(一)(四); 公平竞争审查规则 6"
    zh, en = "对外地企业另设条件或排斥", "sets other terms for firms from elsewhere, or shuts them out"
    do_zh = "对所有投标人适用同一条件。"
    do_en = "Ask the same of every tenderer."
    patterns = (r"(?:外地|外省|外市|外县|非本地|非本省|非本市|省外|市外|县外|域外)[^。,;]{0,6}(?:企业|投标人|单位|供应商|公司)[^。;]{0,24}(?:须|应|必须|还需|另|不得(?:参加|投标|参与)|不接受|备案|担保|扣)",
                r"(?:仅限|只限|限于|仅接受|只接受)[^。,;]{0,6}" + PLACE + r"[^。,;]{0,8}(?:企业|公司|单位|投标人|供应商)",
                r"(?:不接受|拒绝)(?:外地|外省|外市|省外|市外|非本地)[^。,;]{0,6}(?:企业|投标人|公司|单位)")


class LocalFiling(Phrase):
    """备案、入库."""

    id, law = "local.filing", _FC6
    zh, en = "以备案、入库、名录作为投标条件", "lets only those bid who are filed or listed locally"
    do_zh = "删去；备案、入库不得作为投标的前置条件。"
    do_en = "Take it out: being filed or listed is no condition of bidding."
    patterns = (PLACE + r"[^。,;]{0,16}(?:备案|登记|入库|诚信库|企业库|名录|短名单)[^。;]{0,20}(?:方可|才能|否则|的投标人|企业方|资格)",
                r"(?:须|必须|应|需)[^。,;]{0,10}(?:已|进入|纳入|列入|办理)[^。,;]{0,10}" + PLACE + r"[^。,;]{0,16}(?:备案|入库|诚信库|企业库|名录|预选库)")


class Ownership(Phrase):
    """所有制."""

    id, law = "ownership", "实施条例 32(六); 公平竞争审查规则 6"
    zh, en = "限定所有制形式", "limits who owns the tenderer"
    do_zh = "删去所有制限定。"
    do_en = "Take the limit out."
    patterns = (r"(?:须|应|必须|要求|仅限|只限|限于|限)[^。,;]{0,8}(?:为|是)?(?:国有(?:企业|独资|控股)|央企|中央企业|民营企业|内资企业|全民所有制|集体所有制|国企)",
                r"(?:不接受|拒绝|排除)[^。,;]{0,4}(?:民营|私营|外资|外商投资|港澳台|合资|国有)[^。,;]{0,4}(?:企业|投标|单位|公司)",
                r"(?:国有|央企|国企|中央企业|国有控股)[^。,;]{0,8}(?:加[0-9]|得[0-9]|加分|优先)")
    unless = r"适宜由中小企业|专门面向中小企业"


class LegalForm(Phrase):
    """组织形式."""

    id, law = "legal_form", "实施条例 32(六)"
    zh, en = "限定组织形式", "limits the legal form of the tenderer"
    do_zh = "改为“依法设立、能独立承担民事责任”。"
    do_en = "Ask for a body that answers for itself, whatever its form."
    patterns = (r"(?:须|应|必须|仅限|只限|限于)[^。,;]{0,8}(?:为|是)?(?:股份有限公司|有限责任公司|上市公司|集团公司|总公司)(?!的?(?:授权|法定))",
                r"(?:不接受|拒绝)[^。,;]{0,4}(?:个体工商户|合伙企业|个人独资企业|股份合作制)")


class Capital(Phrase):
    """注册资本."""

    id, law = "capital", "招标投标法 18; 实施条例 32(二)(七); 公平竞争审查规则 6"
    zh, en = "以注册资本作为条件或加分", "asks for registered capital"
    do_zh = "删去；履约能力可用业绩、人员、设备证明。"
    do_en = "Take it out; works, people and plant show what a firm can do."
    patterns = (r"(?:注册|实缴|净)(?:资本|资金|资产)[^。;]{0,14}(?:不低于|不少于|不得低于|不得少于|大于|达到|在|≥|>|=|[0-9]+万|[0-9]+亿|以上|加分)",)
    unless = r"资质(?:标准|等级)规定"


class Scale(Phrase):
    """规模条件."""

    id, law = "scale", "公平竞争审查规则 6; 实施条例 32(二)"
    zh, en = "以营业收入、资产、从业人员等规模作为条件", "asks for turnover, assets or staff"
    do_zh = "删去规模条件。"
    do_en = "Take the condition out."
    patterns = (r"(?:营业收入|营业额|年产值|产值|年销售额|资产总额|总资产|净利润|利润总额|纳税额|从业人员|员工人数|职工人数|企业规模)[^。;]{0,14}(?:不低于|不少于|不得低于|不得少于|大于|达到|超过|≥|>|以上|[0-9]分|加分)",)
    unless = r"中小企业划型|划型标准|声明函"


class MarketShare(Phrase):
    """市场份额."""

    id, law = "market_share", _FC6
    zh, en = "以市场份额、排名作为条件", "asks for a share of the market, or a rank"
    do_zh = "删去。"
    do_en = "Take it out."
    patterns = (r"(?:市场(?:占有率|份额)|行业排名|销量排名|全国排名|百强|500强|五百强)[^。;]{0,16}(?:不低于|前[0-9一二三五十百]|以上|企业|加分|[0-9]分|达到)",)


class Address(Phrase):
    """注册地."""

    id, law = "address", _FC6
    zh, en = "以注册地、住所作为条件", "asks for a registered address in the place"
    do_zh = "删去注册地限定。"
    do_en = "Take the limit out."
    patterns = (r"(?:注册地|注册地址|工商注册地|住所地|住所|营业地|总部)[^。,;]{0,6}(?:在|为|须在|应在|必须在|位于|须为|应为)[^。,;]{0,4}" + PLACE,
                r"(?:须|应|必须)[^。,;]{0,4}(?:为|是|系)?" + PLACE + r"[^。,;]{0,4}(?:注册|登记)的?(?:企业|公司|法人|独立法人)")


class Brand(Phrase):
    """品牌、商标."""

    id, law = "brand", "实施条例 32(五); 招标投标法 20"
    zh, en = "指定品牌、商标", "names a brand"
    do_zh = "写明技术参数；确需引用品牌的，注明“或相当于”。"
    do_en = "State the technical need; where a brand must be named, add 'or equivalent'."
    patterns = (r"(?:采用|选用|使用|指定|须为|应为|必须为|限用|仅限)[^。,;:]{0,14}(?!(?:国家|行业|任意|何种|统一))[一-龥a-z0-9]{2,10}(?<!名)(?<!商)牌(?!照|匾|子|坊|楼|号)",
                r"(?:指定|限定|必须|须|应|只能|仅)(?:采用|选用|使用|为)?[^。,;]{0,14}(?:品牌|商标)",
                r"品牌(?:要求|型号)?(?::|为)[^。,;]{2,24}")
    unless = r"或(?:者)?(?:同等|相当|等效)|相当于|同等(?:及|或)?(?:以上)?(?:档次|质量|品质|性能|品牌|产品)|不低于[^。]{0,10}(?:档次|性能|标准)|品牌由投标人|自行(?:选择|填报|确定)|标牌|标志牌|指示牌|警示牌|公示牌|铭牌|门牌|路牌|站牌|围挡牌|号牌|挂牌|揭牌|七牌|五牌|填报[^。]{0,8}品牌|品牌(?:一栏|栏)"


class Patent(Phrase):
    """专利."""

    id, law = "patent", "实施条例 32(五)"
    zh, en = "限定专利、专有技术", "asks for a patent"
    do_zh = "改写为功能和性能要求。"
    do_en = "State what it must do instead."
    patterns = (r"(?:具有|具备|拥有|提供|持有|采用|使用|获得)[^。,;]{0,12}(?:专利(?:证书|权|技术)?|软件著作权|专有技术|国家级工法)[^。;]{0,24}(?:加分|得[0-9]|[0-9]分|方可|否则|必须|证明|产品)",
                r"(?:须|必须|应|要求)[^。,;]{0,8}(?:具有|具备|拥有|提供|持有|采用|使用)[^。,;]{0,12}(?:专利|专有技术|软件著作权)")
    unless = r"侵犯|侵权|知识产权[^。]{0,12}(?:责任|纠纷)"


class Origin(Phrase):
    """原产地."""

    id, law = "origin", "实施条例 32(五)"
    zh, en = "限定原产地", "names an origin"
    do_zh = "改写为技术和质量要求。"
    do_en = "State technical and quality needs instead."
    patterns = (r"原产地?(?:须|应|必须)?(?:为|是|在|限)[^。,;]{1,12}", r"(?:须|必须|应|仅限|限)(?:为|采用|选用|使用)?[^。,;]{0,6}(?:原装进口|进口产品|进口设备|国外原装|欧美|德国|日本|美国|意大利)[^。,;]{0,8}(?:产品|设备|品牌|生产|制造|材料|原装|$)")
    unless = r"或相当|同等"


class Supplier(Phrase):
    """指定供应商."""

    id, law = "supplier", "实施条例 32(五)"
    zh, en = "指定供应商或要求厂家授权", "names a supplier, or asks for a maker's authority"
    do_zh = "删去指定；厂家授权不得作为施工投标的条件。"
    do_en = "Do not name one; a maker's letter is no condition of bidding for works."
    patterns = (r"(?:须|必须|应|只能|仅限|指定)(?:由|向|从|在)[^。,;]{2,24}(?:公司|厂|供应商|经销商|商行)[^。,;]{0,6}(?:采购|购买|供应|供货|提供|生产)",
                r"(?:提供|具有|具备|出具|取得)[^。,;]{0,10}(?:生产厂家|制造商|原厂|厂商|生产商|厂家)[^。,;]{0,10}(?:授权书|授权函|专项授权|授权证明|唯一授权)")


class Association(Phrase):
    """协会会员."""

    id, law = "association", _FC6
    zh, en = "要求协会会员资格", "asks for membership of an association"
    do_zh = "删去。"
    do_en = "Take it out."
    patterns = (r"(?:协会|商会|学会|联合会)[^。,;]{0,10}(?:会员|理事|副会长)[^。;]{0,16}(?:单位|资格|证书|证|加分|[0-9]分|方可|企业)",
                r"(?:须|必须|应)[^。,;]{0,6}(?:加入|参加)[^。,;]{0,12}(?:协会|商会|学会|联合会)")
    unless = r"(?:优质工程|鲁班奖|奖项)[^。]{0,10}(?:颁发|评选)"


class LocalTraining(Phrase):
    """本地培训证."""

    id, law = "local.training", _FC6
    zh, en = "要求本地的培训、考试证明", "asks for a certificate of local training"
    do_zh = "删去；国家规定的执业资格全国有效。"
    do_en = "Take it out; qualifications set by the state hold everywhere."
    patterns = (PLACE + r"[^。,;]{0,20}(?:培训|考试|考核|继续教育)[^。,;]{0,10}(?:合格证|证书|证明|上岗证|结业证)",)
    unless = r"(?:省|市)级(?:及)?以上(?:建设|住房)|安全生产考核合格证"


class LegalRepresentative(Phrase):
    """法定代表人到场."""

    id, law = "attendance", "1117号 3; 公平竞争审查规则 7"
    zh, en = "强制法定代表人或项目负责人到场", "makes the legal representative come in person"
    do_zh = "允许委托代理人；网上开标无须到场。"
    do_en = "Let an agent come; at an online opening nobody need come."
    patterns = (r"(?:法定代表人|法人代表|企业负责人|董事长|总经理|项目经理|项目负责人)[^。,;]{0,8}(?:必须|须|应当|应|需)(?:亲自|本人|携带|持)?[^。,;]{0,14}(?:到场|到开标现场|出席|参加开标|参加踏勘|到会|现场|签到|购买招标文件|领取)",
                r"(?:法定代表人|法人代表|项目经理|项目负责人)(?:本人)?(?:未|不)(?:亲自)?(?:到场|出席|参加开标|到会)[^。;]{0,20}(?:否决|无效|拒收|拒绝|废标|视为)")
    unless = r"或(?:其)?(?:委托|授权)(?:代理人|代表|的代理人)|施工(?:期间|过程)|驻(?:现)?场|在岗|合同履行"


class CreditCertificate(Phrase):
    """信用等级证书."""

    id, law = "certificate", "公平竞争审查规则 7; 实施条例 32(二)"
    zh, en = "以非国家强制的评级、证书作为条件或加分", "counts ratings that no law asks for"
    do_zh = "改用国家统一的信用信息；不指定评级机构和等级。"
    do_en = "Use the state's public credit records and name no agency's rating."
    severity = DOUBT
    patterns = (r"(?:aaa|aa)级?[^。;]{0,12}(?:信用|资信|企业|等级|证书)[^。;]{0,16}(?:加分|[0-9]分|须|必须|方可|具有|得)?",
                r"(?:守合同重信用|重合同守信用)[^。;]{0,16}(?:加分|[0-9]分|企业|证书|称号)",
                r"(?:驰名商标|著名商标|名牌产品|高新技术企业)[^。;]{0,14}(?:加分|[0-9]分|须|必须|方可)")


class CancelledLicence(Phrase):
    """已取消的资质."""

    id, law = "cancelled_licence", "1117号 3; 公平竞争审查规则 6"
    zh, en = "要求国家已经取消的资质、资格", "asks for a licence that the state abolished"
    do_zh = "删去；该资质已由国家取消。"
    do_en = "Take it out; it exists no more."
    patterns = (r"(?:城市)?园林绿化(?:企业|施工|工程施工)?(?:[一二三123]级)?资质", r"物业(?:服务|管理)企业(?:[一二三123]级)?资质",
                r"(?:工程)?招标代理(?:机构)?(?:甲级|乙级|暂定级)?资格(?:证书|等级)?", r"计算机信息系统集成(?:企业)?资质", r"(?:工程)?造价咨询企业(?:甲级|乙级)资质",
                r"建筑智能化[^。,;]{0,6}设计与施工(?:一体化)?资质")
