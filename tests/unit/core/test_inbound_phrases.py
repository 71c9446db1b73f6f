"""What customers type, and what is to be heard in it: a phrase and its kinds, one table a question."""

import pytest

from wenhou.core.inbound import Asked, understand

NOTHING = Asked()
YES_NO = Asked(yes_no=True)
CSAT = Asked(rating="csat")
NPS = Asked(rating="nps")

ALL = frozenset({"care", "information", "marketing"})
MARKETING = frozenset({"marketing"})
CARE = frozenset({"care"})


@pytest.mark.parametrize(
    "text",
    [
        "退订", "TD", "td", "T", "R", "Ｒ", "r。", "N", "n", "QX", "TT", "RR", "TDTD", "0000", "0", "STOP",
        "Stop!",
        "stopall", "UNSUBSCRIBE", "please unsubscribe me", "退", "拒收", "拒绝", "取消", "不要", "屏蔽",
        "停止",
        "取消订阅", "ＴＤ", "ｓｔｏｐ", "退 订", "T D", "T.D", "退\u200b订", "\ufeff退订", "退订🙏", "🙏TD",
        "【退订】",
        "“退订”", "(R)", "回复R", "回T", "回复TD退订", "退订R", "请帮我退订，谢谢", "麻烦退订", "我要退订",
        "R 谢谢", "退订退订退订", "退訂", "拒收！！！", "退定", "tuiding", "别再发了", "不要再发了",
        "不要再發了",
        "不要发了", "请不要再给我发短信了", "不想收到你们的短信", "不要继续发了", "停止发送", "请勿打扰",
        "你们这是骚扰", "别烦我", "已拉黑", "取消短信", "stop sending me messages", "don't text me again",
        "leave me alone", "TD，保险到期了", "怎么还不退订",
    ],
)  # fmt: skip
def test_every_form_of_stop_stops_all_but_service(text: str) -> None:
    heard = understand(text, asked=NOTHING)

    opt_out = heard.find("opt_out")
    assert opt_out is not None, heard
    assert opt_out.purposes == ALL
    assert opt_out.hit


@pytest.mark.parametrize(
    ("text", "purposes"),
    [
        ("别再发理财了，生日可以", MARKETING),
        ("别再发理财了生日可以", MARKETING),
        ("理财，别再发了", MARKETING),
        ("理财可以停了", MARKETING),
        ("退订理财", MARKETING),
        ("退订营销短信", MARKETING),
        ("不想收到任何推销短信", MARKETING),
        ("别再给我发信用卡的广告了，过节问候我还是喜欢的", MARKETING),
        ("生日祝福别发了", CARE),
        ("生日祝福不用发了，理财可以", CARE),
        ("别发了，生日可以", ALL - CARE),
        ("除了生日祝福其他都别发了", ALL - CARE),
        ("只要生日祝福，其他都退订", ALL - CARE),
        ("除了理财别的都退订", ALL - MARKETING),
        ("资讯和广告不要再发", frozenset({"information", "marketing"})),
        ("怎么退订", MARKETING),
        ("如何取消订阅你们的短信？", MARKETING),
    ],
)
def test_an_opt_out_stops_the_purposes_it_names_and_spares_those_it_keeps(
    text: str, purposes: frozenset[str]
) -> None:
    opt_out = understand(text, asked=NOTHING).find("opt_out")

    assert opt_out is not None
    assert opt_out.purposes == purposes


@pytest.mark.parametrize(
    "text",
    [
        "不退订", "我不想退订", "别退订", "没退订过", "取消预约", "取消贷款", "取消昨天的申请", "关闭网银",
        "5万",
        "别发火", "别的都发", "特别想收到你们的祝福", "请再发一遍", "请问不用发身份证照片吗",
        "the bus stop",
        "退定期存款", "不用回电", "不要发错了", "告别了老房子", "The T team", "取消退订", "恢复订阅",
        "不用发验证码", "不要发给别人",
    ],
)  # fmt: skip
def test_what_only_looks_like_an_opt_out_is_none(text: str) -> None:
    assert "opt_out" not in understand(text, asked=NOTHING).kinds


@pytest.mark.parametrize("text", ["N", "取消", "不要", "0", "n。", "不要，"])
def test_a_no_to_a_yes_or_no_question_is_an_answer(text: str) -> None:
    heard = understand(text, asked=YES_NO)

    assert heard.kinds == {"plain"}
    assert heard.intents[0].rule == "plain.answer_no"


