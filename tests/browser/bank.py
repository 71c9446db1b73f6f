"""A small bank for looking at the console: people, customers, a queue, a talk, a complaint; and its server."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from werkzeug.serving import make_server

from console.app import create_console
from console.settings import ConsoleSettings, DemoAccount
from scheduler.previewing import fill_one
from store.audit import record
from store.conversations import NewEntry, add_entry, open_conversation
from store.database import Session, open_database
from store.keys import open_vault
from store.message_writes import NewMessage, insert_messages
from store.models.campaigns import Campaign, CampaignVersion
from store.models.customers import Consent, Customer
from store.models.handover import ChannelAccount
from store.models.hearing import Case
from store.sealing import Sealer
from store.tasks import NewTask, add_task
from store.vault import LocalKeyService, Vault
from templates.library import bundled
from templates.render import Footer, render
from tests import databases, factories
from tests.factories import People, Reach, Tree
from wenhou.core.actors import SYSTEM
from wenhou.core.channels import EMAIL, SMS, WECHAT, Content
from wenhou.core.clock import ShiftedClock
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Status
from wenhou.services.context import Bank, Context
from wenhou.services.sign_in import hash_password

NOW = datetime(2027, 1, 30, 9, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
PASSWORD = "spring-2027"
_NAMES = "王芳 李娜 张伟 刘洋 陈静 杨磊 黄敏 周杰 吴秀英 徐强 孙丽 马超 朱琳 胡军 郭颖 何勇 高洁 林涛 罗平 郑爽".split()
_TIERS = ("VIP", "高净值", "普通", "普通")
_PASS = b"1|a+active|b+in|d+wechat,sms,email|e+wechat,sms,email|k+08:00-20:00"
_PAGES_TRACE = {
    "consent_withdrawn": b"1|a+active|b+in|d+sms|e-wwithdrawn|k+08:00-20:00",
    "care_restricted": b"1|a-rrestricted|b+in|d+sms|e+sms",
    "address_cap_reached": b"1|a+active|b+in|d+sms|e+sms|j-asms",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PretendBank:
    """What a test needs to know of the bank."""

    url: str
    context: Context
    people: People


@contextmanager
def open_bank(folder: Path, *, approvals: int = 14) -> Iterator[PretendBank]:
    """A seeded bank on SQLite with its console on a free loopback port."""
    database = open_database(f"sqlite:///{folder / 'bank.db'}", synchronous="OFF")
    databases.prepare(database)
    with database.read() as session:
        vault = open_vault(session, LocalKeyService(databases.SECRET_KEY))
    context = Context(db=database, vault=vault, clock=ShiftedClock(NOW), bank=Bank(), fill_one=fill_one)
    with database.write() as session:
        people = seed(session, vault, approvals)
        accounts = tuple(
            DemoAccount(
                user_id=user.id, name=user.name, role_zh=zh, role_en=en, note_zh=note, note_en=note_en
            )
            for user, zh, en, note, note_en in (
                (
                    people.advisor,
                    "客户经理",
                    "Advisor",
                    "江汉路网点，二十位客户",
                    "Jianghan Road, twenty clients",
                ),
                (people.supervisor, "主管", "Supervisor", "武汉分行，第二审批人", "Wuhan, second approver"),
                (people.operations, "运营", "Operations", "活动、发送、停发", "campaigns, sending, stop"),
                (people.compliance, "合规", "Compliance", "政策与依据", "policy and evidence"),
            )
        )
    settings = ConsoleSettings(secret_key=b"x" * 32, secure_cookies=False, demo_accounts=accounts)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, create_console(context, settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield PretendBank(url=f"http://127.0.0.1:{server.server_port}", context=context, people=people)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        database.close()


def seed(session: Session, vault: Vault, approvals: int) -> People:
    """People, customers and everything that waits for them."""
    tree = factories.make_tree(session)
    people = factories.make_people(session, tree)
    for user in (people.advisor, people.supervisor):
        user.password_hash = hash_password(PASSWORD)
    birthday = factories.make_campaign(session, "birthday")
    spring = factories.make_campaign(session, "spring_festival")
    news = factories.make_campaign(session, "policy_news", "information")
    _name(session, birthday, "生日问候", "Birthday greeting")
    _name(session, spring, "春节问候", "Spring Festival greeting")
    _name(session, news, "政策资讯", "Policy news")
    customers = [_customer(session, vault, tree, people, index) for index in range(len(_NAMES))]
    for index in range(approvals):
        campaign = birthday if index % 3 == 0 else spring
        _propose(session, vault, customers[index % len(customers)], campaign, index, people)
    _propose(session, vault, customers[2], news, 90, people, level=2)
    _stopped(session, vault, customers, spring)
    _withdrawal(session, vault, customers[-3])
    _history(session, vault, customers, birthday)
    _talk(session, vault, customers[0])
    _shared(session, vault, customers[5], customers[6])
    _complaint(session, vault, customers[3], people)
    for channel in (SMS, EMAIL, WECHAT):
        session.add(
            ChannelAccount(
                channel=channel,
                provider="simulator",
                account=channel,
                rate_per_second=50,
                bucket_at=NOW,
                updated_at=NOW,
                last_success_at=NOW - timedelta(minutes=4),
            )
        )
    record(session, NOW, SYSTEM, "demo.seeded", "installation", None)
    return people


def _name(session: Session, campaign: Campaign, zh: str, en: str) -> None:
    campaign.name = zh
    version = session.get_one(CampaignVersion, campaign.current_version_id)
    version.document = {"name": {"zh-CN": zh, "en": en}}


def _customer(session: Session, vault: Vault, tree: Tree, people: People, index: int) -> Customer:
    name = _NAMES[index]
    customer = factories.make_customer(
        session,
        vault,
        ref=f"C-{1001 + index}",
        name=name,
        gender="female" if name[-1] in "芳娜静敏英丽琳颖洁爽" else "male",
        org=tree.outlet,
        advisor=people.advisor,
        deputy=people.deputy,
        reach=Reach(
            phone=f"+8613900{index:06d}", email=f"client{index}@example.com", openid=f"o{index:027d}"
        ),
        birthday=("lunar", 12, 23 + index % 7) if index % 2 else ("solar", 2, 1 + index % 5),
        tier=_TIERS[index % 4],
    )
    customer.need, customer.risk_appetite = ("投资", "稳健") if index % 2 else ("储蓄", "保守")
    customer.interests = ["养老", "黄金"]
    return customer


def _words(campaign: str, customer: Customer) -> tuple[Content, ...]:
    title = "女士" if customer.gender == "female" else "先生"
    values = {
        "salutation": f"{customer.name[0]}{title}",
        "advisor": "李伟",
        "branch": "江汉路网点",
        "year": "2027",
        "lunar_day": "",
    }
    key = campaign if campaign in {"birthday", "spring_festival"} else "birthday"
    found = []
    for channel in (WECHAT, SMS, EMAIL):
        made = render(
            bundled().get(key, "zh-CN"),
            channel,
            values,
            signature="江城银行",
            footer=Footer(branch="江汉路网点", hotline="027-5550-0100"),
        )
        found.append(
            Content(
                channel=channel,
                sender="江城银行",
                text=made.text,
                subject=made.subject,
                html=made.html,
                provider_template=made.skeleton_id,
                parameters=made.parameters,
            )
        )
    return tuple(content for content in found if content.text)


def _propose(
    session: Session,
    vault: Vault,
    customer: Customer,
    campaign: Campaign,
    index: int,
    people: People,
    *,
    level: int = 1,
) -> None:
    day = (
        date(2027, 2, 5)
        if campaign.key == "spring_festival"
        else date(2027, 2, 1) + timedelta(days=index % 4)
    )
    at = datetime(day.year, day.month, day.day, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    lunar = index % 2 and campaign.key == "birthday"
    contents = _words(campaign.key, customer)
    assert contents, "the bundled words must fit the seeded customers"
    message = NewMessage(
        customer_id=customer.id,
        dedupe_key=f"{campaign.key}{':lunar' if lunar else ''}:{day.year}|{index}/1",
        origin="campaign",
        purpose=Purpose(campaign.purpose),
        channel_plan=tuple(content.channel for content in contents),
        channel=contents[0].channel,
        status=Status.PROPOSED,
        planned_for=day,
        not_before=at,
        due_at=at,
        expires_at=at + timedelta(hours=11),
        level=level,
        campaign_id=campaign.id,
        campaign_version_id=campaign.current_version_id,
        org_id=customer.managing_org_id,
        advisor_id=people.advisor.id,
        trace=_PASS,
        contents=contents,
    )
    insert_messages(session, vault, [message], at=NOW)


def _plain(session: Session, vault: Vault, customer: Customer, campaign: Campaign, **rest: object) -> None:
    fields: dict[str, object] = {
        "customer_id": customer.id,
        "dedupe_key": f"{campaign.key}:{new_id()}/1",
        "origin": "campaign",
        "purpose": Purpose(campaign.purpose),
        "channel_plan": (SMS,),
        "channel": SMS,
        "not_before": NOW,
        "due_at": NOW,
        "expires_at": NOW + timedelta(days=8),
        "campaign_id": campaign.id,
        "campaign_version_id": campaign.current_version_id,
        "org_id": customer.managing_org_id,
        "advisor_id": customer.main_advisor_id,
    }
    insert_messages(session, vault, [NewMessage(**(fields | rest))], at=NOW)  # type: ignore[arg-type]


def _stopped(session: Session, vault: Vault, customers: list[Customer], spring: Campaign) -> None:
    """Three that do not go: withdrawn, restricted, merged with a shared number."""
    for customer, reason in zip(customers[-3:], _PAGES_TRACE, strict=True):
        _plain(
            session,
            vault,
            customer,
            spring,
            status=Status.SKIPPED,
            reason=reason,
            planned_for=date(2027, 2, 5),
            trace=_PAGES_TRACE[reason],
        )


def _withdrawal(session: Session, vault: Vault, customer: Customer) -> None:
    """The customer's own words, and the consent they took back with them."""
    at = NOW - timedelta(days=12)
    thread = open_conversation(session, customer=customer, likely=None, contact_point_id=None, at=at)
    said = NewEntry(direction="in", channel=SMS, text="别再发问候了", at=at, customer_id=customer.id)
    entry = add_entry(session, Sealer(session, vault), thread, said, at)
    thread.state, thread.unread = "resolved", 0
    session.add(
        Consent(
            customer_id=customer.id,
            channel="any",
            purpose="care",
            act="withdrawn",
            source="customer",
            evidence={"via": "reply", "entry": str(entry.id)},
            at=at,
        )
    )


