"""Made-up customers of 江城银行 in the form a branch would export: for the demo, the examples and tests.

Pure: the same number, seed and day give the same rows. Mobiles and mail addresses are made up (mail at example.com);
in the demo only the simulator ever sees them.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from wenhou.core.calendars.lunar import month_at
from wenhou.services.importing import synthesis

SEED: Final = 2027
TODAY: Final = date(2027, 1, 30)
"""A week before Spring Festival: the day the shipped example is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleOrg:
    """An outlet the sample's rows name."""

    code: str
    name: str
    kind: str
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleAdvisor:
    """An advisor the sample's rows name by employee number."""

    employee_no: str
    name: str
    org: str


ORGS: Final = (
    SampleOrg(code="WH", name="武汉分行", kind="branch", parent=None),
    SampleOrg(code="WH01", name="武昌支行", kind="sub_branch", parent="WH"),
    SampleOrg(code="WH0101", name="中南路网点", kind="outlet", parent="WH01"),
    SampleOrg(code="WH02", name="汉口支行", kind="sub_branch", parent="WH"),
    SampleOrg(code="WH0201", name="江汉路网点", kind="outlet", parent="WH02"),
)
"""Parents before children; parent None is the head office."""
ADVISORS: Final = (
    SampleAdvisor(employee_no="A1001", name="李薇", org="WH0101"),
    SampleAdvisor(employee_no="A1002", name="周建明", org="WH0101"),
    SampleAdvisor(employee_no="A2001", name="陈晓岚", org="WH0201"),
    SampleAdvisor(employee_no="A2002", name="吴浩", org="WH0201"),
)
HEADINGS: Final = (
    *("客户号", "姓名", "性别", "称谓", "公历生日", "农历生日", "生日来源", "手机", "手机关系", "邮箱"),
    *("微信openid", "企微ID", "客户经理", "副客户经理", "管户机构", "开户机构", "开户日期"),
    *(
        "层级",
        "资产(元)",
        "需求",
        "风险偏好",
        "标签",
        "兴趣",
        "语言",
        "家庭编号",
        "家庭关系",
        "是否员工",
        "状态",
    ),
    *(
        "短信关怀同意",
        "短信资讯同意",
        "短信营销同意",
        "微信关怀同意",
        "微信营销同意",
        "邮件关怀同意",
        "邮件资讯同意",
    ),
    *("协议版本", "签署日期", "柜面流水号"),
)

_SURNAMES: Final = (*"王李张刘陈杨黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯", "欧阳", "司马", "诸葛")
_MEN: Final = "伟强磊军洋勇涛明超刚建国文华志晨宇浩然思远"
_WOMEN: Final = "芳娜敏静丽艳娟霞玉兰梅英慧欣怡子涵嘉宁雅琴"
_TAGS: Final = (
    "工资代发",
    "房贷客户",
    "理财客户",
    "定期存款",
    "信用卡",
    "企业主",
    "退休",
    "教师",
    "医护",
    "社保卡",
)
_INTERESTS: Final = ("羽毛球", "书法", "旅游", "钓鱼", "广场舞", "摄影", "亲子", "读书", "美食", "园艺")
_TIERS: Final = (("普通", 70, 300_000), ("高净值", 22, 3_000_000), ("VIP", 8, 12_000_000))
_BUSY_DAYS: Final = 10
"""Birthdays crowd into the days after today, so that the demo's queue is worth a look."""

Row = dict[str, str]


def make_sample(count: int, seed: int = SEED, today: date = TODAY) -> list[Row]:
    """Rows under `HEADINGS`; about a tenth have a birthday within ten days, one in twelve shares a mobile."""
    luck = random.Random(seed)  # noqa: S311 - made-up people, not secrets
    rows: list[Row] = []
    for number in range(1, count + 1):
        row = dict.fromkeys(HEADINGS, "")
        _who(row, number, luck)
        _birthday(row, number, luck, today)
        _reach(row, number, luck, rows)
        _business(row, luck, today)
        _consents(row, number, luck, today)
        rows.append(row)
    return rows


