"""A tier nobody has is most likely a slip: the check says so, with the nearest word the bank has."""

from __future__ import annotations

from wenhou.services.campaign_checks import Surroundings
from wenhou.services.campaign_files import read_campaigns

TEXT = """
key: hello
name: {zh-CN: 问候, en: Greeting}
purpose: care
trigger: {type: festival, festival: spring_festival}
audience: {field: tier, is: [VPI]}
template: spring_festival
channels: [sms]
"""


def test_a_tier_that_no_customer_has_is_remarked_with_the_nearest_one() -> None:
    known = Surroundings(words={"tier": {"VIP", "普通"}})
    remarks = read_campaigns(TEXT, "hello.yaml", surroundings=known)[0].remarks
    assert any("hello.yaml:6" in one and "did you mean VIP?" in one for one in remarks), remarks
    assert not any("tier" in one for one in read_campaigns(TEXT, "hello.yaml")[0].remarks)
