"""The words of refusal of the sealed bid and its opening."""

from kernel.refusal import Word

LATE = Word(
    "bid.late", 409, "招标投标法 28; 实施条例 36; 电子招标投标办法 27",
    "投标截止时间为 {deadline}，平台在 {received_at} 完整收到，已逾期，拒收。",
    "The deadline was {deadline}; this was completely received at {received_at}, which is late.",
    "本次未被接收；截止前已完整收到的版本仍然有效，凭拒收凭证可提出异议。",
    "Nothing of this was taken. A version received in full before the deadline still stands; keep the promise of refusal as evidence.",
)
NOT_SEALED = Word(
    "bid.not-sealed", 422, "电子招标投标办法 26; 实施条例 36",
    "文件未按要求加密：{problem}。未保存任何内容。", "The file is not sealed as required: {problem}. Nothing of it was kept.",
    "请用投标客户端加密后再上传。", "Seal it with the tenderer's program, then send it again.",
)
MALFORMED_DECLARATION = Word(
    "bid.declaration-malformed", 422, "电子招标投标办法 26",
    "投标声明的 {field} 不符合格式：{problem}。", "The declaration's {field} is not of the format: {problem}.",
    "请使用最新的投标客户端重新生成声明。", "Make the declaration again with a current tenderer's program.",
)
OTHER_SUBJECT = Word(
    "bid.declared-elsewhere", 422, "电子招标投标办法 26",
    "投标声明的 {field} 与本标段或投标人不一致。", "The declaration's {field} is not that of this lot or company.",
    "请核对公告，重新密封。", "Check the notice and seal the bid for this lot.",
)
WRONG_SUITE = Word(
    "bid.wrong-suite", 422, "电子招标投标办法 26",
    "公告规定的密码套件为 {required}。", "The notice requires the suite {required}.",
    "请按公告的套件重新密封。", "Seal the bid again in that suite.",
)
WRONG_POLICY = Word(
    "bid.wrong-policy", 422, "电子招标投标办法 26",
    "开启策略与公告不一致。", "The access policy is not that of the notice.",
    "请按公告中的策略（policy_hash）重新密封。", "Pin the policy of the notice (policy_hash) and seal again.",
)
WRONG_SHARES = Word(
    "bid.shares-incomplete", 422, "电子招标投标办法 26",
    "{part} 部分的密钥份额与策略不符：{problem}。", "The key shares of part {part} do not follow the policy: {problem}.",
    "请重新密封，附上每位开标人员的份额。", "Seal again and send every official's share.",
)
WRONG_SIGNATURE = Word(
    "bid.signature-wrong", 422, "电子招标投标办法 40",
    "签名与声明不符。", "The signature is not over these bytes.",
    "请用已登记的签名密钥重新签名。", "Sign again with a registered signing key.",
)
UNKNOWN_KEY = Word(
    "bid.key-unknown", 422, "电子招标投标办法 40",
    "签名密钥未登记在本单位名下，或已被撤销。", "The signing key is not registered for this company, or was revoked.",
    "请先登记签名密钥（POST /api/v1/signing-keys）。", "Register the signing key first (POST /api/v1/signing-keys).",
)
OTHER_KEY = Word(
    "bid.other-key", 403, "招标投标法 29; 电子招标投标办法 27",
    "只有签署该版本的密钥，或本单位的 CA 证书，才能替换或撤回它。",
    "Only the key that signed that version, or a certificate of the same company, may replace or withdraw it.",
    "请使用原签名密钥或本单位证书。", "Use the signing key of that version, or a certificate of the company.",
)
KEY_COOLING = Word(
    "bid.key-cooling", 409, "电子签名法 15; 电子招标投标办法 40",
    "新登记的签名密钥须冷却至 {usable_at} 方可签署投标；本单位原密钥持有人已收到通知。",
    "A newly registered signing key may sign bids from {usable_at} on; the holders of the company's older keys are told.",
    "请使用原有密钥或本单位 CA 证书。", "Use an older key, or a certificate of the company.",
)
BAD_CERTIFICATE = Word(
    "bid.certificate-refused", 422, "电子签名法 13, 16; 电子招标投标办法 40",
    "签名证书不予采信：{problem}。", "The signer's certificate does not count: {problem}.",
    "请使用受信任机构签发、在有效期内且载有本单位统一社会信用代码的签名证书。",
    "Use a valid signing certificate of a trusted authority that names your company's credit code.",
)
TOO_LARGE = Word(
    "bid.too-large", 413, "电子招标投标办法 26",
    "{part} 部分超过上限 {limit} 字节。", "Part {part} is larger than the limit of {limit} bytes.",
    "请压缩或精简文件。", "Make the files smaller.",
)
TOO_MANY = Word(
    "bid.too-many", 409, "—",
    "本单位在该标段的声明次数已达上限 {limit}。", "This company has declared {limit} times in this lot, the most allowed.",
    "请继续完成已有的声明。", "Complete a declaration that is already there.",
)
TOO_MUCH = Word(
    "bid.too-much", 413, "—",
    "本单位在该标段已声明 {used} 字节，连同本次超过上限 {limit} 字节。", "This company has declared {used} bytes in this lot; with this it would be beyond the limit of {limit}.",
    "请继续完成已有的声明，或精简文件。", "Complete a declaration that is already there, or make the files smaller.",
)
FULL = Word(
    "upload.full", 507, "—",
    "平台存储空间即将用尽，暂不接收新的投标声明；已声明的可继续上传。", "The platform's storage is nearly full; no new declarations are taken, those already made can go on.",
    "请稍后重试，或联系平台运维。", "Try again later, or tell the operator.",
)
STORAGE = Word(
    "upload.storage", 507, "—",
    "平台未能保存收到的内容，未做任何更改。", "The platform could not store what it received; nothing was changed.",
    "请稍后从已收到的位置继续。", "Go on a little later from where it stands.",
)
ID_TAKEN = Word(
    "bid.id-taken", 409, "—",
    "该投标编号或版本已被使用。", "This bid id or version is already in use.",
    "请用新的编号重新密封。", "Seal again under a fresh id.",
)
ALREADY_STANDING = Word(
    "bid.already-standing", 409, "招标投标法 29; 实施条例 34",
    "本单位在该标段已有一份有效投标。", "A bid of this company already stands in this lot.",
    "请替换或撤回现有投标。", "Replace or withdraw the bid that stands.",
)
NOT_STANDING = Word(
    "bid.not-standing", 409, "招标投标法 29",
    "没有可替换或撤回的有效投标。", "There is no standing bid to replace or withdraw.",
    "请查看投标当前状态。", "Look at the bid's present state.",
)
NOT_THE_LAST = Word(
    "bid.not-the-last", 409, "招标投标法 29",
    "声明所替换的不是当前有效版本 {version}。", "What is named is not the version that stands, {version}.",
    "请以当前有效版本为准重新声明。", "Name the version that stands and declare again.",
)
WRONG_BLOCK = Word(
    "bid.block-wrong", 422, "电子招标投标办法 26",
    "第 {block} 块不正确：{problem}。", "Block {block} is wrong: {problem}.",
    "每次请求至少发送一个完整的块（4 MiB，末块除外）。", "Send at least one whole block (4 MiB, save the last) in a request.",
)
OFFSET = Word(
    "upload.offset", 409, "—",
    "本部分已收到 {offset} 字节，与所给偏移不符。", "Of this part {offset} bytes are here, which is not the offset given.",
    "请从该偏移继续。", "Go on from that offset.",
)
TUS_VERSION = Word(
    "upload.protocol", 412, "—",
    "此地址使用 tus {version} 协议（Tus-Resumable）。", "This address speaks tus {version} (Tus-Resumable).",
    "请使用支持该版本的客户端。", "Use a client that speaks this version.",
)
CHECKSUM = Word(
    "upload.checksum", 460, "—",
    "收到的内容与 Upload-Checksum 不符，未保存。", "What arrived does not have its Upload-Checksum; nothing of it was kept.",
    "请重新发送这一段。", "Send this piece again.",
)
OTHER_BYTES = Word(
    "bid.ciphertext-differs", 422, "电子招标投标办法 26, 27",
    "{part} 部分的摘要与声明不一致，未作为投标接收。", "Part {part} does not have the declared hash; the bid is not yet received.",
    "本部分从头开始，请重新上传。", "This part begins anew; send it again from its first byte.",
)
TOO_MUCH_WASTED = Word(
    "bid.too-much-wasted", 409, "—",
    "本版本已有 {wasted} 字节上传后作废，超过上限，不再接收内容。", "Of this version {wasted} bytes were sent that came to nothing; it takes no more.",
    "请重新密封并声明新版本。", "Seal again and declare a new version.",
)
VERSION_CLOSED = Word(
    "bid.version-closed", 409, "电子招标投标办法 27",
    "该版本已不再接收内容（{state}）。", "This version takes no more bytes ({state}).",
    "请查看投标当前状态。", "Look at the bid's present state.",
)
NOT_OPENER = Word(
    "official.not-opener", 422, "电子招标投标办法 29",
    "该账号没有开标人员角色。", "This account does not hold the role of an opening official.",
    "请先由安全管理员授予并批准角色。", "Have the role granted and approved first.",
)
UNIT_FULL = Word(
    "official.unit-full", 409, "电子招标投标办法 29",
    "同一单位至多指派 {limit} 名（少于开启所需人数）。",
    "At most {limit} may come from one unit: fewer than are needed to open.",
    "请改派其他单位的人员。", "Assign somebody of another unit.",
)
SEATS_FULL = Word(
    "official.seats-full", 409, "电子招标投标办法 29",
    "该标段的席位已满。", "All seats of this lot are taken.",
    "请先在准备阶段撤换一人，或修改开启权限设置。",
    "Take one away while the lot is in preparation, or change its access terms.",
)
ALREADY_ASSIGNED = Word(
    "official.already-assigned", 409, "电子招标投标办法 29",
    "此人已被指派。", "This person is already assigned.",
    "请改派他人。", "Assign somebody else.",
)
KEY_REGISTERED = Word(
    "holder-key.registered", 409, "电子招标投标办法 29",
    "开启密钥已登记。", "An opening key is already registered.",
    "请使用已登记的密钥；若已遗失，请在发布前指明更换。",
    "Use the key that is registered; if it is lost, replace it by name before publication.",
)
KEY_MALFORMED = Word(
    "holder-key.malformed", 422, "电子招标投标办法 29",
    "不是本套件的 age 接收方。", "Not an age recipient of this suite.",
    "请用开标人员程序生成密钥。", "Make the key with the official's program.",
)
KEY_CERTIFIED = Word(
    "holder-key.certified", 409, "电子招标投标办法 29",
    "该密钥已经认证。", "This key is already certified.",
    "无需再次认证。", "It need not be certified again.",
)
KEYS_MISSING = Word(
    "holder-key.missing", 409, "电子招标投标办法 29; 招标投标法 36",
    "标段 {lot} 须有 {officials} 名开标人员和 {clocks} 个时钟持有者，密钥均须认证；现已认证 {certified} 个。",
    "Lot {lot} needs {officials} officials and {clocks} clock holders with certified keys; {certified} are certified.",
    "请完成指派、登记和认证后再发布。", "Assign, register and certify, then publish.",
)
KEYS_UNREHEARSED = Word(
    "holder-key.unrehearsed", 409, "电子招标投标办法 29; 规则 Q29",
    "标段 {lot} 有 {missing} 个开启密钥未通过演练，不得发布。",
    "Lot {lot} has {missing} opening keys that have not passed their rehearsal; it is not published.",
    "请各持有者运行 yangguang holder rehearse。", "Each holder runs yangguang holder rehearse.",
)
NOT_CLOCK = Word(
    "official.not-clock", 422, "电子招标投标办法 29",
    "时钟持有者须属于对本项目有管辖权的监督机构。",
    "A clock holder belongs to the supervisor in whose region the tender lies.",
    "请指派监督机构的服务账号。", "Assign the supervisor's service account.",
)
REHEARSAL_NONCE = Word(
    "rehearsal.nonce", 409, "规则 Q29",
    "该随机数已用过。", "This nonce was used before.",
    "请用新的随机数重新演练。", "Rehearse again with a new nonce.",
)
REHEARSAL_WRONG = Word(
    "rehearsal.wrong", 422, "规则 Q29",
    "答复不是为该随机数封装的份额。", "The answer is not the share that was wrapped for this nonce.",
    "请核对密钥后重新演练；密钥遗失的请在发布前更换。",
    "Check the key and rehearse again; a lost key is replaced before publication.",
)
REHEARSAL_MANY = Word(
    "rehearsal.many", 429, "规则 Q29",
    "该密钥演练次数过多。", "This key has been rehearsed too often.",
    "请更换密钥。", "Replace the key.",
)
TOO_FEW = Word(
    "opening.too-few", 409, "招标投标法 28; 实施条例 44",
    "投标人不足三个，不得开标。", "Fewer than three tenderers: nothing may be opened.",
    "应当重新招标。", "The buyer tenders again.",
)
TOO_EARLY = Word(
    "opening.too-early", 409, "招标投标法 34",
    "开标时间为 {opening_at}。", "The opening is at {opening_at}.",
    "请在开标时间后操作。", "Come back at the published time.",
)
SHARES_GIVEN = Word(
    "opening.shares-given", 409, "电子招标投标办法 29",
    "该持有人已提交过份额。", "This holder has already given its shares.",
    "无需再次提交。", "They need not be given again.",
)
SHARE_UNKNOWN = Word(
    "opening.share-unknown", 422, "电子招标投标办法 29",
    "份额不属于本次授权开启的投标或本持有人：{problem}。", "A share is not for a bid of this authorisation or not this holder's: {problem}.",
    "请只提交授权范围内的份额。", "Give only the shares that were authorised.",
)
SHARE_WRONG = Word(
    "opening.share-wrong", 422, "电子招标投标办法 29, 31",
    "{parts} 的份额与声明的摘要不符。", "The share of {parts} does not have the declared hash.",
    "请使用该版本的密钥文件重试。", "Try again with the key file of that version.",
)
NOT_DUE = Word(
    "opening.not-due", 409, "电子招标投标办法 30",
    "解密时间未到且份额未齐。", "The window is still open and shares are still awaited.",
    "请等待。", "Wait.",
)
WINDOW_OVER = Word(
    "opening.window-over", 409, "电子招标投标办法 30, 31",
    "解密时间已于 {ends_at} 结束。", "The window to decrypt ended at {ends_at}.",
    "未开启的投标按办法第三十一条处理。", "A bid that was not opened is dealt with under article 31.",
)
RECORD_DIFFERS = Word(
    "opening-record.differs", 409, "电子招标投标办法 32",
    "所签内容不是当前开标记录。", "What was signed is not the opening record.",
    "请重新读取开标记录后签署。", "Read the opening record again, then sign.",
)
RECORD_SIGNED = Word(
    "opening-record.signed", 409, "电子招标投标办法 32",
    "您已签署开标记录。", "You have already signed the opening record.",
    "无需再次签署。", "It need not be signed again.",
)
NOT_OPENED = Word(
    "bid.not-opened", 409, "电子招标投标办法 31",
    "该投标未能开启。", "This bid could not be opened.",
    "请查看开标记录所载原因。", "See the reason in the opening record.",
)
DAMAGED = Word(
    "bid.damaged", 503, "电子招标投标办法 13",
    "所存文件与其摘要不符，不予显示。", "What is stored does not have its hash; it is not shown.",
    "请联系平台运维。", "Tell the operator.",
)
ALREADY = Word(
    "bid.already-done", 409, "—",
    "此步骤已完成。", "This step is already done.",
    "请刷新后查看当前状态。", "Look at the present state.",
)
CLOSE_UNWITNESSED = Word(
    "opening.close-unwitnessed", 409, "电子招标投标办法 27; 招标投标法 36",
    "截止尚无足够见证人按时见证，不得开标。",
    "No quorum of witnesses has seen the close in time; nothing is opened yet.",
    "由招标人提议、监督机构批准：维持截止，或恢复截止时间。",
    "The buyer proposes and the supervisor approves: that the close stands, or a later deadline.",
)
CLOSE_LATE = Word(
    "lot.close-late", 409, "招标投标法 24, 28; 电子招标投标办法 27",
    "截止时平台未能运行，或恢复截止时间的提议待决；投标人不足三个暂不作流标处理。",
    "The platform was away at the deadline, or a later one is proposed; too few bids fail nothing yet.",
    "由招标人提议、监督机构批准：恢复截止时间，或维持截止。",
    "The buyer proposes and the supervisor approves: a later deadline, or that the close stands.",
)
ONE_ENVELOPE = Word(
    "opening.one-envelope", 409, "电子招标投标办法 29",
    "本标段不是双信封，报价已在开标时开启。", "This lot has one envelope; its prices were opened at the opening.",
    "无需操作。", "Nothing need be done.",
)
SHEETS_AWAITED = Word(
    "opening.sheets-awaited", 409, "电子招标投标办法 29; 招标投标法 40",
    "技术评分尚未全部签署，不得开启报价。", "Not all technical sheets are signed; no price may be opened.",
    "请等待评标委员会签署技术评分。", "Wait until the panel has signed them.",
)
FAULTS_AWAITED = Word(
    "opening.faults-awaited", 409, "电子招标投标办法 31",
    "有未能开启的投标，尚待招标人认定原因。", "Bids that could not be opened wait for the buyer's decision.",
    "请先逐一认定。", "Decide on each first.",
)
NOT_HEARD = Word(
    "opening.not-heard", 409, "电子招标投标办法 31",
    "投标人可陈述至 {heard_until}，此前不得认定。", "The tenderer may speak until {heard_until}; nothing is decided before.",
    "请等待陈述或时限届满。", "Wait for its statement, or until then.",
)
HEARING_OVER = Word(
    "opening.hearing-over", 409, "电子招标投标办法 31",
    "陈述时限已过或已陈述。", "The time to speak is over, or it was used.",
    "如不服认定，可提出异议。", "Object to the decision if you disagree.",
)
NOT_DECIDED = Word(
    "opening.fault-undecided", 409, "电子招标投标办法 31",
    "尚未认定，无从提出异议；或已提出过。", "Nothing is decided yet, or you have objected already.",
    "请等待认定。", "Wait for the decision.",
)
PLAIN_DIFFERS = Word(
    "opening.plain-differs", 422, "电子招标投标办法 31",
    "补救文件与投标时承诺的清单不符：{problem}。未采用。",
    "The plain file is not what the declaration committed to: {problem}. It was not taken.",
    "请提交密封时的原文件和清单。", "Send the very files and manifest that were sealed.",
)
NOT_YOURS = Word(
    "opening.not-yours", 409, "电子招标投标办法 29",
    "每人只提交自己的份额；授权由开标人员作出。",
    "Everybody gives his own shares only; the opening officials authorise.",
    "请由本人操作。", "Leave it to whose it is.",
)