@pytest.mark.parametrize("text", ["退订", "TD", "R", "T", "STOP", "拒收", "别再发了"])
def test_a_plain_stop_is_never_an_answer(text: str) -> None:
    assert "opt_out" in understand(text, asked=YES_NO).kinds


@pytest.mark.parametrize(
    "text", ["怎么退订", "退订理财", "取消预约", "退订不了", "别打电话，微信联系就行", "别再打电话来了"]
)
def test_where_it_is_doubtful_what_stops_a_person_looks(text: str) -> None:
    assert understand(text, asked=NOTHING).needs_person


@pytest.mark.parametrize(
    ("text", "asked", "score", "comment"),
    [
        ("5", CSAT, 5, ""), ("５", CSAT, 5, ""), ("五", CSAT, 5, ""), ("5分", CSAT, 5, ""),
        ("五星", CSAT, 5, ""),
        ("⑤", CSAT, 5, ""), ("5️⃣", CSAT, 5, ""), ("(5)", CSAT, 5, ""), ("5。", CSAT, 5, ""),
        ("满分", CSAT, 5, ""),
        ("👍", CSAT, 5, ""), ("⭐⭐⭐⭐⭐", CSAT, 5, ""), ("★★★", CSAT, 3, ""), ("我给4星", CSAT, 4, ""),
        ("十分满意", CSAT, 5, ""), ("满意", CSAT, 4, ""), ("一般", CSAT, 3, ""), ("差评", CSAT, 1, ""),
        ("5 服务很好", CSAT, 5, "服务很好"), ("5分，小王很耐心", CSAT, 5, "小王很耐心"),
        ("很满意，5分", CSAT, 5, "很满意"), ("排队2个小时，1分", CSAT, 1, "排队2个小时"),
        ("2 等太久了 投诉你们", CSAT, 2, "等太久了 投诉你们"), ("给个好评", CSAT, 5, "给个好评"),
        ("给你们打3分", CSAT, 3, ""), ("5 TD", CSAT, 5, ""),
        ("0", NPS, 0, ""), ("10", NPS, 10, ""), ("十", NPS, 10, ""), ("9分，很好", NPS, 9, "很好"),
    ],
)  # fmt: skip
def test_a_score_is_heard_with_its_comment(text: str, asked: Asked, score: int, comment: str) -> None:
    rating = understand(text, asked=asked).find("rating")

    assert rating is not None
    assert (rating.score, rating.comment) == (score, comment)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("5", NOTHING), ("5分", NOTHING), ("👍", NOTHING), ("5万", CSAT), ("5 万", CSAT),
        ("5分钟后打给我", CSAT),
        ("5号再说", CSAT), ("3点打给我", CSAT), ("2个问题", CSAT), ("5月1日", CSAT), ("4.5", CSAT),
        ("五星级酒店", CSAT),
        ("一直很忙", CSAT), ("6", CSAT), ("0", CSAT), ("55", CSAT), ("100分", CSAT), ("11", NPS),
        ("十分感谢", NPS),
        ("0000", NPS), ("态度5分，环境3分", CSAT), ("等了30分钟", CSAT), ("5.5%的利率", CSAT),
        ("12378", CSAT),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_score_is_none(text: str, asked: Asked) -> None:
    assert "rating" not in understand(text, asked=asked).kinds


