"""Who sees which rows, as conditions for a select: the table of docs/access.md and nothing else.

An advisor sees their own customers (main or deputy), those of people they cover for, their branch pool's when they
approve for it, and whoever was assigned to them by a thread, case or to-do. Supervisors, operations and compliance
see the part of the bank's tree their org roots. Administrators see no customer at all.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from store.models.customers import Customer
from store.models.hearing import Case, Conversation, Task
from store.models.messages import Message
from store.models.organisation import Org
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied

OVER_A_PART = (Role.SUPERVISOR, Role.OPERATIONS, Role.COMPLIANCE)
Condition = ColumnElement[bool]


def people_of(actor: Actor) -> list[uuid.UUID]:
    """The person and those they cover for."""
    own = [] if actor.user_id is None else [actor.user_id]
    return [*own, *sorted(actor.covers)]


def pools_of(actor: Actor) -> Select[uuid.UUID]:
    """Orgs whose pool (customers without an advisor) this person, or whom they cover for, approves."""
    return select(Org.id).where(Org.pool_approver_id.in_(people_of(actor)))


def customer_scope(actor: Actor) -> Condition:
    """Which customers a person sees; raises AccessDenied for who sees none."""
    parts = _by_tree(actor, Customer.managing_org_id)
    if actor.has(Role.ADVISOR):
        people = people_of(actor)
        parts += [
            Customer.main_advisor_id.in_(people),
            Customer.deputy_advisor_id.in_(people),
            and_(Customer.main_advisor_id.is_(None), Customer.managing_org_id.in_(pools_of(actor))),
            *(_assigned(model, people) for model in (Conversation, Case, Task)),
        ]
    return _any(actor, parts)


def message_scope(actor: Actor) -> Condition:
    """Which messages a person sees: those of their customers, and those they were to approve."""
    parts = [Message.customer_id.in_(select(Customer.id).where(customer_scope(actor)))]
    if actor.has(Role.ADVISOR):
        parts.append(Message.advisor_id.in_(people_of(actor)))
    return or_(*parts)


def queue_scope(actor: Actor) -> Condition:
    """Which messages wait for this person: an advisor's own, covered and pool ones; a part of the tree's for the rest.

    The deputy of a present advisor sees the customer, but the same forty approvals do not lie on two desks.
    """
    parts = _by_tree(actor, Message.org_id)
    if actor.has(Role.ADVISOR):
        parts += [
            Message.advisor_id.in_(people_of(actor)),
            and_(Message.advisor_id.is_(None), Message.org_id.in_(pools_of(actor))),
        ]
    return _any(actor, parts)


def conversation_scope(actor: Actor) -> Condition:
    """Threads: the customer's, those assigned, and those of nobody yet that lie in the pool or part of the tree."""
    return _any(actor, [*_work(actor, Conversation), _of_customers(actor, Conversation)])


def case_scope(actor: Actor) -> Condition:
    """Cases: as threads; a complaint about a person is never shown to that person, whatever their roles."""
    seen = _any(actor, [*_work(actor, Case), _of_customers(actor, Case)])
    if actor.user_id is None:
        return seen
    return and_(seen, or_(Case.about_user_id.is_(None), Case.about_user_id != actor.user_id))


def task_scope(actor: Actor) -> Condition:
    """To-dos: own and covered, those of the pool, those of a part of the tree."""
    return _any(actor, _work(actor, Task))


def _work(actor: Actor, model: type[Conversation | Case | Task]) -> list[Condition]:
    parts = _by_tree(actor, model.org_id)
    if actor.has(Role.ADVISOR):
        parts += [
            model.assignee_id.in_(people_of(actor)),
            and_(model.assignee_id.is_(None), model.org_id.in_(pools_of(actor))),
        ]
    return parts


def _of_customers(actor: Actor, model: type[Conversation | Case]) -> Condition:
    return model.customer_id.in_(select(Customer.id).where(customer_scope(actor)))


def _assigned(model: type[Conversation | Case | Task], people: list[uuid.UUID]) -> Condition:
    ended = {"resolved", "closed", "done", "dropped"}
    return Customer.id.in_(
        select(model.customer_id).where(
            model.assignee_id.in_(people), model.customer_id.is_not(None), model.state.not_in(ended)
        )
    )


def _by_tree(actor: Actor, column: Any) -> list[Condition]:
    """Rows of the part of the tree that the actor's org roots; the head office also sees rows of no org."""
    if not actor.has(*OVER_A_PART) or not actor.org_path:
        return []
    below = select(Org.id).where(func.substr(Org.path, 1, len(actor.org_path)) == actor.org_path)
    parts: list[Condition] = [column.in_(below)]
    if actor.org_path.strip("/").count("/") == 0:
        parts.append(column.is_(None))
    return parts


def _any(actor: Actor, parts: list[Condition]) -> Condition:
    if actor.kind == "system":
        return true()
    if actor.kind != "user" or actor.user_id is None or not parts:
        msg = "this is not for your role to see"
        raise AccessDenied(msg)
    return or_(*parts)