def _history(session: Session, vault: Vault, customers: list[Customer], birthday: Campaign) -> None:
    fates = (Status.DELIVERED, Status.READ, Status.DELIVERED, Status.UNKNOWN, Status.FAILED, Status.SENT)
    for index, customer in enumerate(customers[:12]):
        content = Content(channel=SMS, sender="江城银行", text="【江城银行】生日快乐！拒收请回复R")
        _plain(
            session,
            vault,
            customer,
            birthday,
            status=fates[index % 6],
            planned_for=date(2027, 1, 8) + timedelta(days=index),
            contents=(content,),
            trace=_PASS,
        )


def _talk(session: Session, vault: Vault, customer: Customer) -> None:
    sealer = Sealer(session, vault)
    thread = open_conversation(session, customer=customer, likely=None, contact_point_id=None, at=NOW)
    for minutes, text, intents in (
        (40, "谢谢李经理，收到祝福很开心！", [{"kind": "thanks"}]),
        (6, "想问下三年期大额存单现在还有额度吗？", [{"kind": "question"}]),
    ):
        at = NOW - timedelta(minutes=minutes)
        new = NewEntry(
            direction="in", channel=WECHAT, text=text, at=at, customer_id=customer.id, intents=intents
        )
        add_entry(session, sealer, thread, new, at)
    add_task(
        session,
        sealer,
        NewTask(
            kind="answer_question",
            dedupe_key="question:1",
            due_at=NOW + timedelta(minutes=95),
            customer_id=customer.id,
            org_id=customer.managing_org_id,
            assignee_id=customer.main_advisor_id,
        ),
        NOW,
    )


