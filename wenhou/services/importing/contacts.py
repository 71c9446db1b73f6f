"""Addresses of a draft against those that stand: one point may serve a family, a replaced one is nobody's any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from store.customer_reads import Link, Point, PointKey
from store.customer_writes import REPLACED
from store.vault import Vault, place
from wenhou.core.addresses import is_role_address, last_four
from wenhou.core.life_stage import MINORS
from wenhou.services.importing.drafts import Draft
from wenhou.services.importing.work import Subject, Work

GUARDIAN_PHONE: Final = "guardian_phone"
GUARDIAN: Final = "guardian"
CHANNEL_FIELDS: Final = (
    ("phone", "sms", ""),
    (GUARDIAN_PHONE, "sms", ""),
    ("email", "email", ""),
    ("wechat_openid", "wechat", "wechat_account"),
    ("wecom_id", "wecom", "wecom_account"),
)
"""(field, channel, field that names the account)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """An address a draft gives, with its shadow."""

    field: str
    key: PointKey
    text: str


def addresses_of(draft: Draft, vault: Vault) -> Iterator[Address]:
    """The addresses a draft gives (not those it clears)."""
    for field, channel, account_field in CHANNEL_FIELDS:
        text = draft.values.get(field)
        if text is not None:
            account = str(draft.values.get(account_field) or "")
            yield Address(
                field=field, key=(channel, account, vault.blind_index(channel, account, text)), text=text
            )


def apply_contacts(work: Work, subject: Subject, addresses: list[Address]) -> None:
    """Link what the draft gives, unlink what it replaces or clears, warn of what is shared."""
    given = {address.field: address for address in addresses}
    linked: set[PointKey] = set()
    for field, channel, _ in CHANNEL_FIELDS:
        if field not in subject.draft.values:
            continue
        known = [link for link in work.known.links.get(subject.id, []) if link.key[0] == channel]
        links = [link for link in known if _is_of(subject, field, link)]
        address = given.get(field)
        if address is None:
            _unlink(work, subject, links)
        elif address.key not in linked and not _is_out_of_ward(subject, field):
            linked.add(address.key)
            held = [link for link in known if link.key == address.key]
            _link(work, subject, address, [*held, *(link for link in links if link not in held)])


def _is_of(subject: Subject, field: str, link: Link) -> bool:
    """Whether a column speaks of this link: a guardian's number has a column of its own, or the relation says so."""
    if field == GUARDIAN_PHONE:
        return link.relation == GUARDIAN
    speaks_of_guardian = field == "phone" and subject.draft.values.get("phone_relation") == GUARDIAN
    return speaks_of_guardian or link.relation != GUARDIAN


def _is_out_of_ward(subject: Subject, field: str) -> bool:
    """A guardian's number of somebody of age is not taken in again."""
    stage = (subject.standing or {}).get("life_stage")
    return field == GUARDIAN_PHONE and stage is not None and stage not in MINORS


def _relation(subject: Subject, field: str) -> str:
    if field == GUARDIAN_PHONE:
        return GUARDIAN
    return str(subject.draft.values.get("phone_relation", "own"))


def _link(work: Work, subject: Subject, address: Address, links: list[Link]) -> None:
    point = work.points.get(address.key)
    if point is None:
        point = _new_point(work, address)
    _warn_shared(work, subject, address, point)
    held = next((link for link in links if link.key == address.key), None)
    if held is None:
        _doubt(work, subject, address, point, links)
        others = [link for link in links if link.source != "file" and link.preferred]
        _add_link(work, subject, point, relation=_relation(subject, address.field), preferred=not others)
        same_account = [link for link in links if link.key[1] == address.key[1]]
        _unlink(work, subject, same_account)
    else:
        _compare(work, subject, held, address.field)
    point.users.add(subject.id)


def _doubt(work: Work, subject: Subject, address: Address, point: Point, links: list[Link]) -> None:
    """A number that another customer holds and this one changes to was perhaps given out anew by the carrier.

    Not where a family may share it: the file says so (relation, one household), or the customer is new.
    """
    has_changed = not subject.is_new and any(link.source == "file" for link in links)
    is_shared_knowingly = _relation(subject, address.field) != "own"
    others = point.users - {subject.id}
    if address.field != "phone" or not has_changed or is_shared_knowingly or not others:
        return
    if point.retired_reason is None:
        work.batch.doubtful_points.append((point.id, subject.id))


def _compare(work: Work, subject: Subject, held: Link, field: str) -> None:
    relation = GUARDIAN if field == GUARDIAN_PHONE else subject.draft.values.get("phone_relation")
    if held.key[0] == "sms" and relation is not None and relation != held.relation:
        work.batch.contact_changes.append((subject.id, held.contact_point_id, {"relation": relation}))
        subject.touched = True


def _add_link(work: Work, subject: Subject, point: Point, *, relation: str, preferred: bool) -> None:
    if point.retired_reason == REPLACED:
        work.batch.revived_points.append(point.id)
        point.retired_reason = None
    work.batch.contacts.append(
        {
            "customer_id": subject.id,
            "contact_point_id": point.id,
            "relation": relation,
            "preferred": preferred,
            "source": "file",
            "created_at": work.at,
        }
    )
    subject.touched = True


def _unlink(work: Work, subject: Subject, links: list[Link]) -> None:
    """Only what a file linked: an address the customer gave us themselves is theirs to take back."""
    for link in links:
        if link.source == "file":
            work.batch.unlinked.append((subject.id, link.contact_point_id))
            subject.touched = True


def _new_point(work: Work, address: Address) -> Point:
    channel, account, index = address.key
    point = Point(id=work.next_id())
    row: dict[str, Any] = {
        "id": point.id,
        "channel": channel,
        "account": account,
        "address": work.vault.seal(place("contact_points", "address", point.id), address.text.encode()),
        "blind_index": index,
        "last_four_index": work.vault.last_four_index(last_four(address.text)) if channel == "sms" else None,
        "reachable": "unknown",
        "quality": 100,
        "soft_failures": 0,
        "created_at": work.at,
    }
    work.batch.points.append(row)
    work.points[address.key] = point
    return point


def _warn_shared(work: Work, subject: Subject, address: Address, point: Point) -> None:
    others = point.users - {subject.id}
    if others or (subject.is_new and address.key in work.file_points):
        work.warnings.append(
            subject.draft.finding(
                address.field,
                "与其他客户共用；已保留，一天只发一条关怀，且不写产品、金额和日期",
                "shared with another customer; kept: one care message a day, no product, amount or date in it",
            )
        )
    if address.field == "email" and is_role_address(address.text):
        work.warnings.append(
            subject.draft.finding(
                address.field,
                "像是公用邮箱（如 info@、service@），可能不是客户本人在看",
                "a shared box by its name (info@, service@): perhaps not the customer alone reads it",
            )
        )
    if point.retired_reason not in {None, REPLACED} or point.is_dead:
        work.warnings.append(
            subject.draft.finding(
                address.field,
                "此地址已停用（空号、非本人等），核实前不会使用",
                "this address was retired (dead, or not theirs) and stays unused until somebody verifies it",
            )
        )
