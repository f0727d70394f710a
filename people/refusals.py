"""The words of refusal about people, sessions and the form of requests."""

from kernel.refusal import Word

SIGN_IN = Word(
    "session.needed", 401, "电子招标投标办法 14",
    "此操作需要先登录。", "This needs a signed-in user.",
    "请登录后重试。", "Sign in (POST /api/v1/session), then try again.",
)
REASON_NEEDED = Word(
    "access.reason-needed", 400, "网络安全法 21; 个人信息保护法 51",
    "查阅此类信息须说明理由，并记入安全日志。",
    "What is asked for here is read for a stated reason only; who read it, and why, is recorded.",
    "请在请求头 Access-Reason 中写明理由（4 至 200 字，UTF-8 百分号编码）后重试。",
    "Give the reason in the header Access-Reason (4 to 200 characters, UTF-8, percent-encoded).",
)
SESSION_ENDED = Word(
    "session.ended", 401, "等保 L3-CES1-02",
    "登录已失效。", "The session or token is no longer valid.",
    "请重新登录。", "Sign in again.",
)
SIGN_IN_FAILED = Word(
    "session.refused", 401, "等保 L3-CES1-01",
    "登录未成功。", "Signing in did not succeed.",
    "请核对登录名、密码和动态口令；动态口令每个只能使用一次。",
    "Check login, password and one-time code; each code counts once.",
)
SECOND_FACTOR = Word(
    "session.second-factor", 401, "等保 L3-CES1-04",
    "动态口令不正确或已使用。", "The one-time code is wrong or was already used.",
    "请等待下一个动态口令后重试。", "Wait for the next code and try again.",
)
NO_SECOND_FACTOR = Word(
    "session.no-second-factor", 409, "等保 L3-CES1-04",
    "此账号尚未绑定第二因素。", "This account has no second factor yet.",
    "请先绑定动态口令。", "Enrol one first (POST /api/v1/factors).",
)
TOO_MANY = Word(
    "session.slow-down", 429, "等保 L3-CES1-02",
    "该来源尝试过多，请稍后再试。", "Too many tries from this source.",
    "请在 {retry_after} 秒后重试。", "Try again in {retry_after} seconds.",
)
CSRF = Word(
    "session.csrf", 403, "—",
    "请求来源无法确认。", "The origin of the request cannot be confirmed.",
    "请从本平台页面重新提交，并带上 X-CSRF-Token。",
    "Submit again from a page of this platform, with X-CSRF-Token.",
)
SCOPE = Word(
    "token.scope", 403, "电子招标投标办法 14",
    "该接口令牌不包含此权限。", "This token does not cover the action.",
    "请使用包含该权限的令牌或登录会话。", "Use a token that covers it, or a session.",
)

LENGTH_NEEDED = Word(
    "request.length-needed", 411, "—",
    "请求须说明长度。", "The request must state its length.",
    "请带上 Content-Length。", "Send Content-Length; chunked bodies are not read.",
)
BODY_TOO_LARGE = Word(
    "request.body-too-large", 413, "—",
    "内容超过上限 {limit} 字节。", "The body is larger than {limit} bytes.",
    "请减小内容，或分块上传。", "Send less, or upload in blocks.",
)
MEDIA = Word(
    "request.media", 415, "—",
    "不支持该内容类型，应为 {expected}。", "The content type is not supported; expected {expected}.",
    "请更正 Content-Type。", "Correct the Content-Type.",
)
KEY_NEEDED = Word(
    "idempotency.needed", 400, "—",
    "新建请求须带 Idempotency-Key。", "A creating request needs an Idempotency-Key.",
    "请带上 8 至 128 个可见字符的随机键。", "Send a random key of 8 to 128 visible characters.",
)
KEY_REUSED = Word(
    "idempotency.reused", 409, "—",
    "该 Idempotency-Key 已用于另一内容。", "This Idempotency-Key was used for another request.",
    "请换一个新的键。", "Use a new key for a new request.",
)
KEY_RACED = Word(
    "idempotency.raced", 409, "—",
    "同一请求正在处理。", "The same request is being handled.",
    "请稍后用同一键重试。", "Try again with the same key in a moment.",
)
MATCH_NEEDED = Word(
    "version.needed", 428, "—",
    "修改须说明所依据的版本。", "A change must say which version it is based on.",
    "请带上读取时得到的 ETag 作为 If-Match。", "Send the ETag you read as If-Match.",
)
STALE = Word(
    "version.stale", 412, "—",
    "内容已被他人修改，当前版本为 {version}。", "Somebody changed it meanwhile; the version is {version}.",
    "请重新读取后再修改。", "Read it again, then change it.",
)

