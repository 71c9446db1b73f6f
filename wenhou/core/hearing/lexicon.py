"""Words and phrases of the kinds that need no context, each rule with a stable id and the guards before it.

Patterns are written for the normal form of `reading.normalise`. All repetition is bounded: linear.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from wenhou.core.hearing.intents import Finding, Kind
from wenhou.core.hearing.reading import Reading, blank

_KIN: Final = (
    r"(?:爸爸?|妈妈?|父亲|母亲|爷爷|奶奶|外公|外婆|姥姥|姥爷|老公|老婆|老伴|丈夫|妻子|先生|太太|爱人|"
    r"儿子|女儿|"
    r"哥哥?|姐姐?|弟弟|妹妹|公公|婆婆|岳父|岳母|老人|老人家|家人|亲人|机主|户主|客户|本人|他|她|人)"
)
_NOT: Final = r"(?:不|没|别|勿|莫|甭|无需|不用|不要|不必|不想|没有|不需要|无须)"


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern of one kind; `rule` is the stable id that explains a hit."""

    kind: Kind
    rule: str
    pattern: re.Pattern[str]


def _rule(kind: Kind, name: str, *alternatives: str) -> Rule:
    return Rule(kind, f"{kind}.{name}", re.compile("|".join(alternatives)))


# What looks like a word of the kind and is not; blanked before that kind's rules run.
GUARDS: Final[Mapping[Kind, re.Pattern[str]]] = {
    "complaint": re.compile(
        r"(?<!要)(?:不是|并非|没有|没|不想|不会|不用|不打算|无|不)(?:什么|啥|任何|要|来|想|觉得|再)?"
        r"(?:投诉|举报|不满意|不满|失望)|"
        r"(?:撤销|撤回|取消|撤)(?:了|掉|我的|这个)?(?:投诉|举报)|"
        r"(?:投诉|举报)(?:的)?(?:事情?|问题|件)?(?:已经?|都)?(?:解决|处理好|办结|处理完)(?:好)?了?|"
        r"(?:投诉|举报)(?:的)?(?:事情?|问题|单|件|编号)?(?:处理|办|查)?(?:得|的)?(?:进度|进展|怎么?样了?|"
        r"到哪一?步|结果|有结果)|"
        r"曝光[率度]|垃圾(?:分类|桶|袋)|利滚利|滚[动存雪]|不过分"
    ),
    "severe": re.compile(
        r"(?:线|马|网|早|晚|加|去)上访问?|上访[问谈客]|跳楼价|自杀式|(?:如何|怎么|谨防|预防|防止?|"
        r"防范)(?:被)?(?:诈骗|骗|盗刷?)|"
        r"反诈骗?|媒体(?:报道说|上看到|看到)|(?:自|新)媒体(?:工作|从业|账号)"
    ),
    "bereavement": re.compile(
        r"[气烦累急热吓笑冷困忙饿]死了?|遗产(?:规划|税|信托)|不在了解|走了走|(?:人|他|她)不在了?(?:家|"
        r"公司|单位|国内|本地|北京|上海|武汉)"
    ),
    "wrong_person": re.compile(
        r"(?:是|可|能)不是本人|(?:不是|非)(?:我)?本人(?:操作|交易|消费|刷|转|支付|开|签名)|不是本人(?:就|"
        r"去|来|办|能|可|也|还|签|领|持|到|行)"
    ),
    "call_back": re.compile(
        rf"{_NOT}(?:再|给我|你们?|您|继续|来){{0,3}}(?:回电|回拨|打电话|来电|电话|打给|致电|联系|"
        rf"回复?电话|回个?电话|找我)|"
        r"(?:打电话|回电|来电|联系)(?:了|过)(?:没人|你们|好几|很多)|来电(?:显示|提醒|宝)|无法联系|"
        r"联系不[上到]"
    ),
    "thanks": re.compile(r"不谢|谢绝|不用谢|谢谢你?(?:全家|祖宗|八辈)|(?:不|没|未|别)(?:想|用|敢)?感谢"),
    "question": re.compile(r"没什么|不怎么|怎么都行|无论如何|没有?多少"),
}

