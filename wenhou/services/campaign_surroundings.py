"""What the store knows that a campaign must fit into: products, orgs, the policy in force, the other campaigns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from store.campaigns import list_campaigns, product_codes
from store.database import Session
from store.orgs import list_orgs
from wenhou.services.audiences import vocabulary
from wenhou.services.calendars import calendar_in_force
from wenhou.services.campaign_checks import Standing, Surroundings
from wenhou.services.campaign_files import CampaignDocument, read_all, recheck
from wenhou.services.campaign_specs import specs_of
from wenhou.services.context import Context
from wenhou.services.policies import policy_in_force
from wenhou.services.words_in_force import library_in_force


def surroundings_of(context: Context, session: Session) -> Surroundings:
    """As things stand now. Campaigns that have ended share nothing with anybody."""
    now = context.clock.now()
    rows = [row for row in list_campaigns(session) if row.state != "finished"]
    specs = specs_of(session, [row.version_id for row in rows])
    standing = tuple(
        Standing(
            key=row.key,
            occasion=spec.occasion or spec.key,
            trigger=spec.trigger,
            numbers={step.key: step.number for step in spec.message_steps},
        )
        for row in rows
        if (spec := specs.get(row.version_id)) is not None
    )
    return Surroundings(
        policy=policy_in_force(session, now),
        library=library_in_force(session, now),
        products=product_codes(session),
        orgs=frozenset(org.code for org in list_orgs(session)),
        campaigns=standing,
        today=now.astimezone(context.bank.zone).date(),
        workdays=calendar_in_force(session).work_calendar(),
        words=vocabulary(session).words,
    )


def refuse_misfits(documents: Sequence[CampaignDocument], surroundings: Surroundings) -> None:
    """Raise InputError, with the places in the files, where checked documents do not fit into what stands."""
    if recheck(documents, surroundings):
        read_all(_texts(documents), surroundings=surroundings)


def _texts(documents: Iterable[CampaignDocument]) -> Iterable[tuple[str, str]]:
    """The texts again, moved down to where they stand in their files."""
    for one in documents:
        yield "\n" * one.lines_above + one.source, one.file