USCC_INVALID = Word(
    "party.uscc", 422, "GB 32100-2015",
    "统一社会信用代码不正确：{problem}。", "The unified social credit code is wrong: {problem}.",
    "请核对十八位代码。", "Check all eighteen characters.",
)
PARTY_EXISTS = Word(
    "party.exists", 409, "—",
    "该统一社会信用代码已登记。", "A party with this code is registered.",
    "请由该单位的管理员添加用户。", "Ask for an account of that party.",
)
PARTY_UNKNOWN = Word(
    "party.unknown", 422, "—",
    "没有此单位。", "There is no such party.",
    "请核对单位编号。", "Check the party's id.",
)
ID_NUMBER = Word(
    "person.id-number", 422, "GB 11643-1999",
    "证件号码不正确。", "The identity number is wrong.",
    "请核对号码；身份证末位为校验码。", "Check it; the last character of an identity card is a check.",
)
LOGIN_TAKEN = Word(
    "account.login-taken", 409, "—",
    "该登录名不可用。", "This login is not available.",
    "请换一个登录名。", "Choose another login.",
)
LOGIN_FORM = Word(
    "account.login-form", 422, "—",
    "登录名须为 3 至 64 个小写字母、数字或 . _ - @。",
    "A login has 3 to 64 lower-case letters, digits or . _ - @.",
    "请更正登录名。", "Correct the login.",
)
PASSWORD_WEAK = Word(
    "password.weak", 422, "等保 L3-CES1-01",
    "密码不符合要求：{problem}。", "The password does not meet the rules: {problem}.",
    "请换一个更长、不常见的密码。", "Choose a longer, uncommon password.",
)
ACCOUNT_EXPIRY = Word(
    "account.expiry", 422, "等保 L3-CES1-06",
    "测试或供应商账号的有效期不得超过七日。", "A test or supplier account lives seven days at most.",
    "请缩短有效期。", "Give an earlier expiry.",
)
ACCOUNT_DISABLED = Word(
    "account.disabled", 409, "等保 L3-CES1-06",
    "该账号已停用。", "The account is disabled.",
    "请核对账号。", "Check the account.",
)
CODE_INVALID = Word(
    "activation.refused", 401, "等保 L3-CES1-01",
    "激活码无效或已过期。", "The activation code is not valid.",
    "请联系系统管理员重新发放。", "Ask the system administrator for a new one.",
)
RESET_NEEDS_FACTOR = Word(
    "activation.no-factor", 409, "等保 L3-CES1-04",
    "该账号没有第二因素，系统管理员不能单独重置。",
    "The account has no second factor, so no administrator alone may reset it.",
    "请由运维人员在命令行办理。", "Ask the operator, whose command line can.",
)
FACTOR_EXISTS = Word(
    "factor.exists", 409, "等保 L3-CES1-04",
    "已有第二因素。", "There is a second factor already.",
    "更换须先验证现有动态口令。", "To replace it, enter the present code first (step-up).",
)
FACTOR_PENDING = Word(
    "factor.none-pending", 409, "等保 L3-CES1-04",
    "没有待确认的第二因素。", "No second factor waits to be confirmed.",
    "请先申请绑定。", "Begin the enrolment first.",
)
RESET_WAITS = Word(
    "factor.reset-waits", 409, "等保 L3-CES1-04",
    "更换该账号动态口令的提议正在办理。", "A replacement of this second factor is under way.",
    "请由另一人批准，或先停止它。", "Let another person approve it, or stop it first.",
)
RESET_PERSONS = Word(
    "factor.reset-persons", 403, "等保 L3-CES1-04",
    "提出人、批准人和账号本人须为三个不同的人。",
    "Who proposes, who approves and whose account it is must be three persons.",
    "请由另一位同事或安全管理员批准。", "Let another colleague or a security administrator approve.",
)
RESET_OFFICE = Word(
    "factor.reset-office", 403, "等保 L3-CES1-04",
    "该账号担任须双因素的角色，由安全管理员批准。",
    "This account holds a role that needs two factors: a security administrator approves.",
    "请告知安全管理员。", "Tell a security administrator.",
)
RESET_ENDED = Word(
    "factor.reset-ended", 409, "等保 L3-CES1-04",
    "该提议已经批准、完成或停止。", "This replacement was approved, done or stopped already.",
    "请刷新后查看。", "Reload and look again.",
)
ERASURE_ACTIVE = Word(
    "person.active", 409, "个人信息保护法 47",
    "该人员尚有有效账号。", "The person still has an account that counts.",
    "请先停用其全部账号。", "Disable all the person's accounts first.",
)
ERASED = Word(
    "person.erased", 409, "个人信息保护法 47",
    "该人员的信息已提出删除或已删除。", "Erasure of this person's data is proposed or done already.",
    "请刷新后查看。", "Reload and look again.",
)
ERASURE_WAITING = Word(
    "person.waiting", 409, "个人信息保护法 47",
    "关于该人员的记录尚未入链。", "Entries about the person are not in the record yet.",
    "请在下一次存证之后再批准。", "Approve after the next tick of the record.",
)
ROLES_CONFLICT = Word(
    "role.conflict", 409, "等保 L3-CES1-08",
    "同一人员不得同时担任 {held} 与 {wanted}。", "One person may not be both {held} and {wanted}.",
    "请为另一人员授予该角色，或先撤销原角色。",
    "Grant it to somebody else, or revoke the first role.",
)
LOT_ROLES_CONFLICT = Word(
    "role.conflict-in-lot", 409, "招标投标法 37; 实施条例 46",
    "该人员在本标段已是 {held}，不得再任 {wanted}。",
    "In this lot that person is {held} already and cannot be {wanted}.",
    "请更换人员。", "Choose somebody else.",
)
SAME_PERSON = Word(
    "role.same-person", 403, "等保 L3-CES1-08",
    "提出人、被授权人与批准人须为不同人员。",
    "Who proposes, who approves and who receives must be different persons.",
    "请由另一位安全管理员批准。", "Another security administrator must approve.",
)
GRANT_NOT_WAITING = Word(
    "role.not-waiting", 409, "等保 L3-CES1-08",
    "该授权没有待批准的事项。", "Nothing about this grant waits for approval.",
    "请刷新后查看。", "Reload and look again.",
)
ROLE_PARTY = Word(
    "role.party", 422, "等保 L3-CES1-08",
    "该角色与单位类别或所填属性不符：{problem}。",
    "The role does not fit the party or its attributes: {problem}.",
    "请核对单位类别、地区、专业和工作单位。", "Check kind of party, region, specialty and employer.",
)
ROLE_HELD = Word(
    "role.held", 409, "等保 L3-CES1-08",
    "该账号已有或已提出此角色。", "The account has this role already, or it is proposed.",
    "请刷新后查看。", "Reload and look again.",
)
FIRST_ADMINISTRATORS = Word(
    "administrator.not-first", 409, "等保 L3-CES1-08",
    "首任管理员已经任命。", "The first administrators are appointed already.",
    "以后的授权由两位安全管理员办理。", "Later grants go through two security administrators.",
)
SETTLED_ALREADY = Word(
    "settings.same", 409, "等保 L3-CES1-08",
    "所填与现行设置相同，没有更改。", "This is what holds already; nothing was changed.",
    "请修改后再提交。", "Change something, then send it again.",
)
SETTLED_AT_ONCE = Word(
    "settings.raced", 409, "等保 L3-CES1-08",
    "另一位管理员刚刚更改了设置。", "Another administrator has just changed this.",
    "请重新查看后再改。", "Look at it again, then change it.",
)
SETTLED_BY_TWO = Word(
    "settings.same-person", 403, "等保 L3-CES1-08",
    "提出人不能批准自己的更改。", "Who proposed a change cannot approve it.",
    "请由另一位安全管理员批准。", "Another person, a security administrator, must approve.",
)
SETTLED_DECIDED = Word(
    "settings.decided", 409, "等保 L3-CES1-08",
    "该提议已经批准或未予批准。", "This proposal was approved or turned down already.",
    "请刷新后查看。", "Reload and look again.",
)
OWN_SOURCE = Word(
    "settings.own-source", 422, "等保 L3-CES1-19",
    "您现在的来源地址 {source} 不在所填网段之内，改后您自己将无法进入。",
    "Your own address {source} lies outside these networks: you would shut yourself out.",
    "请把自己所在的网段也写上。", "Name your own network too.",
)
AWAY = Word(
    "administration.source", 403, "等保 L3-CES1-19",
    "不接受来自此地址的管理操作。", "Administration is not open to this address.",
    "请从管理策略允许的网段进入。", "Come from a network that the policy names.",
)
KEY_BOUND = Word(
    "signing-key.bound", 409, "电子签名法 13",
    "该公钥已经绑定。", "This public key is bound already.",
    "请使用新的密钥。", "Use a fresh key.",
)
KEY_PROOF = Word(
    "signing-key.proof", 422, "电子签名法 13",
    "无法证明持有该私钥。", "Possession of the private key is not proved.",
    "请用该私钥签署所要求的内容。", "Sign the stated bytes with that key.",
)