@pytest.mark.parametrize(
    ("text", "asked"), [("6", CSAT), ("0", CSAT), ("11", NPS), ("态度5分，环境3分", CSAT)]
)
def test_a_score_off_the_scale_or_two_of_them_go_to_a_person(text: str, asked: Asked) -> None:
    assert understand(text, asked=asked).needs_person


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("再发我打12378", {"opt_out", "complaint"}), ("退订！再发我打12378", {"opt_out", "complaint"}),
        ("再发就投诉", {"opt_out", "complaint"}), ("都退订了还发", {"opt_out", "complaint"}),
        ("再不退订我就投诉", {"opt_out", "complaint"}), ("滚", {"opt_out", "complaint"}),
        ("机主已经过世，请不要再发", {"opt_out", "bereavement"}), ("退订，谢谢", {"opt_out", "thanks"}),
        ("怎么退订", {"opt_out", "question"}), ("退订理财", {"opt_out", "question"}),
        ("取消预约", {"question"}),
        ("我要投诉", {"complaint"}), ("投訴", {"complaint"}), ("1 2 3 6 3", {"complaint"}),
        ("打12345了", {"complaint"}),
        ("12321举报你们", {"complaint"}), ("12315见", {"complaint"}), ("找银保监会", {"complaint"}),
        ("金融监管总局会管你们", {"complaint"}), ("黑猫见", {"complaint"}), ("给你们曝光", {"complaint"}),
        ("律师函已寄出", {"complaint"}), ("我去信访局", {"complaint"}), ("你们态度太差了", {"complaint"}),
        ("乱扣费", {"complaint"}), ("未经本人同意扣了年费", {"complaint"}),
        ("this is a scam", {"complaint"}),
        ("泄露我的信息", {"complaint"}), ("怎么投诉", {"complaint", "question"}),
        ("请问利率多少", {"question"}), ("在吗？", {"question"}),
        ("How do I open an account", {"question"}),
        ("谢谢", {"thanks"}), ("新年快乐", {"thanks"}), ("收到", {"thanks"}), ("thank you", {"thanks"}),
        ("回电", {"call_back"}), ("请给我打个电话", {"call_back"}), ("call me back", {"call_back"}),
        ("进度", {"progress"}), ("办得怎么样了", {"progress", "question"}),
        ("批下来了吗", {"progress", "question"}),
        ("发错了", {"wrong_person"}), ("打错了", {"wrong_person"}), ("不是本人", {"wrong_person"}),
        ("wrong number", {"wrong_person"}),
        ("我不是王先生", {"wrong_person"}), ("这个号码换人了", {"wrong_person"}),
        ("新办的手机号", {"wrong_person"}),
        ("我爸上个月去世了", {"bereavement"}), ("他人已经不在了", {"bereavement"}),
        ("My father passed away", {"bereavement"}),
        ("卡被盗刷了", {"severe"}), ("钱被转走了", {"severe"}), ("不是本人操作", {"severe"}),
        ("我不想活了", {"severe"}),
        ("我要找记者", {"severe"}), ("去北京上访", {"severe"}), ("恢复订阅", {"opt_in"}),
        ("START", {"opt_in"}),
        ("取消退订", {"opt_in"}), ("生日祝福可以继续发", {"opt_in"}),
        ("好的", {"plain"}), ("嗯嗯", {"plain"}), ("", {"plain"}), ("🌹🌹", {"plain"}),
        ("马上访问你们官网", {"plain"}),
        ("没有不满意", {"plain"}), ("不是投诉", {"plain"}), ("利息打错了", {"plain"}),
        ("烦请转告小王", {"plain"}),
        ("12345678", {"plain"}), ("垃圾分类", {"plain"}), ("累死了", {"plain"}), ("5", {"plain"}),
    ],
)  # fmt: skip
def test_a_reply_is_a_set_of_intents(text: str, kinds: set[str]) -> None:
    assert understand(text, asked=NOTHING).kinds == kinds


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("1分，态度差，我要投诉", {"rating", "complaint"}), ("5 TD", {"rating", "opt_out"}),
        ("不满意", {"rating", "complaint"}), ("5分，谢谢", {"rating", "thanks"}),
        ("2分，给我回电", {"rating", "call_back"}),
        ("N", {"opt_out"}), ("不要", {"opt_out"}),
    ],
)  # fmt: skip
def test_a_rating_hides_nothing_and_nothing_hides_it(text: str, kinds: set[str]) -> None:
    assert understand(text, asked=CSAT).kinds == kinds


@pytest.mark.parametrize("text", ["我爸去世了", "我不想活了", "卡被盗刷了", "自动回复：您好，我现在不在"])
def test_a_death_a_crisis_and_a_machine_get_no_automatic_answer(text: str) -> None:
    assert understand(text, asked=NOTHING).no_auto_answer


@pytest.mark.parametrize("text", ["退订", "谢谢", "好的", "", "👍", "别再发理财了，生日可以"])
def test_what_settles_itself_troubles_nobody(text: str) -> None:
    heard = understand(text, asked=NOTHING)

    assert not heard.needs_person
    assert not heard.no_auto_answer


@pytest.mark.parametrize(
    "text",
    [
        "【江城银行】王先生，新年好！拒收请回复R\n谢谢",
        "> 【江城银行】王先生，新年好！拒收请回复R\n谢谢",
        "「江城银行：新年好！退订回TD」\n- - - - - - - -\n谢谢",
    ],
)
def test_our_own_words_quoted_back_are_not_the_customers(text: str) -> None:
    assert understand(text, asked=NOTHING).kinds == {"thanks"}