def write_sample(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Write rows as a branch's export: CSV, UTF-8 with BOM, which Excel and WPS open rightly."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, HEADINGS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _who(row: Row, number: int, luck: random.Random) -> None:
    woman = luck.random() < 0.5
    given = "".join(luck.sample(_WOMEN if woman else _MEN, luck.choice((1, 2, 2))))
    surname = luck.choice(_SURNAMES)
    row["客户号"] = f"C{100000 + number}"
    row["姓名"] = surname + given
    row["性别"] = "女" if woman else "男"
    if luck.random() < 0.15:
        row["称谓"] = surname + luck.choice(("老师", "总", "主任"))
    row["语言"] = "英文" if number % 50 == 0 else "中文"
    row["是否员工"] = "是" if number % 67 == 0 else "否"
    row["状态"] = "睡眠" if number % 41 == 0 else "正常"


def _birthday(row: Row, number: int, luck: random.Random, today: date) -> None:
    age = luck.randint(22, 84)
    day = today + timedelta(days=luck.randrange(_BUSY_DAYS if number % 10 in {1, 6} else 365))
    born_in = today.year - age
    lunar = luck.random() < (0.5 if age >= 55 else 0.15)
    if number == 7:
        row["公历生日"], row["生日来源"] = "1970-01-01", "证件"  # what systems write when nobody knew
    elif lunar:
        month = month_at(day)
        row["农历生日"] = f"{month.month:02d}-{min(day.toordinal() - month.start + 1, 29):02d}"
        row["生日来源"] = "本人"
    else:
        row["公历生日"] = f"{born_in}-{day.month:02d}-{min(day.day, 28):02d}"
        row["生日来源"] = luck.choice(("证件", "证件", "本人", "经理"))


def _reach(row: Row, number: int, luck: random.Random, before: Sequence[Row]) -> None:
    row["手机"] = synthesis.mobile(SEED, "手机", number)
    if number % 12 == 0:
        kin = before[-1]
        row["手机"], row["手机关系"] = kin["手机"], "家属"
        row["家庭编号"] = kin["家庭编号"] = f"F{1000 + number}"
        row["家庭关系"], kin["家庭关系"] = "配偶", "户主"
    if luck.random() < 0.6:
        row["邮箱"] = f"customer{number:06d}@example.com"
    if luck.random() < 0.7:
        row["微信openid"] = f"oJC{synthesis.draw(SEED, 'openid', number, 16**12):012x}{number:06d}"
    if luck.random() < 0.4:
        row["企微ID"] = f"wmJC{synthesis.draw(SEED, 'wecom', number, 16**12):012x}{number:06d}"


def _business(row: Row, luck: random.Random, today: date) -> None:
    advisor = luck.choice(ADVISORS)
    deputy = next(other for other in ADVISORS if other.org == advisor.org and other is not advisor)
    row["管户机构"] = advisor.org
    row["开户机构"] = luck.choice(("WH0101", "WH0201"))
    if luck.random() < 0.93:  # the rest belong to their branch's pool
        row["客户经理"], row["副客户经理"] = advisor.employee_no, deputy.employee_no
    row["开户日期"] = (today - timedelta(days=luck.randint(400, 7000))).isoformat()
    tier, _, most = luck.choices(_TIERS, [weight for _, weight, _ in _TIERS])[0]
    row["层级"] = tier
    row["资产(元)"] = f"{luck.randint(most // 20, most)}.{luck.randrange(100):02d}"
    row["需求"] = luck.choice(("投资", "消费", "储蓄"))
    row["风险偏好"] = luck.choice(("激进", "稳健", "稳健", "保守"))
    row["标签"] = ";".join(luck.sample(_TAGS, luck.randint(0, 3)))
    row["兴趣"] = ";".join(luck.sample(_INTERESTS, luck.randint(0, 2)))


def _consents(row: Row, number: int, luck: random.Random, today: date) -> None:
    """Three in four signed at the counter; a few said no; the rest never said, which is no consent."""
    if luck.random() > 0.78:
        return
    for heading in (name for name in HEADINGS if name.endswith("同意")):
        if heading.startswith("微信") and not row["微信openid"]:
            continue
        if heading.startswith("邮件") and not row["邮箱"]:
            continue
        yes = 0.45 if "营销" in heading else 0.94
        row[heading] = "是" if luck.random() < yes else "否"
    row["协议版本"] = luck.choice(("PIPL-2023-11", "PIPL-2024-06"))
    row["签署日期"] = (today - timedelta(days=luck.randint(400, 1200))).isoformat()
    row["柜面流水号"] = f"GM{luck.randrange(10**10):010d}{number % 10}"
