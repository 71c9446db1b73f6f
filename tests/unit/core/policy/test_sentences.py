"""What the gates say to people: true, in their language, without codes."""

from __future__ import annotations

import re

import pytest

from wenhou.core.policy.gates import GATES, HOLD, SKIP, GateResult
from wenhou.core.policy.sentences import REASON_OF, gate_sentence
from wenhou.core.reasons import REASONS

VALUES = {
    "restriction": "restricted",
    "audience": "out",
    "reachable": "0",
    "consent": "none",
    "open_case": "open",
    "caps": "week 3/3",
    "late": "expired",
}


@pytest.mark.parametrize(("gate", "reason"), REASON_OF)
def test_a_no_in_chinese_shows_no_english_code(gate: str, reason: str) -> None:
    result = GateResult(gate=gate, verdict=SKIP, reason=reason, value=VALUES.get(gate, ""))
    assert not re.search(r"[a-z]", gate_sentence(result, "zh-CN"))


def test_a_cap_says_how_many_and_in_which_time() -> None:
    result = GateResult(gate="caps", verdict=SKIP, reason="cap_reached", value="week 3/3")
    assert gate_sentence(result) == "联系次数已到上限（七天内3/3）。"
    assert gate_sentence(result, "en") == "The contact cap is reached (3/3 in seven days)."


def test_a_shared_number_says_how_many_share_it() -> None:
    result = GateResult(gate="lint", verdict=SKIP, reason="shared_address", value="3")
    assert gate_sentence(result) == "多人共用的号码，不写产品、金额和日期（3位客户共用）。"


def test_a_service_message_never_claims_that_the_customer_consented() -> None:
    assert "同意" not in gate_sentence(GateResult(gate="consent", value="sms"))


def test_a_gate_that_was_not_asked_says_so() -> None:
    assert gate_sentence(GateResult(gate="consent")) == "这类消息不看这一项。"
    assert (
        gate_sentence(GateResult(gate="window", value="answer"), "en") == "Not asked of this kind of message."
    )


def test_every_gate_speaks_for_every_verdict() -> None:
    for gate in GATES:
        assert gate_sentence(GateResult(gate=gate.__name__))
        assert gate_sentence(GateResult(gate=gate.__name__, verdict=HOLD, reason="open_case"))


@pytest.mark.parametrize("code", REASONS)
def test_a_reason_is_a_phrase_that_other_sentences_can_carry(code: str) -> None:
    chinese, english = REASONS[code]
    assert not chinese.endswith("。")
    assert not english.endswith(".")
    assert not re.search(r"[,;:!?()]", chinese), "Chinese wants its own punctuation"
