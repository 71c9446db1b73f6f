"""An advisor's voice as customers would read it: three texts with made-up names, and what changed between versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from store.database import Session
from store.orgs import find_org_by_id
from store.users import find_user_by_id
from templates.library import TemplateVersion
from templates.render import render
from templates.wordings import Wording
from wenhou.core.actors import Actor
from wenhou.core.errors import TemplateError
from wenhou.core.voices import TONE_NAMES, Place, Voice, own_words
from wenhou.services.context import Context
from wenhou.services.voice_checks import VoiceDraft
from wenhou.services.words_in_force import library_in_force

_SHOWN = ("birthday", "spring_festival", "mid_autumn")
_OWN = frozenset({"advisor.own_words", "advisor.signed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One text with the voice in it. `name`: what the template is called."""

    template: str
    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a difference: `-` was, `+` is now, a blank for what stays."""

    sign: str
    text: str


def samples(context: Context, actor: Actor, draft: VoiceDraft, *, name: str = "") -> tuple[Sample, ...]:
    """Three greetings as WeChat texts: the advisor's tone, sign-off and a sentence of their own where one fits."""
    today = context.clock.now().astimezone(context.bank.zone).date()
    voice = Voice(sign_off=draft.sign_off, tone=draft.tone, phrases=draft.phrases)
    with context.db.read() as session:
        library = library_in_force(session, context.clock.now())
        branch = _branch(session, context, actor)
    found = []
    for key in _SHOWN:
        try:
            version = library.get(key)
        except TemplateError:  # the bank took it out of use
            continue
        place = Place(template=key, purpose=version.purpose, customer="sample", on_day=today)
        known = {
            "advisor.signed": draft.sign_off or name or actor.name,
            "advisor.own_words": own_words(voice, place),
            "advisor.name": name or actor.name,
            "advisor.own_name": name or actor.name,
            "org.name": branch,
        }
        made = _rendered(context, version, _telling(version, draft.tone), known)
        if made:
            found.append(Sample(template=key, name=version.name, text=made))
    return tuple(found)


def difference(before: VoiceDraft | None, after: VoiceDraft) -> tuple[Line, ...]:
    """What a new version says otherwise than the one in force, line by line."""
    old, new = _lines(before) if before else [], _lines(after)
    kept = set(old) & set(new)
    gone = [Line(sign="-", text=one) for one in old if one not in kept]
    return (*gone, *(Line(sign=" " if one in kept else "+", text=one) for one in new))


def _branch(session: Session, context: Context, actor: Actor) -> str:
    user = find_user_by_id(session, actor.user_id) if actor.user_id else None
    org = find_org_by_id(session, user.org_id) if user else None
    return org.name if org else context.bank.name


def _rendered(context: Context, version: TemplateVersion, wording: Wording, known: dict[str, str]) -> str:
    values = {
        name: known.get(one.source, "" if one.default == "" else one.sample)
        for name, one in version.placeholders.items()
    }
    made = render(version, "wechat", values, variant=wording, signature=context.bank.signature)
    return made.text


def _telling(version: TemplateVersion, tone: str) -> Wording:
    """A wording of the tone that shows most of the voice."""
    among: Sequence[Wording] = version.wordings_for("", voice=tone)

    def shown(one: Wording) -> int:
        uses = one.variant.bodies["wechat"].uses if "wechat" in one.variant.bodies else {}
        return sum(version.placeholders[name].source in _OWN for name in uses)

    return max(among, key=shown)


def _lines(words: VoiceDraft) -> list[str]:
    lines = [f"落款：{words.sign_off or '—'}", f"语气：{TONE_NAMES[words.tone][0]}"]
    for one in words.phrases:
        notes = [*sorted(one.templates), *sorted(one.purposes), *(["肃穆日可用"] if one.solemn else [])]
        lines.append(one.text + (f"（{'、'.join(notes)}）" if notes else ""))
    return lines
