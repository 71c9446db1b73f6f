"""Our fields, what branches call them, and how a cell of each is read."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from wenhou.core.purposes import Purpose
from wenhou.services.importing import cells

GENDERS: Final = {
    "男": "male",
    "女": "female",
    "未知": "unknown",
    "男性": "male",
    "女性": "female",
    "male": "male",
    "female": "female",
    "m": "male",
    "f": "female",
    "unknown": "unknown",
    "不详": "unknown",
}
STATES: Final = {
    "正常": "active",
    "睡眠": "dormant",
    "销户": "closed",
    "active": "active",
    "dormant": "dormant",
    "closed": "closed",
    "不动户": "dormant",
    "关闭": "closed",
    "已销户": "closed",
}
RELATIONS: Final = {
    "本人": "own",
    "监护人": "guardian",
    "家属": "family",
    "单位": "company",
    "own": "own",
    "guardian": "guardian",
    "family": "family",
    "company": "company",
    "家人": "family",
    "公司": "company",
}
HOUSEHOLD_ROLES: Final = {
    "户主": "head",
    "配偶": "spouse",
    "父母": "parent",
    "子女": "child",
    "其他": "other",
    "head": "head",
    "spouse": "spouse",
    "parent": "parent",
    "child": "child",
    "other": "other",
    "父亲": "parent",
    "母亲": "parent",
    "丈夫": "spouse",
    "妻子": "spouse",
    "儿子": "child",
    "女儿": "child",
}
DATE_SOURCES: Final = {
    "证件": "certificate",
    "本人": "customer",
    "经理": "advisor",
    "文件": "file",
    "certificate": "certificate",
    "customer": "customer",
    "advisor": "advisor",
    "file": "file",
    "身份证": "certificate",
    "客户经理": "advisor",
    "系统": "file",
}
LOCALES: Final = {
    "中文": "zh-CN",
    "英文": "en",
    "zh-cn": "zh-CN",
    "zh_cn": "zh-CN",
    "zh": "zh-CN",
    "en": "en",
    "简体中文": "zh-CN",
    "english": "en",
}
CELEBRATED: Final = {
    "公历": "solar",
    "农历": "lunar",
    "都过": "both",
    "solar": "solar",
    "lunar": "lunar",
    "both": "both",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing a file may say about a customer. `headings`: the first is the one we print."""

    key: str
    headings: tuple[str, ...]
    parse: cells.Parser
    clearable: bool = True


def _field(key: str, headings: str, parse: cells.Parser, *, clearable: bool = True) -> Field:
    return Field(key=key, headings=tuple(headings.split()), parse=parse, clearable=clearable)


def _consent_fields() -> Iterable[Field]:
    channels = {
        "sms": ("短信",),
        "email": ("邮件", "邮箱"),
        "wechat": ("微信",),
        "wecom": ("企微", "企业微信"),
        "any": ("全部渠道", "所有渠道"),
    }
    purposes = {
        Purpose.CARE: ("关怀", "问候"),
        Purpose.SERVICE: ("服务",),
        Purpose.INFORMATION: ("资讯",),
        Purpose.MARKETING: ("营销",),
    }
    for channel, spoken in channels.items():
        for purpose, names in purposes.items():
            headings = " ".join(f"{word}{name}同意" for word in spoken for name in names)
            yield _field(f"consent_{channel}_{purpose.value}", headings, cells.yes_or_no)


