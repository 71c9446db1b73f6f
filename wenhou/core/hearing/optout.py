"""Opt-out and opt-in: codes, phrases, what they are about, and what only looks like one (SMS spec §10).

Where it is doubtful what a customer wants stopped, we stop it and a person asks: fail closed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from wenhou.core.hearing.intents import STOPPABLE, Asked, Finding
from wenhou.core.hearing.reading import Reading, blank
from wenhou.core.purposes import Purpose

_ABOUT: Final[Mapping[Purpose, str]] = {
    Purpose.MARKETING: r"理财|产品|贷款|信用卡|基金|保险|黄金|广告|推销|营销|推广|推荐|利率|存款|活动|"
    r"优惠|促销|marketing|promotion\w{0,3}|offers?|\bads?\b",
    Purpose.INFORMATION: r"资讯|政策|新闻|知识|公告|文章|行情|市场|news\w{0,6}",
    Purpose.CARE: r"生日|祝福|问候|节日|过节|拜年|慰问|贺卡|贺词|关怀|greetings?|birthdays?|wishes",
}
_TOPIC: Final = "|".join(_ABOUT.values())
_SUCH: Final = r"(?:祝福|问候|短信|信息|消息|推荐|通知|类|的|这种|这类|提醒|广告|还是|都|倒|就|还|仍然?){0,3}"
# "生日可以", "祝福照发": the customer says what may go on. 可以停 and 要退 say the contrary.
_KEPT: Final = re.compile(
    rf"(?:除了?|除去|保留|只要|只留|只收|只发|留下?着?|继续发|仅|仅保留|可以发)(?:下|我的|一下|"
    rf"给我发)?(?:{_TOPIC})(?:(?:和|跟|及|、|与)(?:{_TOPIC}))?{_SUCH}(?:以?外|之外)?|"
    rf"(?:{_TOPIC}){_SUCH}(?:可以|可(?!以|不)|保留|照发|照旧|继续|留着|要(?=$|[,。!?.;了的发收留])|"
    rf"行(?!情|业|动|长|员)|没事|没问题|没关系|ok|欢迎|喜欢|不用退|别停|不要停)(?!不|别|停|退|取消|拒|"
    rf"屏蔽|关)|"
    rf"(?:keep|except|only|but not)(?: the| my)? (?:{_TOPIC})|(?:{_TOPIC}) (?:is|are) (?:ok|fine|welcome)"
)

_TOPIC_ONLY: Final = re.compile(rf"^(?:这些|那些|你们的|关于|所有|什么){{0,2}}(?:{_TOPIC}){{1,3}}{_SUCH}$")

_ALWAYS: Final = frozenset(
    {
        "r",
        "t",
        "td",
        "qx",
        "tt",
        "rr",
        "tdhf",
        "tdtd",
        "tdr",
        "tuiding",
        "stop",
        "stopall",
        "stopit",
        "unsubscribe",
        "unsub",
        "optout",
        "revoke",
        "退订",
        "退定",
        "退丁",
        "退钉",
        "拒收",
        "取消订阅",
        "请勿打扰",
        "勿扰",
        "别发",
        "别发了",
        "不要发",
        "不要发了",
        "不发了",
        "别再发",
        "不用发",
        "t退订",
        "td退订",
        "r退订",
        "r拒收",
        "n退订",
        "退订td",
        "退订t",
        "退订r",
        "退订n",
    }
)
# Only when they are the whole reply, polite words aside: with others they mean something else.
_ALONE: Final = frozenset(
    {"退", "拒绝", "屏蔽", "停止", "停", "停发", "0000", "00000", "cancel", "end", "quit", "退出"}
)
# An answer when a yes/no or menu question was asked, an opt-out otherwise.
_BY_CONTEXT: Final = frozenset({"n", "nn", "no", "0", "取消", "不要", "不要了"})
_POLITE_BEFORE: Final = re.compile(
    r"^(?:您好|你好|请|麻烦(?:你|您)?|帮我|给我|我要|我想|我|申请|需要|要求|回复|回覆|回|发送|发|编辑|"
    r"短信|全部|所有|统统|立即|马上|赶紧|please|pls|reply){1,4}"
)
_POLITE_AFTER: Final = re.compile(
    r"(?:谢谢(?:你|您|了|啦)?|多谢|感谢|谢|吧|了|啊|哦|啦|呀|哈|一下|掉|全部|所有|短信|信息|消息|"
    r"服务|please|pls|thanks|thankyou|now){1,4}$"
)
_REPEATED: Final = re.compile(r"^(?:r+|t+|(?:td)+|(?:qx)+|(?:退订)+|(?:拒收)+|(?:stop)+)$")
_SCORE_AND_CODE: Final = re.compile(r"^\d{1,2}分?(r|t|td|退订)$|^(r|t|td|退订)\d{1,2}分?$")

_NEVER: Final = (
    r"(?:(?<![特区分级个性识告类辨离派])别(?![的人处墅家称名样])|不要|请勿|勿|莫要?|甭|不用|不必|无需|"
    r"无须|不准|不许|不得|禁止|停止|拒绝|没必要|不想|不愿意?|不希望|"
    r"不需要|不再(?:想|愿意?|需要)?|不接受|谢绝|不喜欢|不爱)"
)
_FILL: Final = (
    r"(?:再|继续|老是?|总是?|一直|天天|每天|随便|乱|给|向|跟|往|我们?|任何|这种|这些|这类|此类|这样|"
    r"你们?|您|贵行|银行|来|的|都|什么|手机|上|群|"
    r"在|一直|被|看到|频繁|经常|整天|没事|不断|还|烦请|轻易){0,6}"
)
_SEND: Final = (
    r"(?:发(?!生|火|愁|脾气|票|货|放|现|卡|工资|慌|呆|财|烧|展|行|错|送?(?:验证码|身份证|照片|材料|资料|"
    r"合同|密码|截图|回单|账单|流水|快递|证件|护照|朋友圈)|给(?:别人|他人|其他|她|他))|推送|推销|推荐|"
    r"打扰|打搅|骚扰|烦(?=我|人|了|$)|寄(?=广告|宣传|资料)|收到|接收|接到|营销|轰炸|"
    r"收(?=你|短信|信息|消息|这|那|广告|营销|了)|问候|祝福)"
)
_NEGATED: Final = re.compile(
    r"(?<![再还么啥])(?:不|没有?|(?<![特区分级个性识告类])别|不要|不想|不用|不会|无需|不打算|先不|暂不|"
    r"不是要|不是想|不是)(?:要|给我|帮我|再|急着)?(?:退订|拒收|屏蔽|拉黑)(?!不了)|"
    r"(?:do ?n'?t|do not|not) (?:want to )?unsubscribe"
)
_HOW: Final = re.compile(
    r"(?:怎么|如何|怎样|咋|哪里|哪儿|什么办法|能不能|可不可以|可以|能|怎么才能)(?:才能|可以|能|样|办理|"
    r"帮我|给我|操作|把|去|样才能){0,3}(?:不收|不接收|退订|拒收|取消订阅|停止|关闭|屏蔽)|"
    r"(?:退订|拒收)(?:怎么|如何|要怎么|的?方法|的?方式|流程|在哪|发什么|回什么|吗|么|[?])|how (?:do|can|"
    r"to) .{0,12}unsubscribe"
)
_BUSINESS: Final = re.compile(
    r"(?P<verb>取消|退订|终止|撤销|停止|解除|关闭|停掉|关掉|退掉|注销)(?:掉|我的|我|一下|那笔|这个|那个|"
    r"这笔|的|了|昨天|今天|刚才|办理){0,3}"
    r"(?P<object>预约|贷款|理财|产品|基金|保险|信用卡|申请|订单|挂失|转账|定投|自动还款|自动转存|代扣|"
    r"代缴|业务|授权|签约|账户|合约|网银|手机银行|动账|余额变动|短信银行|"
    r"短信费|短信通知费|账户短信|套餐|分期|质押|交易|保单|存款|快捷支付|免密)(?!短信|信息|广告|推送|推荐|"
    r"推销|营销|消息|类|的?(?:短信|信息|广告|推送|推销|消息))"
)
_OPT_IN: Final = re.compile(
    r"(?:恢复|重新|继续|再次|还要|我要|想要|愿意|同意|开通|接着)(?:订阅|接收|收到|发送)|取消(?:退订|拒收|"
    r"屏蔽)|(?:撤回|撤销|收回)(?:退订|拒收)|(?:不|别)退订?了|退错了|误退订?|"
    rf"(?:恢复|重新(?:给我)?发|(?:可以|请|麻烦|还是)(?:继续|重新)(?:给我|帮我)?发|继续给我发|"
    rf"继续发)(?:给我|我的)?(?:{_TOPIC})?(?:祝福|短信|消息|问候|信息)?|"
    rf"(?:{_TOPIC}){_SUCH}(?:可以|请|还是)(?:再|继续|重新|恢复)?发|re-?subscribe|unstop|start (?:sending|"
    rf"again)|(?<!un)subscribe me"
)
_NOT_OPT_IN: Final = re.compile(
    r"(?<![特区分级个性识告类])(?:不|别|没|勿)(?:想|要|用|愿意?|同意|再|必|是|需要?){0,2}"
    r"(?:恢复|重新|继续|再次|还要|同意|愿意|要)(?:订阅|接收|收到|发送|发|给我发)?|(?:是不是|为什么|"
    r"怎么)(?:还|又)?(?:恢复|重新|继续)(?:发|给我发)?"
)
_OPT_IN_CODES: Final = frozenset({"start", "unstop", "恢复", "恢复订阅", "订阅", "继续订阅", "hfdy", "dy"})

_PHRASES: Final[tuple[tuple[str, re.Pattern[str], bool], ...]] = tuple(
    (f"opt_out.{name}", re.compile(pattern), doubtful)
    for name, pattern, doubtful in (
        (
            "word",
            (
                r"退订|退定(?!期|存)|拒收|(?:取消|解除|不再|停止)(?:短信)?订阅|tuiding|unsubscribe|"
                r"opt[ -]?out|remove me|take me off|stop (?:sending|messaging|texting|contacting|emailing|"
                r"bothering|these|this|it)|"
                r"no more (?:messages?|sms|texts?|e?mails?|spam|ads|promotions?)|(?:do not|do ?n'?t|"
                r"never) (?:send|text|message|contact|e?mail|bother|disturb|spam)|leave me alone"
            ),
            False,
        ),
        ("do_not_send", _NEVER + _FILL + rf"(?:(?:{_TOPIC}|短信|信息|消息|东西){{1,2}}的?)?" + _SEND, False),
        (
            "topic_refused",
            (
                rf"(?:{_TOPIC}|短信|信息|消息)(?:祝福|问候|短信|信息|消息|推荐|什么|之类|类|"
                rf"这些|的|就|也|都|全|真的|以后){{0,4}}(?:(?:(?<!特)别|不要|不用|不必|甭|"
                rf"停止)(?:再|给我|老|总|继续|天天){{0,3}}(?:发|推|来|了|送)|(?:可以|请|该|要|"
                rf"都)?(?:停了|停掉|停发|停止|停吧|取消吧|取消掉|退订|关了|关掉))"
            ),
            False,
        ),
        (
            "topic_not_wanted",
            (
                rf"(?:不要|不想要|不需要|不想看|不看|拒绝|谢绝|讨厌|屏蔽)(?:任何|这些|这种|"
                rf"你们的?|所有|一切|看){{0,3}}(?:{_TOPIC}|短信|信息|消息|推送)(?:类|短信|"
                rf"信息|消息|推送|推荐|推销){{0,2}}(?=$|[,。!?.;\n了啊吧])"
            ),
            False,
        ),
        (
            "do_not_contact",
            (
                r"(?:别|不要|请勿|勿|停止|禁止|不许|不准)(?:再|继续|来|给我|向我|跟我|随便|总|"
                r"老){0,4}(?:联系|打电话|打给|打过?来|打了|来电)我?"
            ),
            True,
        ),
        (
            "cease",
            (
                r"(?:停止|停掉|停了|停发|取消|关闭|关掉|终止)(?:给我|向我|对我|你们的?|所有|全部|一切|这些|"
                r"这种|这类|此类|营销|广告){0,3}(?:发送|推送|短信|信息|消息|广告|群发|问候|祝福|推销)"
            ),
            False,
        ),
        (
            "cease_topic",
            (
                rf"(?:停止|停掉|停了|取消|关闭|关掉|退订)(?:{_TOPIC})(?:类|的)?(?:短信|信息|消息|"
                rf"推送|推荐|广告|推销|提醒|祝福)"
            ),
            False,
        ),
        ("disturb", r"骚扰|打扰到|(?:别|不要)(?:再|老|总|来){0,2}(?:烦|吵)(?:我|人)|免打扰|勿扰", False),
        (
            "threat",
            (
                r"再(?:给我|继续|敢|跟我|向我|这样|乱|多|来|收到|往){0,3}(?:发|推|骚扰|打扰|"
                r"收到)[^。!?\n]{0,14}?(?:投诉|举报|打? ?1 ?2 ?3 ?\d ?\d|报警|拉黑|曝光|起诉|告你|"
                r"律师|信访|黑猫|不客气)"
            ),
            False,
        ),
        ("block", r"拉黑(?!名单)|屏蔽(?:你|贵|短信|掉|了|所有)", False),
        ("rude", r"^(?:给我|你们|都|你)?滚(?:蛋|开|远点?|吧|啊)?(?=$|[,。!?.\n])", False),
    )
)
_FAILED: Final = re.compile(
    r"(?:退订|拒收)(?:不了|没用|失败|不成功|无效|不掉)|(?:没法|无法|不能)(?:退订|"
    r"拒收)"
)
_OTHER_CHANNEL: Final = re.compile(
    r"(?:微信|短信|邮件|邮箱|电话|企业微信)(?:里|上)?(?:联系|发|说|沟通|通知)?(?:我)?(?:可以|就行|"
    r"就好|即可|也行|还行)"
)


def find_opt_out(reading: Reading, asked: Asked) -> Iterator[Finding]:
    """Yield what says stop, and the question or request that stands beside it."""
    business = _BUSINESS.search(reading.text)
    if business is not None and not _OPT_IN.search(reading.text):
        yield Finding(kind="question", rule="question.business_request", hit=business.group(), doubtful=True)
    how = _HOW.search(reading.text)
    if how is not None:
        yield Finding(kind="question", rule="question.how_to_stop", hit=how.group(), doubtful=True)
    text = blank(_without_opt_in(reading.text), _NEGATED)
    # 退订理财 may mean the product or the messages: the messages stop, and a person asks about the product.
    text = _BUSINESS.sub(
        lambda match: match.group() if match["verb"] == "退订" else "\0" * len(match.group()), text
    )
    code = _code(reading, asked)
    if code is not None:
        word, offset = code
        yield Finding(
            kind="opt_out", rule="opt_out.code", hit=word, purposes=_purposes(reading, offset, asks=False)
        )
    unsettled = (_FAILED, _OTHER_CHANNEL)
    doubtful = bool(business or how) or any(pattern.search(reading.text) for pattern in unsettled)
    for rule, pattern, unsure in _PHRASES:
        match = pattern.search(text)
        if match is not None:
            asks = how is not None and how.start() <= match.start() < how.end() + 2
            purposes = _purposes(reading, match.start(), asks=asks)
            yield Finding(
                kind="opt_out", rule=rule, hit=match.group(), purposes=purposes, doubtful=unsure or doubtful
            )


def find_opt_in(reading: Reading) -> Iterator[Finding]:
    """Yield what asks for messages again; the services decide what evidence the new consent needs."""
    if _core(reading.tight) in _OPT_IN_CODES:
        yield Finding(kind="opt_in", rule="opt_in.code", hit=reading.tight, purposes=STOPPABLE)
        return
    match = _OPT_IN.search(blank(reading.text, _NOT_OPT_IN))
    if match is not None:
        about = _topics(reading.text) or STOPPABLE
        yield Finding(kind="opt_in", rule="opt_in.phrase", hit=match.group(), purposes=about, doubtful=True)


def _without_opt_in(text: str) -> str:
    """Blank what asks for more messages ("取消退订"), unless it stands denied ("不要继续发了")."""
    kept = list(text)
    for match in _OPT_IN.finditer(blank(text, _NOT_OPT_IN)):
        kept[match.start() : match.end()] = "\0" * len(match.group())
    return "".join(kept)


def answers_no(reading: Reading) -> bool:
    """Whether the whole reply is one of the words that mean no after a yes/no question."""
    return reading.tight in _BY_CONTEXT or _core(reading.tight) in _BY_CONTEXT


def _code(reading: Reading, asked: Asked) -> tuple[str, int] | None:
    """Return the code and where its clause starts, if the reply is one or holds one."""
    tight = reading.tight
    for whole in (tight, _core(tight)):
        if whole in _ALWAYS or whole in _ALONE or _REPEATED.match(whole):
            return whole, 0
        # 0 answers a score question (a low or an impossible score), as it answers a menu.
        answered = asked.yes_no or (asked.rating is not None and whole == "0")
        if whole in _BY_CONTEXT and not answered:
            return whole, 0
    both = _SCORE_AND_CODE.match(tight)
    if both is not None:
        return both[1] or both[2], 0
    return next(
        ((word, clause.start) for clause in reading.clauses if (word := _code_in(clause.text)) is not None),
        None,
    )


def _code_in(clause: str) -> str | None:
    """Find a code that stands alone in its clause, or as a word of its own ("5 TD", "R 谢谢")."""
    tight = "".join(character for character in clause if character.isalnum())
    if tight in _ALWAYS or _core(tight) in _ALWAYS:
        return tight
    words = clause.split()
    lettered = sum(any("a" <= character <= "z" for character in word) for word in words)
    for word in words:
        if word in _ALWAYS and lettered <= 1:
            return word
    return None


def is_code(tight: str) -> bool:
    """Whether these letters are an opt-out code by themselves."""
    return tight in _ALWAYS


def _core(tight: str) -> str:
    return _POLITE_AFTER.sub("", _POLITE_BEFORE.sub("", tight[:40])) if len(tight) <= 40 else tight


def _topics(text: str) -> frozenset[Purpose]:
    return frozenset(purpose for purpose, words in _ABOUT.items() if re.search(words, text))


def _purposes(reading: Reading, offset: int, *, asks: bool) -> frozenset[Purpose]:
    """Return what an opt-out at this offset stops: what its clause names, or all, less what is kept."""
    kept = frozenset[Purpose]().union(*(_topics(match.group()) for match in _KEPT.finditer(reading.text)))
    index = reading.clause_at(offset)
    clauses = [_KEPT.sub("", clause.text) for clause in reading.clauses]
    named = _topics(clauses[index]) if clauses else frozenset[Purpose]()
    if not named and index and _TOPIC_ONLY.match(clauses[index - 1]):
        # "理财，别再发了": the topic stands in a clause of its own before the words that stop it.
        named = _topics(clauses[index - 1])
    if asks and not named:
        named = frozenset({Purpose.MARKETING})
    return ((named or STOPPABLE) - kept) or STOPPABLE