def _shared(session: Session, vault: Vault, owner: Customer, kin: Customer) -> None:
    """Words from a number that two customers use: nobody knows yet who spoke."""
    point = factories.make_contact(session, vault, kin, SMS, "+8613900000005", relation="family")
    at = NOW - timedelta(minutes=55)
    thread = open_conversation(session, customer=None, likely=owner, contact_point_id=point.id, at=at)
    said = NewEntry(
        direction="in",
        channel=SMS,
        text="收到，谢谢",
        at=at,
        contact_point_id=point.id,
        intents=[{"kind": "thanks"}],
    )
    add_entry(session, Sealer(session, vault), thread, said, at)


def _complaint(session: Session, vault: Vault, customer: Customer, people: People) -> None:
    session.add(
        Case(
            id=new_id(),
            number="TS20270130-0001",
            customer_id=customer.id,
            kind="complaint",
            severity="high",
            state="open",
            org_id=customer.managing_org_id,
            assignee_id=people.advisor.id,
            opened_at=NOW - timedelta(minutes=50),
            first_answer_due_at=NOW + timedelta(minutes=70),
            solution_due_at=NOW + timedelta(hours=23),
            regulator_due_on=date(2027, 2, 14),
        )
    )
    session.flush()


__all__ = ["NOW", "PASSWORD", "PretendBank", "open_bank", "seed"]