RULES: Final[tuple[Rule, ...]] = (
    _rule(
        "complaint",
        "authority",
        r"(?<!\d)1 ?2 ?3 ?(?:7 ?8|6 ?3|4 ?5|2 ?1|1 ?5|8 ?6|0 ?0)(?!\d)",
        r"银保监|保监[会局]|银监|证监[会局]|金融监管|金管局|监管总?局|监管部门|人民?银行(?:投诉|告|举报)|"
        r"人行投诉",
        r"消保[委局处]?|消协|消费者协会|工信部|信访|黑猫|市长热线|纪委|法院见|去法院|仲裁",
    ),
    _rule(
        "complaint",
        "word",
        r"投诉|举报|曝光|律师函|找律师|我的?律师|起诉|打官司|告(?:你们|到|死你|上)|维权|讨个?说法|"
        r"要求?赔偿|给我赔|tousu|complain",
        r"\bombudsman\b|\b(?:my|a|our) (?:lawyer|attorney|solicitor)\b|\bsue you\b|\breport you\b",
    ),
    _rule(
        "complaint",
        "anger",
        r"骗子|骗人|骗我|欺骗|误导|忽悠|坑人|坑爹|坑我|坑老|黑心|垃圾|无耻|不要脸|混蛋|王八|他妈|妈的|"
        r"tmd|放屁|有病吧|神经病|去死|滚",
        r"太差|很差|真差|极差|差劲|差评|态度(?:真|很|太|非常|特别|极其|这么)?(?:差|恶劣|不好|冷淡|傲慢)|"
        r"什么态度|服务(?:真|很|太)?(?:差|烂)",
        r"不满意|不满|失望|气死|气愤|愤怒|忍无可忍|受够|过分|恶心|烦死|烦不烦|烦人|没完没了|欺负|"
        r"霸王条款|推诿|敷衍|踢皮球|没人管|不作为",
        r"\b(?:terrible|awful|horrible|disgusting|unacceptable|ridiculous|rubbish|worst|scam|scammers?|"
        r"angry|furious)\b",
    ),
    _rule(
        "complaint",
        "wrong_done",
        r"(?:乱|多|无故|莫名|私自|偷偷|擅自|重复|错)(?:其妙)?(?:就|给我|被)?(?:扣|收)(?:了|我|的)?(?:费|"
        r"钱|款|手续费|年费)?|乱收费",
        r"(?:泄露|出卖|贩卖|倒卖)(?:了|我|客户|个人){0,3}的?(?:信息|隐私|号码|电话|资料)?|(?:隐私|信息|"
        r"资料|号码)(?:被|都)?(?:泄露|卖)",
        r"(?:未经|没有?经?过?)(?:我|本人)(?:的)?(?:同意|允许|授权)|(?:都|已经?|早就?|明明)(?:说|退订|"
        r"拒收|回复?)(?:[^。!?\n]){0,10}(?:还|又|仍)(?:在|是|给)?(?:发|收到|打|来)",
    ),
    _rule(
        "severe",
        "money",
        r"盗刷|(?:钱|资金|存款|账户|账号|卡|余额)(?:里的?|上的?|都|全|全部|被人?|已经?|"
        r"给人?){0,3}(?:被盗|盗|偷|转走|划走|刷走|取走|不翼而飞|不见了)",
        r"被(?:人|电信|网络|你们|他们)?(?:诈骗|骗了|骗走|骗去|盗)|遇到(?:诈骗|骗子)|(?:不是|"
        r"非)(?:我)?本人(?:交易|操作|消费|刷|转|支付)|我没有?(?:交易|刷卡|消费|转账)过",
        r"\b(?:stolen|hacked|unauthori[sz]ed (?:transaction|payment|transfer|charge)|defrauded)\b",
    ),
    _rule(
        "severe",
        "life",
        r"自杀|轻生|不想活|活不下去|活不成|寻短见|想不开|跳楼|跳河|跳江|割腕|上吊|遗书|了断|同归于尽|"
        r"死给你们?看|逼死|不如死|喝农药",
        r"报复社会|砸(?:了)?(?:你们|银行|网点|柜台)|炸(?:了)?(?:你们|银行|网点)|杀(?:了|人|你)|弄死|"
        r"捅(?:死|了)|泼汽油|\bsuicid|\bkill (?:my|your)|\bend my life\b",
    ),
    _rule(
        "severe",
        "public",
        r"记者|(?:找|联系|告诉|通知|让|给|请|叫|各大)(?:了|过)?媒体|媒体(?:曝光|介入|报道|见|来)|电视台|"
        r"焦点访谈|3[.·]?15晚会|热搜|(?:微博|抖音|网上|快手|小红书|朋友圈)(?:上)?(?:曝光|发视频|见)|上访|"
        r"静坐|拉横幅|横幅|聚众|围堵|堵门|\bjournalist|\bthe (?:media|press)\b",
    ),
    _rule(
        "bereavement",
        "death",
        r"过世|去世|逝世|离世|病逝|病故|身故|亡故|仙逝|辞世|谢世|往生|故去|离开人世|不在人世|已故|猝死",
        rf"{_KIN}(?:都|就|已经?|早就?|早已|前年|去年|今年|上个?月|上周|昨天|前天|刚刚?|突然|不幸|因病|"
        rf"生病){{0,4}}(?:不在了|走了好|没了|死了|死亡|走的早|走得早)",
        r"死亡证明|死亡证|办丧事|丧事|讣告|节哀|葬礼|追悼会|头七|出殡|守孝|奔丧|办后事|料理后事|遗产|遗属",
        r"\b(?:passed away|deceased|has died|have died|is dead|funeral|bereave|he died|she died|"
        r"died (?:last|in|on|this))",
    ),
    _rule(
        "wrong_person",
        "word",
        r"发错(?:人|号|号码|电话|手机|对象|信息|短信)?(?:了|啦|吧|了吧)?(?=$|[,。!?.;、\n~]|我)|(?:打|找|"
        r"认|搞|弄|寄)错(?:人|号|号码|电话|对象)了?|(?:^|[,。!?]|你们?|您|短信|信息)(?:是不是|可能|应该|"
        r"好像|肯定|都)?(?:打|搞|弄|发)错(?:了|人)(?=$|[,。!?.;吧啦])",
        r"不是(?:我)?本人|非本人|不是机主|不是户主|没有?这个人|没这人|查无此人|不认识(?:这个人|他|她|"
        r"此人)|(?:号码?|手机|电话)(?:已经?|早就?)?换(?:主|人|了主人)了?|换了?号|"
        r"(?:新|刚)(?:买|办|换|申请)的(?:手机)?(?:号|卡)|新号主|新机主|不是这个人的(?:号|电话)",
        r"我(?:可|根本|并|又)?不是(?!客户|学生|会员|老师$)(?:姓?[一-龥]{1,3}(?:先生|女士|小姐|总))",
        r"我不(?:叫|姓)(?!这)[一-龥]{1,3}(?=$|[,。!?.;\n])|\bwrong (?:number|person)\b|\bnot (?:me|"
        r"my account|mr|mrs|ms)\b|\bwho is (?:mr|ms|mrs)\b|\bi'?m not (?:mr|mrs|ms)",
    ),
    _rule(
        "call_back",
        "word",
        r"回电|回拨|(?:回|来|打)个?电话|电话(?:给我|联系|沟通|说|聊)|打给我|打我(?:手机|电话)|来电|致电|"
        r"(?:联系|找)(?:一?下)?我|(?:跟|和|与)我联系|call (?:me|back)|(?:ring|phone) me|huidian|"
        r"请(?:尽快)?联系",
    ),
    _rule(
        "progress",
        "word",
        r"进度|进展|(?:处理|办|审批?|弄|搞|查|解决)(?:得|的)?怎么?样|(?:到|走到)(?:哪|什么)(?:一|"
        r"个)?(?:步|阶段|环节|了)|(?:有|出)(?:没有)?结果|结果(?:呢|出来|如何)",
        r"什么时候(?:能|会|可以|才能)?(?:有|出|给)?(?:个)?(?:结果|答复|回复|办好|办完|批|下来|到账|放款|"
        r"处理|解决|弄好|寄到|好)|(?:办|弄|批|处理|审批?|解决)(?:好|完|下来)?了?(?:吗|没有?$|没呢|么)|"
        r"多久(?:能|才|可以)?(?:办|批|到|好|有|处理|放)",
        r"jindu|\b(?:progress|status of|any update|any news)\b",
    ),
    _rule(
        "thanks",
        "word",
        r"谢谢|感谢|多谢|谢啦|谢了|致谢|感恩|辛苦(?:了|啦|你|您)|费心|有心了|太贴心|很贴心|真贴心|thank|"
        r"\bthx\b|\bxiexie\b|3q",
        r"同乐|同祝|同喜|(?:新年|春节|节日|中秋|元旦|国庆|端午|生日|周末|新春|过年)(?:快乐|好|愉快|安康)|"
        r"也祝|祝(?:你|您|贵|大家|银行|江城)|恭喜发财|万事如意",
        r"^收到(?:了|啦|哈)?$|^(?:好的|好)?收到$|happy new year|same to you",
    ),
    _rule(
        "question",
        "word",
        r"[?]|吗(?=$|[,。!.;\n])|(?:呢|么)(?=$|[。!;\n])|怎么|如何|怎样|咋|什么时候|几点|多少|多久|哪里|"
        r"哪儿|哪个|哪家|能不能|可不可以|可以不|是不是|是否|有没有|要不要|为什么|为啥|咨询|请问|想问|"
        r"问一?下|问个|想了解|什么意思|啥意思|你是谁|哪位",
        r"\b(?:how (?:do|can|much|many|to|long)|what|when|where|why|who|can i|could you|may i|is there|"
        r"do you)\b",
    ),
)


def find_all(reading: Reading) -> Iterator[Finding]:
    """Yield one finding for each rule that fires, in the order of `RULES`, with its first words."""
    guarded = {kind: blank(reading.text, guard) for kind, guard in GUARDS.items()}
    for rule in RULES:
        match = rule.pattern.search(guarded.get(rule.kind, reading.text))
        if match is not None:
            yield Finding(kind=rule.kind, rule=rule.rule, hit=match.group())
