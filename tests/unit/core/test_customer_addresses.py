"""An address that a customer is said to have: mistyped domains, QQ numbers, shared boxes, service numbers."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.addresses import (
    DOMAIN_TYPOS,
    AddressInvalid,
    customer_email,
    is_role_address,
    normalise_email,
    normalise_phone,
)

_WIDE = str.maketrans(string.digits + "+-() ", "０１２３４５６７８９＋－（）　")


@pytest.mark.parametrize(("typo", "meant"), sorted(DOMAIN_TYPOS.items()))
def test_a_mistyped_domain_is_refused_with_what_was_meant_and_never_put_right(typo: str, meant: str) -> None:
    with pytest.raises(AddressInvalid) as caught:
        customer_email(f"wang@{typo.upper()}")
    assert caught.value.code == "email_typo"
    assert meant in caught.value.sentence_zh
    assert meant in caught.value.sentence_en
    assert meant not in DOMAIN_TYPOS


def test_whoever_wrote_from_an_odd_domain_has_a_box_there() -> None:
    assert normalise_email("wang@qq.cn") == "wang@qq.cn"


@pytest.mark.parametrize("local", ["10000", "12345678901", "wang", "w123", "1234a"])
def test_a_qq_number_of_five_to_eleven_digits_or_a_name_is_taken(local: str) -> None:
    assert customer_email(f"{local}@qq.com") == f"{local}@qq.com"


@pytest.mark.parametrize("local", ["1", "1234", "012345", "123456789012"])
def test_a_qq_number_that_cannot_be_one_is_refused(local: str) -> None:
    with pytest.raises(AddressInvalid, match="QQ"):
        customer_email(f"{local}@qq.com")


def test_digits_at_other_hosts_are_theirs_to_judge() -> None:
    assert customer_email("123@163.com") == "123@163.com"


@pytest.mark.parametrize(("address", "shared"), [
    ("info@example.com", True), ("Service+a@example.com", True), ("no-reply@example.com", True),
    ("wang@example.com", False), ("information@example.com", False),
])  # fmt: skip
def test_a_box_that_several_people_read_is_told_by_its_name(address: str, shared: bool) -> None:
    assert is_role_address(address) is shared


@pytest.mark.parametrize(
    "text",
    [
        "95588",
        "95 588",
        "９５５８８",
        "+8695588",
        "10690000123",
        "106930001234567890",
        "10086",
        "12345",
        "110",
        "96669",
    ],
)
def test_a_service_number_is_nobodys_own(text: str) -> None:
    with pytest.raises(AddressInvalid) as caught:
        normalise_phone(text)
    assert caught.value.code == "phone_service"


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", "+86", "0086", "86", "+86 ", "86-", "(+86)"]),
    st.sampled_from(["", " ", "-", "\u00a0", "–"]),
    st.booleans(),
)
def test_every_spelling_of_a_mainland_mobile_is_one_number(
    number: str, prefix: str, gap: str, wide: bool
) -> None:
    text = f"{prefix}{number[:3]}{gap}{number[3:7]}{gap}{number[7:]}"
    phone = normalise_phone(text.translate(_WIDE) if wide else text)
    assert (phone.e164, phone.is_mainland_mobile) == (f"+86{number}", True)


@given(st.text(max_size=400))
def test_any_text_is_a_mail_address_or_refused(text: str) -> None:
    try:
        address = customer_email(text)
    except AddressInvalid:
        return
    assert customer_email(address) == address


@pytest.mark.parametrize("tail", [" " * 400 + "x", "9" * 100_000, "\u200b" * 100_000, "\ufdfa" * 50_000])
def test_what_no_person_typed_is_refused_whole(tail: str) -> None:
    with pytest.raises(AddressInvalid):
        normalise_phone("13800138000" + tail)
    with pytest.raises(AddressInvalid):
        customer_email("wang" + tail + "@example.com")
