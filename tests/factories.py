"""Small, real rows for tests: a bank's tree, its people, customers with keys and addresses, messages.

Each function adds rows to the caller's session and flushes; the test commits by leaving `database.write()`.
"""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from store.message_writes import NewMessage, insert_messages
from store.models.campaigns import Campaign, CampaignVersion
from store.models.customers import (
    Consent,
    ConsentState,
    ContactPoint,
    Customer,
    CustomerContact,
    CustomerKey,
    PersonalDate,
)
from store.models.messages import Message
from store.models.organisation import Org, User
from store.vault import Vault, place
from wenhou.core.actors import Actor, Role
from wenhou.core.channels import EMAIL, SMS, WECHAT, Content
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Status

AT = datetime(2027, 1, 30, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai, the tests' frozen now."""
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """总行 → 武汉分行 → 江汉支行 → 江汉路网点, and beside it 宜昌分行."""

    head_office: Org
    branch: Org
    sub_branch: Org
    outlet: Org
    other_branch: Org


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One of each role in the Wuhan branch; `other_advisor` works in Yichang."""

    advisor: User
    deputy: User
    other_advisor: User
    supervisor: User
    operations: User
    compliance: User
    administrator: User


def make_org(session: Session, code: str, name: str, kind: str, parent: Org | None = None) -> Org:
    """One node of the tree."""
    path = f"{parent.path if parent else '/'}{code}/"
    org = Org(
        code=code, name=name, kind=kind, parent_id=parent.id if parent else None, path=path, created_at=AT
    )
    session.add(org)
    session.flush()
    return org


def make_tree(session: Session) -> Tree:
    """The bank's tree."""
    head = make_org(session, "HQ", "江城银行总行", "head_office")
    branch = make_org(session, "WH", "武汉分行", "branch", head)
    sub_branch = make_org(session, "WH01", "江汉支行", "sub_branch", branch)
    outlet = make_org(session, "WH0101", "江汉路网点", "outlet", sub_branch)
    other = make_org(session, "YC", "宜昌分行", "branch", head)
    return Tree(head_office=head, branch=branch, sub_branch=sub_branch, outlet=outlet, other_branch=other)


def make_user(session: Session, login: str, name: str, org: Org, *roles: Role) -> User:
    """A person without a password (`wenhou.services.users` sets one)."""
    user = User(
        login=login,
        name=name,
        employee_no=f"E{next(_numbers):06d}",
        roles=[str(role) for role in roles],
        org_id=org.id,
        created_at=AT,
    )
    session.add(user)
    session.flush()
    return user


def make_people(session: Session, tree: Tree) -> People:
    """One of each role."""
    return People(
        advisor=make_user(session, "liwei", "李伟", tree.outlet, Role.ADVISOR),
        deputy=make_user(session, "chenjing", "陈静", tree.outlet, Role.ADVISOR),
        other_advisor=make_user(session, "zhouyi", "周毅", tree.other_branch, Role.ADVISOR),
        supervisor=make_user(session, "zhangmin", "张敏", tree.branch, Role.SUPERVISOR),
        operations=make_user(session, "wuyun", "吴云", tree.head_office, Role.OPERATIONS),
        compliance=make_user(session, "heqing", "何清", tree.head_office, Role.COMPLIANCE),
        administrator=make_user(session, "admin", "管理员", tree.head_office, Role.ADMINISTRATOR),
    )


def actor_for(session: Session, user: User, *, covers: frozenset[uuid.UUID] = frozenset()) -> Actor:
    """The actor a signed-in user is."""
    path = session.get_one(Org, user.org_id).path
    return Actor(
        kind="user",
        user_id=user.id,
        name=user.name,
        roles=frozenset(user.roles),
        org_path=path,
        covers=covers,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How to reach a made-up customer; None: not on that channel."""

    phone: str | None = None
    email: str | None = None
    openid: str | None = None


def make_customer(
    session: Session,
    vault: Vault,
    *,
    ref: str | None = None,
    name: str = "王芳",
    gender: str = "female",
    org: Org | None = None,
    advisor: User | None = None,
    deputy: User | None = None,
    reach: Reach | None = None,
    consents: tuple[tuple[str, str], ...] = ((SMS, "care"), (EMAIL, "care"), (WECHAT, "care")),
    birthday: tuple[str, int, int] | None = None,
    tier: str = "普通",
) -> Customer:
    """A customer with a key, addresses, granted consents (channel, purpose) and a birthday.

    `birthday` is (calendar, month, day). Without `reach` the customer has a phone and a mail address.
    """
    number = next(_numbers)
    customer = Customer(
        id=new_id(),
        external_ref=ref or f"C-{number:05d}",
        name=name,
        gender=gender,
        tier=tier,
        managing_org_id=org.id if org else None,
        opening_org_id=org.id if org else None,
        main_advisor_id=advisor.id if advisor else None,
        deputy_advisor_id=deputy.id if deputy else None,
        created_at=AT,
        updated_at=AT,
    )
    session.add(customer)
    session.flush()
    _key, wrapped = vault.new_customer_key(customer.id)
    session.add(
        CustomerKey(customer_id=customer.id, version=1, data_key_id=vault.data_key_id, wrapped=wrapped)
    )
    found = reach or Reach(phone=f"+86139{number:08d}", email=f"c{number}@example.com")
    for channel, address in ((SMS, found.phone), (EMAIL, found.email), (WECHAT, found.openid)):
        if address is not None:
            make_contact(session, vault, customer, channel, address)
    for channel, purpose in consents:
        grant(session, customer, channel, purpose)
    if birthday is not None:
        calendar, month, day = birthday
        session.add(
            PersonalDate(
                customer_id=customer.id,
                kind="birthday",
                calendar=calendar,
                month=month,
                day=day,
                created_at=AT,
                updated_at=AT,
            )
        )
    session.flush()
    return customer


def make_contact(
    session: Session, vault: Vault, customer: Customer, channel: str, address: str, relation: str = "own"
) -> ContactPoint:
    """An address of a customer; one that exists already is shared."""
    shadow = vault.blind_index(channel, "", address)
    point = (
        session.query(ContactPoint).filter_by(channel=channel, account="", blind_index=shadow).one_or_none()
    )
    if point is None:
        identifier = new_id()
        point = ContactPoint(
            id=identifier,
            channel=channel,
            address=vault.seal(place("contact_points", "address", identifier), address.encode()),
            blind_index=shadow,
            last_four_index=vault.last_four_index(address[-4:]) if channel == SMS else None,
            reachable="yes",
            created_at=AT,
        )
        session.add(point)
        session.flush()
    session.add(
        CustomerContact(customer_id=customer.id, contact_point_id=point.id, relation=relation, created_at=AT)
    )
    session.flush()
    return point


def grant(session: Session, customer: Customer, channel: str, purpose: str) -> Consent:
    """A consent given at the counter, and the state it leaves."""
    act = Consent(
        id=new_id(),
        customer_id=customer.id,
        channel=channel,
        purpose=purpose,
        act="granted",
        source="counter",
        wording_version="2026-01",
        at=AT,
    )
    state = ConsentState(
        customer_id=customer.id, channel=channel, purpose=purpose, state="granted", consent_id=act.id, at=AT
    )
    session.add_all([act, state])
    session.flush()
    return act


def make_campaign(session: Session, key: str = "birthday", purpose: str = "care") -> Campaign:
    """A live campaign with its first version."""
    campaign = Campaign(key=key, name=key, purpose=purpose, state="live", created_at=AT, updated_at=AT)
    session.add(campaign)
    session.flush()
    version = CampaignVersion(
        campaign_id=campaign.id, number=1, document={}, source="", digest=b"\0" * 32, created_at=AT
    )
    session.add(version)
    session.flush()
    campaign.current_version_id = version.id
    session.flush()
    return campaign


def make_message(
    session: Session,
    vault: Vault,
    customer: Customer,
    campaign: Campaign,
    *,
    status: Status = Status.PROPOSED,
    text: str = "【江城银行】王女士，生日快乐！",
    dedupe_key: str | None = None,
    due_at: datetime = AT + timedelta(hours=1),
    level: int = 1,
) -> Message:
    """A planned SMS with its stored content, first event and place in the ledger."""
    message = NewMessage(
        customer_id=customer.id,
        dedupe_key=dedupe_key or f"{campaign.key}|{next(_numbers)}/1",
        origin="campaign",
        purpose=Purpose(campaign.purpose),
        channel_plan=(SMS,),
        channel=SMS,
        status=status,
        planned_for=date(2027, 1, 30),
        not_before=AT,
        due_at=due_at,
        expires_at=AT + timedelta(days=1),
        level=level,
        campaign_id=campaign.id,
        campaign_version_id=campaign.current_version_id,
        org_id=customer.managing_org_id,
        advisor_id=customer.main_advisor_id,
        contents=(Content(channel=SMS, sender="江城银行", text=text),),
    )
    assert insert_messages(session, vault, [message], at=AT) == {message.id}
    return session.get_one(Message, message.id)
