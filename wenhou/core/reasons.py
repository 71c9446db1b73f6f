"""Why a message was held, skipped, rejected or failed: one list of codes, each with its sentence in both languages.

A reason is never a status (`wenhou.core.statuses`). Sentences are made when read; rows hold the code.
"""

from __future__ import annotations

REASONS: dict[str, tuple[str, str]] = {
    # gates (DESIGN §7), in their order
    "care_restricted": ("按规定暂不联系", "Not to be contacted at present, by rule"),
    "customer_inactive": ("客户已销户或资料已删除", "The customer has left, or their data was erased"),
    "feed_late": ("数据未到，先不联系", "Data expected today has not arrived"),
    "number_unverified": ("久未往来，号码要先核实", "Dormant: the number must be verified first"),
    "minor": ("未成年客户，不营销、不请评价", "A minor: no marketing, no rating or referral request"),
    "guardian_missing": ("未成年客户，没有监护人的联系方式", "A minor without a guardian's contact"),
    "not_in_audience": ("不在活动客群内", "Outside the campaign's audience"),
    "condition_not_met": ("这一步的条件没有满足", "What this step waits for did not happen"),
    "condition_unknown": (
        "这一步的条件无从得知",
        "Nobody can know whether what this step waits for happened",
    ),
    "holdout": ("在对照组内，这次不发", "In the holdout group"),
    "more_important_message": ("当天已有更重要的一条", "A more important message goes that day"),
    "greeted_this_birth_year": (
        "今年生日已按另一种历法问候过",
        "This birthday was greeted by the other calendar already",
    ),
    "no_reachable_channel": ("活动所用渠道都联系不上客户", "No reachable address on any channel of the plan"),
    "template_not_filed": (
        "线路只发已备案模板，这段文字未备案或未获批",
        "The line carries filed texts only, and none of these words is filed and approved",
    ),
    "signature_not_filed": ("短信签名在这条线路未备案", "The SMS signature is not filed for this line"),
    "platform_forbids": ("平台规则不允许发这类内容", "The platform does not allow this purpose"),
    "no_consent": ("客户没有同意过接收这类消息", "No consent for this channel and purpose"),
    "consent_withdrawn": ("客户已退订这类消息", "The customer withdrew consent"),
    "address_dead": ("号码是空号或邮箱地址不存在", "The number or mail address does not exist"),
    "address_not_theirs": (
        "号码可能已换人，核实前不再使用",
        "The number may be somebody else's now; unused until it is verified",
    ),
    "address_resting": (
        "邮箱连续退信，先停用90天",
        "Mail there keeps coming back; left alone for 90 days",
    ),
    "address_failing": ("连续三次活动都没有送达", "Three campaigns in a row did not get through"),
    "suppressed": ("号码或地址在免打扰名单", "The address is suppressed"),
    "open_case": ("有投诉未办结，先不打扰", "A complaint is open"),
    "case_rest": ("投诉刚办结，先缓几天", "A complaint was closed only days ago"),
    "placeholder_missing": ("内容缺项或有误，不能发送", "A placeholder has no sound value"),
    "data_unreadable": ("客户资料读不出来，未排期", "The customer's data cannot be read; not planned"),
    "content_blocked": ("内容未通过合规检查", "The wording is blocked by the compliance lint"),
    "opinion_expired": (
        "消保审查意见已到期，等续审",
        "The opinion of consumer protection is over; waits for its renewal",
    ),
    "opinion_missing": (
        "没有覆盖这份文案的消保审查意见",
        "No opinion of consumer protection covers these words",
    ),
    "product_not_on_sale": ("产品当天不在售", "The product is not on sale that day"),
    "product_too_risky": ("产品风险高于客户的风险等级", "The product's risk is above the customer's level"),
    "not_assessed": ("客户没有做过风险测评", "The customer has no risk assessment"),
    "assessment_expired": ("客户的风险测评已过期", "The customer's risk assessment has expired"),
    "too_risky_for_age": ("高龄客户不推介这一风险等级", "Too risky to offer at this customer's age"),
    "cap_reached": ("联系次数已到上限", "The contact cap is reached"),
    "address_cap_reached": (
        "同一号码或邮箱当天已有一条问候，不再重复",
        "This address is greeted that day already; one a day",
    ),
    "campaign_limit": ("活动当天的发送上限已到", "The campaign's own limit of the day is reached"),
    "care_ratio": ("关怀联系不足，营销暂缓", "Not enough non-sales contacts before a sales one"),
    "quota_exhausted": ("平台额度已用完", "The platform's quota is used up"),
    "outside_window": ("不在可发送时段", "Outside the send window"),
    "blackout": ("线路封网时段", "The line is closed to such traffic"),
    "crowded_minute": ("避开整点拥堵", "Kept clear of a crowded minute"),
    "mourning": ("哀悼期间暂停", "Rests during mourning"),
    "wave_waiting": ("等前一批观察完", "Waits until the wave before has been watched"),
    "no_slot": ("有效期内没有可发送时段", "No slot to send before it expires"),
    "shared_address": (
        "多人共用的号码，不写产品、金额和日期",
        "A shared address: no product, amount or date",
    ),
    "too_late": ("已过时效，不再发送", "Too late to send"),
    # people
    "wording": ("措辞不合适", "The wording is not right"),
    "wrong_customer": ("客户不合适", "Not for this customer"),
    "wrong_time": ("时间不合适", "Not at this time"),
    "already_greeted": ("客户经理已亲自问候", "The advisor greeted in person"),
    "other": ("其他原因", "Another reason"),
    "undone": ("批准已撤回", "The approval was taken back"),
    "snoozed": ("稍后再看", "Looked at again later"),
    "edited": ("内容有改动，需重新审批", "The text changed; approval is needed anew"),
    "input_changed": ("客户资料有变，已重新生成", "The customer's data changed; rendered anew"),
    "asked_again": ("已过当天，请再确认要不要发", "Its day is over; asked whether it should still go"),
    "not_approved": ("到期未审批", "Nobody approved it in time"),
    # operations
    "campaign_finished": ("活动已结束", "The campaign has ended"),
    "campaign_paused": ("活动已暂停", "The campaign is paused"),
    "stopped": ("停发令生效中", "An order to stop is in force"),
    "channel_paused": ("渠道暂停中", "The channel is paused"),
    "event_corrected": (
        "业务信息已更正，另行安排",
        "The business event was corrected; planned anew",
    ),
    "card_retired": ("产品建议卡已停用", "The advice card was retired"),
    "rates_changed": ("挂牌利率已更新，另行安排", "The published rates changed; planned anew"),
    "calendar_changed": ("生日改按另一历法", "The birthday is kept by the other calendar"),
    "event_cancelled": ("业务已撤销", "The business event was cancelled"),
    "article_withdrawn": ("政策资讯已撤回", "The article was withdrawn"),
    # hand-over
    "retry": ("稍后重试", "Will be tried again"),
    "refused": ("平台拒收", "Refused by the provider"),
    "retries_exhausted": ("多次重试仍未发出", "Gave up after several tries"),
    "no_answer": ("未收到平台答复，不会重发", "No answer came; never sent again blindly"),
    "interrupted": (
        "发送中断，结果未知，不会重发",
        "The process died during the call; never sent again blindly",
    ),
    "rules_changed": ("合规规则更新，需按新规则重新审批", "The compliance rules changed; agree to it again"),
    "content_changed": ("内容与审批时不一致，需重新审批", "The content differs from what was approved"),
    "closed_unknown": (
        "过了回执期限仍无结果，按未知结案",
        "No receipt came within the deadline; closed as unknown",
    ),
    "settled_not_sent": ("经人工核实，没有发出", "Checked by a person: it was not sent"),
    "tap_cancelled": ("客户经理取消了发送", "The advisor cancelled the task"),
    "tap_missed": ("未在时限内确认", "Nobody confirmed in time"),
}


def sentence(code: str | None, locale: str = "zh-CN") -> str:
    """The sentence of a reason; an unknown code reads as itself, so that nothing is ever blank."""
    if code is None:
        return ""
    zh, en = REASONS.get(code, (code, code))
    return zh if locale.startswith("zh") else en
