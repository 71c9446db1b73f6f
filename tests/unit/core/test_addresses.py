"""Numbers and mail addresses: one stored form, a sentence for each wrong one, and nothing shown in full."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.addresses import (
    AddressInvalid,
    last_four,
    mask_email,
    mask_name,
    mask_phone,
    normalise_email,
    normalise_phone,
)


@pytest.mark.parametrize(
    "text",
    [
        "13800138000", "+8613800138000", "8613800138000", "008613800138000", "+86 138 0013 8000",
        "138-0013-8000",
        "１３８００１３８０００", "（+86）13800138000", "\u200b13800138000\ufeff", " 13800138000\n",
        "138–0013–8000",
        "\u202a+8613800138000\u202c", "86-138 0013-8000",
    ],
)  # fmt: skip
def test_a_mainland_mobile_has_one_form_however_typed(text: str) -> None:
    phone = normalise_phone(text)

    assert phone.e164 == "+8613800138000"
    assert phone.is_mainland_mobile


@pytest.mark.parametrize(
    ("text", "e164"),
    [
        ("+852 6123 4567", "+85261234567"),
        ("0085261234567", "+85261234567"),
        ("+1 415-555-2671", "+14155552671"),
        ("027-85558888", "+862785558888"),
    ],
)
def test_landlines_and_numbers_abroad_are_numbers_but_no_mainland_mobiles(text: str, e164: str) -> None:
    phone = normalise_phone(text)

    assert phone.e164 == e164
    assert not phone.is_mainland_mobile


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "phone_empty"), (" \u200b", "phone_empty"), ("1380013800", "phone_mobile"),
        ("138001380001", "phone_mobile"),
        ("12012345678", "phone_mobile"), ("95588", "phone_service"), ("10693000", "phone_service"),
        ("电话", "phone_invalid"), ("wang@example.com", "phone_invalid"),
        ("+8612345678901", "phone_invalid"),
        ("1.38E+10", "phone_mobile"), ("9" * 5000, "phone_invalid"), ("027-85558888转8", "phone_invalid"),
    ],
)  # fmt: skip
def test_a_wrong_number_is_told_what_would_be_right(text: str, code: str) -> None:
    with pytest.raises(AddressInvalid) as caught:
        normalise_phone(text)

    assert caught.value.code == code
    assert "138" in caught.value.sentence_zh or "手机号" in caught.value.sentence_zh
    assert caught.value.sentence_en
    assert "95588" not in caught.value.sentence_zh


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused(text: str) -> None:
    try:
        phone = normalise_phone(text)
    except AddressInvalid:
        return
    assert normalise_phone(phone.e164) == phone


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("wang@example.com", "wang@example.com"),
        (" Wang.XM+bank@Mail.Example.COM ", "Wang.XM+bank@mail.example.com"),
        ("wang＠example.com", "wang@example.com"),
        ("wang@例子.com", "wang@xn--fsqu00a.com"),
        ("phone-17@simulator.test", "phone-17@simulator.test"),
        ("a" * 64 + "@example.com", "a" * 64 + "@example.com"),
    ],
)
def test_a_mail_address_keeps_its_name_and_lowers_its_domain(text: str, address: str) -> None:
    assert normalise_email(text) == address


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "email_empty"), ("wang", "email_invalid"), ("wang@", "email_invalid"),
        ("a..b@example.com", "email_invalid"),
        ("a@b", "email_invalid"), ("x@localhost", "email_invalid"), ("x@y.invalid", "email_invalid"),
        ("a b@example.com", "email_invalid"), ("a@@example.com", "email_invalid"),
        ("a@-x.com", "email_invalid"),
        ("a" * 65 + "@example.com", "email_invalid"), ("a@" + "b" * 300 + ".com", "email_too_long"),
        ("王小明 <wang@example.com>", "email_invalid"),
        ("a@example.com\nBcc: b@example.com", "email_invalid"),
    ],
)  # fmt: skip
def test_a_wrong_mail_address_is_told_what_would_be_right(text: str, code: str) -> None:
    with pytest.raises(AddressInvalid) as caught:
        normalise_email(text)

    assert caught.value.code == code


@given(st.one_of(st.emails(), st.text(max_size=60)))
def test_a_normalised_mail_address_stays_as_it_is(text: str) -> None:
    try:
        address = normalise_email(text)
    except AddressInvalid:
        return
    assert normalise_email(address) == address


@pytest.mark.parametrize(
    ("shown", "masked"),
    [
        (mask_phone("+8613800138000"), "138****8000"),
        (mask_phone("+85261234567"), "+85****4567"),
        (mask_phone("12"), "****"),
        (mask_email("wang@example.com"), "w***@example.com"),
        (mask_email("nonsense"), "***"),
        (mask_name("王小明"), "王**"),
        (mask_name("王明"), "王*"),
        (mask_name("王"), "王*"),
        (mask_name("Alexander"), "A***"),
        (mask_name(""), ""),
        (last_four("+8613800138000"), "8000"),
    ],
)
def test_what_is_shown_hides_the_middle(shown: str, masked: str) -> None:
    assert shown == masked
