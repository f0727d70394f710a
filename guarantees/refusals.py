"""What guarantees refuse, each with its article and what to do next."""

from __future__ import annotations

from kernel.refusal import Word

UNREADABLE = Word(
    "guarantee.unreadable", 422, "最高法独立保函规定 3",
    "保函或缴款凭证的内容不可读：{problem}。", "The instrument cannot be read: {problem}.",
    "请提交保函机构原样签发的文件。", "Submit the instrument exactly as the guarantor issued it.",
)
UNKNOWN_GUARANTOR = Word(
    "guarantee.unknown-guarantor", 422, "实施条例 26",
    "平台没有登记代码为 {uscc} 的保函机构。", "No guarantor with the code {uscc} is registered here.",
    "请使用已登记机构的保函，或请该机构先登记。",
    "Use an instrument of a registered guarantor, or ask yours to register first.",
)
FORGED = Word(
    "guarantee.forged", 422, "电子招标投标办法 40",
    "保函的签名与登记机构的公钥不符。", "The signature is not that of the registered guarantor.",
    "请向保函机构核实后重新提交。", "Check with the guarantor and submit the instrument again.",
)
NOT_LONGER = Word(
    "guarantee.not-longer", 422, "实施条例 26; 工程建设项目施工招标投标办法 29",
    "该保函并未延长：现有有效期至 {valid_until}。",
    "This instrument lasts no longer than the one that stands (until {valid_until}).",
    "请向保函机构取得延期后的保函。", "Ask the guarantor for one with a later end.",
)
OTHER_TERMS = Word(
    "guarantee.other-terms", 422, "实施条例 26; 工程建设项目施工招标投标办法 29",
    "延期保函除有效期外须与原保函一致（编号、金额、申请人、受益人、标段）。",
    "But for its end a prolonged instrument says what the one before said: number, sum, applicant, "
    "beneficiary, lot.",
    "请请保函机构按原保函重新签发。", "Ask the guarantor to sign the same instrument anew.",
)
NOT_YOURS = Word(
    "guarantee.not-yours", 403, "实施条例 26",
    "保函的申请人或出具人不是提交者。", "The submitter is neither this instrument's applicant nor its guarantor.",
    "请提交以本单位为申请人的保函。", "Submit an instrument whose applicant is your own company.",
)
WRONG_LOT = Word(
    "guarantee.wrong-lot", 422, "实施条例 26",
    "保函所写的项目或标段不是本标段。", "The instrument names another tender or lot.",
    "请请保函机构按本标段重新出具。", "Ask the guarantor to issue one for this lot.",
)
WRONG_BENEFICIARY = Word(
    "guarantee.wrong-beneficiary", 422, "实施条例 26",
    "保函的受益人不是本项目招标人。", "The beneficiary is not this tender's buyer.",
    "请请保函机构更正受益人后重新出具。", "Ask the guarantor to issue it in the buyer's favour.",
)
KIND_NOT_ACCEPTED = Word(
    "guarantee.kind-not-accepted", 422, "实施条例 26",
    "招标文件未列 {kind} 这种保证金形式。", "The bidding documents do not list the kind {kind} of bid guarantee.",
    "请按招标文件所列形式提交：{kinds}。", "Use one of the listed kinds: {kinds}.",
)
NOT_REQUIRED = Word(
    "guarantee.not-required", 409, "实施条例 26",
    "本标段不要求投标保证金。", "This lot asks for no bid guarantee.",
    "无需提交。", "There is nothing to lodge.",
)
TOO_SMALL = Word(
    "guarantee.too-small", 422, "实施条例 26",
    "金额 {amount_fen} 分低于要求的 {required_fen} 分。",
    "The amount, {amount_fen} fen, is below the required {required_fen} fen.",
    "请提交足额的保函。", "Lodge an instrument of the full amount.",
)
TOO_SHORT = Word(
    "guarantee.too-short", 422, "实施条例 25, 26",
    "保函有效期至 {valid_until}，早于投标有效期届满日 {needed_until}。",
    "The instrument is valid until {valid_until}, before the bid validity ends on {needed_until}.",
    "请请保函机构延长有效期后重新出具。", "Ask the guarantor for one valid at least as long as the bid.",
)
NOT_YET = Word(
    "guarantee.not-yet", 422, "实施条例 26",
    "保函签发日或款项到账日在将来。", "The instrument was issued, or the money received, in the future.",
    "请核对日期后重新提交。", "Check the dates and submit it again.",
)
ALREADY_LODGED = Word(
    "guarantee.already-lodged", 409, "实施条例 26",
    "此保函编号已提交过。", "This instrument number has been lodged already.",
    "请查看本单位的保证金，或提交新的保函。", "Look at your guarantees, or lodge a new instrument.",
)
ONE_STANDING = Word(
    "guarantee.one-standing", 409, "实施条例 26",
    "同一投标人在一个标段只能有一份有效保证金。", "A tenderer has one standing bid guarantee per lot.",
    "请刷新后查看。", "Reload and look at the one that stands.",
)
RELEASE_EXISTS = Word(
    "release.exists", 409, "实施条例 57",
    "此保证金的退还已安排，不可重复。", "The release of this guarantee is already scheduled; there is only one.",
    "请查看退还状态。", "Look at the state of the release.",
)
RELEASE_NOT_DUE = Word(
    "release.not-due", 409, "实施条例 57",
    "退还尚未到日。", "The release is not due yet.",
    "到日由平台自动办理。", "The platform does it by itself when the day comes.",
)
NO_RELEASE = Word(
    "release.not-ordered", 409, "实施条例 57",
    "平台尚未发出此保证金的退还指令。", "The platform has not ordered this guarantee's release.",
    "请等待退还指令。", "Wait for the release order.",
)
CONFIRMED = Word(
    "release.confirmed", 409, "实施条例 57",
    "此退还已于 {at} 确认。", "This release was already confirmed at {at}.",
    "无需再做。", "There is nothing left to do.",
)
CONFIRMATION_FORGED = Word(
    "release.forged", 422, "电子招标投标办法 40",
    "退还回执的签名与登记机构的公钥不符。", "The confirmation is not signed by the registered guarantor.",
    "请用登记的密钥签名。", "Sign it with the registered key.",
)
CONFIRMATION_DIFFERS = Word(
    "release.differs", 422, "实施条例 57",
    "退还回执与退还指令不一致：{field}。", "The confirmation differs from the order in {field}.",
    "请核对金额、收款人与编号。", "Check amount, payee and numbers.",
)
BAD_ADDRESS = Word(
    "guarantor.bad-address", 422, "电子招标投标办法 40",
    "保函机构接口地址不可用：{problem}。", "The guarantor's address cannot be used: {problem}.",
    "请登记 https 地址。", "Register an https address.",
)
BAD_KEY = Word(
    "guarantor.bad-key", 422, "电子签名法 13",
    "保函机构公钥不是 32 字节的 Ed25519 公钥。", "The guarantor's key is not a 32-byte Ed25519 public key.",
    "请核对公钥。", "Check the public key.",
)
NOT_A_GUARANTOR = Word(
    "guarantor.wrong-kind", 422, "实施条例 26",
    "该单位未登记为保函机构。", "This party is not registered as a guarantor.",
    "请先登记为保函机构。", "Register it as a guarantor first.",
)
RECONCILED = Word(
    "reconciliation.done", 409, "实施条例 57",
    "{day} 已与该担保机构对账。", "This guarantor's ledger was compared with ours on {day} already.",
    "无需再次对账。", "Nothing to do until tomorrow.")