FIELDS: Final[tuple[Field, ...]] = (
    _field(
        "external_ref",
        "客户号 客户编号 客户号码 核心客户号 customer_no customer_id cust_no ref",
        cells.reference,
        clearable=False,
    ),
    _field("name", "姓名 客户姓名 客户名称 customer_name full_name", cells.text(120), clearable=False),
    _field("salutation", "称谓 称呼 title", cells.text(40)),
    _field("gender", "性别 sex", cells.word(GENDERS)),
    _field("locale", "语言 language", cells.word(LOCALES), clearable=False),
    _field("time_zone", "时区 timezone", cells.zone),
    _field("state", "状态 客户状态 status", cells.word(STATES), clearable=False),
    _field("tier", "层级 客户层级 客户等级 等级", cells.text(40)),
    _field("assets", "资产(元) 资产 资产余额 aum assets_yuan balance_yuan", cells.money),
    _field("need", "需求 客户需求 needs", cells.text(40)),
    _field("risk_appetite", "风险偏好 risk", cells.text(40)),
    _field("interests", "兴趣 兴趣爱好 爱好 interest hobbies", cells.words),
    _field("tags", "标签 客户标签 tag labels", cells.words),
    _field("is_staff", "是否员工 员工 staff", cells.yes_or_no),
    _field("birth_year", "出生年 出生年份 year_of_birth", cells.year),
    _field("birthday_solar", "公历生日 阳历生日 birthday_gregorian", cells.solar_day),
    _field("birthday_lunar", "农历生日 阴历生日 lunar_birthday", cells.lunar_day),
    _field("birthday", "生日 出生日期 birth_date date_of_birth dob", cells.any_day),
    _field("birthday_source", "生日来源", cells.word(DATE_SOURCES), clearable=False),
    _field("birthday_celebrated", "庆生历法 过哪个生日", cells.word(CELEBRATED), clearable=False),
    _field("phone", "手机 手机号 手机号码 移动电话 mobile mobile_phone", cells.mobile),
    _field("phone_relation", "手机关系 手机归属", cells.word(RELATIONS), clearable=False),
    _field("guardian_phone", "监护人手机 监护人手机号 监护人电话 guardian_mobile", cells.mobile),
    _field("email", "邮箱 电子邮箱 电子邮件 e-mail mail", cells.email),
    _field("wechat_openid", "微信openid openid 微信号openid", cells.platform_id),
    _field("wechat_account", "公众号账号 微信账号", cells.text(60), clearable=False),
    _field("wecom_id", "企微ID 企业微信ID 企微外部联系人ID external_userid", cells.platform_id),
    _field("wecom_account", "企微账号", cells.text(60), clearable=False),
    _field("advisor", "客户经理 客户经理工号 管户经理 A角 advisor_no main_advisor", cells.text(80)),
    _field("deputy_advisor", "副客户经理 B角 副客户经理工号 deputy", cells.text(80)),
    _field("managing_org", "管户机构 管户机构号 所属机构 branch", cells.text(120)),
    _field("opening_org", "开户机构 开户机构号 opening_branch", cells.text(120)),
    _field("opened_on", "开户日期 opening_date account_opened_on", cells.past_date),
    _field("household", "家庭编号 household_no", cells.text(120)),
    _field("household_role", "家庭关系 关系", cells.word(HOUSEHOLD_ROLES), clearable=False),
    _field("agreement_version", "协议版本 授权书版本 consent_wording", cells.text(60), clearable=False),
    _field("signed_on", "签署日期 授权日期 consent_signed_on", cells.past_date, clearable=False),
    _field("counter_serial", "柜面流水号 授权流水号 consent_serial", cells.text(80), clearable=False),
    *_consent_fields(),
)
BY_KEY: Final = {field.key: field for field in FIELDS}
REASON_HEADING: Final = "原因"
LINE_HEADING: Final = "原行号"
ALWAYS_IGNORED: Final = frozenset({REASON_HEADING, LINE_HEADING})
"""Columns we add to rejected rows ourselves."""


def _plain(heading: str) -> str:
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return re.sub(r"[\s_\-*:：()（）【】\[\]]", "", folded)


_BY_HEADING: Final = {_plain(name): field.key for field in FIELDS for name in (*field.headings, field.key)}
_SHOWN: Final = {_plain(name): name for field in FIELDS for name in (*field.headings, field.key)}


def find_field(heading: str) -> str | None:
    """Our field for a heading: blanks, underscores, brackets, case and full width do not matter."""
    return _BY_HEADING.get(_plain(heading))


def nearest_heading(heading: str, among: Iterable[str] = ()) -> str | None:
    """The legal heading most like this one, or None where none is."""
    shown = {_plain(name): name for name in among} or _SHOWN
    close = difflib.get_close_matches(_plain(heading), shown, n=1, cutoff=0.5)
    return shown[close[0]] if close else None
