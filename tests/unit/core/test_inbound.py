"""How understanding behaves whatever is typed: it never fails, never hangs, and noise changes nothing."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wenhou.core.hearing.intents import KINDS
from wenhou.core.inbound import Asked, understand

ASKED = st.builds(Asked, rating=st.sampled_from([None, "csat", "nps"]), yes_no=st.booleans())
WORDS = st.lists(
    st.sampled_from(
        [*"退订 理财 生日 可以 别再发 了 ， 不 怎么 5 分 万 投诉 12378 吗 TD".split(), " ", "\n"]
    ),
    max_size=30,
).map("".join)
NOISE = st.text(alphabet=" \u3000\t\u200b\u200d\ufeff\u202e\ufe0f", max_size=3)
CODES = st.sampled_from(
    ["退订", "TD", "T", "R", "QX", "STOP", "拒收", "取消订阅", "UNSUBSCRIBE", "ＴＤ", "退訂"]
)


@given(text=st.one_of(st.text(max_size=300), WORDS), asked=ASKED)
def test_any_text_is_understood_as_something(text: str, asked: Asked) -> None:
    heard = understand(text, asked=asked)

    kinds = [intent.kind for intent in heard.intents]
    assert kinds == [kind for kind in KINDS if kind in kinds]
    assert len(kinds) == len(set(kinds)) >= 1


@given(text=WORDS, asked=ASKED)
def test_every_intent_can_be_explained(text: str, asked: Asked) -> None:
    for intent in understand(text, asked=asked).intents:
        assert intent.rule.startswith(intent.kind + ".")
        assert intent.sentence_zh.endswith("。")
        assert intent.sentence_en.endswith(".")
        assert bool(intent.purposes) == (intent.kind in {"opt_out", "opt_in"})
        assert (intent.score is not None) == (intent.kind == "rating")
        assert asked.rating is not None or intent.kind != "rating"


@given(code=CODES, data=st.data(), asked=ASKED)
def test_blanks_and_invisible_characters_change_no_code(code: str, data: st.DataObject, asked: Asked) -> None:
    noisy = "".join(data.draw(NOISE) + character for character in code) + data.draw(NOISE)

    assert understand(noisy, asked=asked).kinds == understand(code, asked=asked).kinds == {"opt_out"}


@given(text=WORDS, asked=ASKED)
def test_zero_width_characters_change_nothing(text: str, asked: Asked) -> None:
    assert understand("\u200b".join(text), asked=asked).kinds == understand(text, asked=asked).kinds


@given(text=WORDS, asked=ASKED)
@settings(max_examples=200)
def test_no_words_before_it_hide_a_complaint_after_it(text: str, asked: Asked) -> None:
    assert "complaint" in understand(text + "\n你们是骗子", asked=asked).kinds


@pytest.mark.parametrize(
    "unit",
    [
        "不要",
        "别再",
        "退订",
        "再发",
        "a ",
        "【",
        "【江城银行】",
        "「",
        "> ",
        "1 ",
        "5分，",
        "他",
        "，",
        "\u0301",
        "理财和",
        "ﷺ",
        "取消",
        "回复",
        "td ",
    ],
)
def test_a_hundred_thousand_hostile_characters_take_no_time(unit: str) -> None:
    text = (unit * 100_000)[:100_000]

    began = time.process_time()
    understand(text, asked=Asked(rating="csat"))

    assert time.process_time() - began < 1.0


def test_what_comes_after_ten_thousand_characters_does_not_count() -> None:
    assert "complaint" not in understand("嗯" * 10_000 + "投诉", asked=Asked()).kinds


def test_the_hit_names_the_words_and_the_sentence_the_purposes() -> None:
    heard = understand("别再发理财了，生日可以", asked=Asked())

    sentences = [intent.sentence_zh for intent in heard.intents]
    assert sentences == ["客户要求不再接收产品营销类消息，原话“别再发”。"]


def test_stop_wins_where_the_same_words_also_ask_for_more() -> None:
    heard = understand("恢复生日祝福吧，算了还是全部退订", asked=Asked())

    assert "opt_out" in heard.kinds
    assert "opt_in" not in heard.kinds
