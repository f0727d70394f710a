"""The words with which this book says no about the signatures of those who publish."""

from kernel.refusal import Word

SIGNATURE_WRONG = Word(
    "notice.signature-wrong", 422, "电子签名法 13; 电子招标投标办法 40",
    "签名与应签内容不符：须由所示密钥签署本公告（摘要 {content_hash}）的 {role} 陈述。",
    "The signature does not fit: that key must sign the statement of role {role} over this notice's"
    " content {content_hash}.",
    "请重新读取应签内容后再签名；替他人、他版本或他角色签的一律不算。",
    "Read what is to be signed again and sign that; what was signed for another notice, version or"
    " role does not count.",
)
SIGNER_UNKNOWN = Word(
    "notice.signer-unknown", 422, "电子签名法 13, 15",
    "该密钥没有登记在您名下，或已撤销。", "You have not registered this key, or it is revoked.",
    "请用您本人登记且未撤销的密钥；在“签名密钥”登记。",
    "Use a key that you registered yourself and that stands, or register one under “Signing keys”.",
)
SIGNER_COOLS = Word(
    "notice.signer-cools", 409, "电子签名法 15",
    "该密钥仍在冷却，{until} 起才能签名。", "This key still cools and signs nothing before {until}.",
    "请用较早登记的密钥，或等冷却期满。", "Use an older key, or wait until then.",
)
SIGNER_CERTIFICATE = Word(
    "notice.signer-certificate", 422, "电子签名法 13, 16",
    "该数字证书此刻不能为贵单位签名：{problem}。",
    "This certificate cannot sign for your unit at this moment: {problem}.",
    "请使用受信任机构签发、载明本单位代码的有效证书。",
    "Use a valid certificate of a believed authority that names your unit's code.",
)
SIGNATURE_TIME = Word(
    "notice.signature-time", 422, "电子签名法 13",
    "签名陈述的时间 {at} 与现在 {now} 相差超过 15 分钟。",
    "The time stated in the signature, {at}, is more than 15 minutes off; it is {now}.",
    "请重新签名。", "Sign it anew.",
)
SIGNATURE_NEEDED = Word(
    "notice.signature-needed", 409, "电子招标投标办法 40; 规则 notice.signatures",
    "该标段适用的规则要求以个人密钥签名后才能发布，缺少：{roles}。",
    "The rules of this place ask for signatures by personal keys before it is published; missing:"
    " {roles}.",
    "请先在“签名密钥”登记本人密钥；提交人在提交后签名，批准人在批准时签名。",
    "Register a key of your own under “Signing keys”; who submitted signs what was submitted, and who"
    " approves signs with the approval.",
)
SIGNER_OTHER = Word(
    "notice.signer-other", 409, "电子签名法 13",
    "只有提交人本人能以提交人身份签名。", "Only the person who submitted it signs as that person.",
    "请提交人本人登录签名；批准人在批准时签名。",
    "Let that person sign in and sign; who approves signs with the approval.",
)
SIGNED_TWICE = Word(
    "notice.signed-already", 409, "电子签名法 13",
    "该提交已用此密钥签名，或两人使用了同一密钥。",
    "This submission is signed by that key already, or one key was used for two persons.",
    "两人应各用自己的密钥。", "Each of the two persons uses a key of their own.",
)
