"""A desk for templates: made-up documents, and acts in somebody's name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from store.models.records import AuditRow
from tests import factories
from tests.integration.planning.town import Town
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import TemplateError
from wenhou.services import template_life as life
from wenhou.services.template_checks import TemplateText
from wenhou.services.template_standing import Acted, Span, VersionRef
from wenhou.services.words_in_force import library_in_force

SHANGHAI = ZoneInfo("Asia/Shanghai")
_DOCUMENT = """\
key: {key}
version: 1
name: 问好
purpose: {purpose}
channels: [{channels}]
placeholders:
  salutation: {{type: salutation, source: customer.salutation, sample: 王女士}}
variants:
  - id: a
{bodies}
"""


def document(
    words: str = "祝您生日快乐。", *, key: str = "birthday", purpose: str = "care", channels: str = "sms"
) -> str:
    """A template with one variant that says the same on every channel."""
    bodies = "\n".join(
        f'    {channel.strip()}: "{{{{ salutation }}}}，{words}"' for channel in channels.split(",")
    )
    return _DOCUMENT.format(key=key, purpose=purpose, channels=channels, bodies=bodies)


def text(words: str = "祝您生日快乐。", *, locale: str = "zh-CN", **more: str) -> TemplateText:
    """The same, as it is given to `save_drafts`."""
    return TemplateText(text=document(words, **more), locale=locale, file=f"{locale}.yaml")


@dataclass(slots=True)
class Desk:
    """吴云 writes, 何清 decides; 方圆 is a second person of compliance."""

    town: Town
    second: Actor

    @property
    def writer(self) -> Actor:
        return self.town.actors["operations"]

    @property
    def reviewer(self) -> Actor:
        return self.town.actors["compliance"]

    def draft(self, words: str = "祝您生日快乐。", *, actor: Actor | None = None, **more: str) -> Acted:
        (acted,) = life.save_drafts(self.town.context, actor or self.writer, [text(words, **more)])
        return acted

    def submit(self, key: str = "birthday", *, actor: Actor | None = None, **which: Any) -> Acted:
        return life.submit(self.town.context, actor or self.writer, VersionRef(key=key, **which))

    def approve(
        self,
        key: str = "birthday",
        *,
        actor: Actor | None = None,
        first: date | None = None,
        until: date | None = None,
        **which: Any,
    ) -> Acted:
        span = Span(first_on=first, until_on=until)
        return life.approve(self.town.context, actor or self.reviewer, VersionRef(key=key, **which), span)

    def reject(self, key: str = "birthday", *, actor: Actor | None = None) -> Acted:
        return life.reject(self.town.context, actor or self.reviewer, VersionRef(key=key), "太短")

    def publish(self, words: str, **more: Any) -> int:
        """Draft, submit, approve; the version's number."""
        span: dict[str, Any] = {name: more.pop(name) for name in ("first", "until") if name in more}
        drafted = self.draft(words, **more)
        which: dict[str, Any] = {"key": drafted.key, "number": drafted.version, "locale": drafted.locale}
        self.submit(**which)
        return self.approve(**which, **span).version

    def retire(self, key: str = "birthday", number: int | None = None, **which: Any) -> Acted:
        ref = VersionRef(key=key, number=number, **which)
        return life.retire(self.town.context, self.reviewer, ref, "写错了")

    def roll_back(self, number: int, key: str = "birthday", *, actor: Actor | None = None) -> Acted:
        ref = VersionRef(key=key, number=number)
        return life.roll_back(self.town.context, actor or self.reviewer, ref, "新版反响不好")

    def number(
        self, at: datetime | None = None, *, key: str = "birthday", locale: str = "zh-CN"
    ) -> int | None:
        """The version in force at an instant; None: there are no words."""
        with self.town.context.db.read() as session:
            library = library_in_force(session, at or self.town.clock.now())
        try:
            return library.get(key, locale).version
        except TemplateError:
            return None

    def acts(self) -> list[str]:
        """What the audit log holds of templates, in order."""
        with self.town.context.db.read() as session:
            rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
        return [row.act for row in rows if row.act.startswith("template.")]


def midnight(day: date) -> datetime:
    """The first instant of a day at the bank."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI)


def make_desk(town: Town) -> Desk:
    """The desk, with a second person of compliance."""
    with town.context.db.write() as session:
        user = factories.make_user(session, "fangyuan", "方圆", town.tree.head_office, Role.COMPLIANCE)
        return Desk(town=town, second=factories.actor_for(session, user))
