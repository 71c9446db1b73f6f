"""What is known of a contact point, and what each piece of evidence makes of it: pure, one table (SMS spec §11, mail §5.4).

A refusal (opt-out, complaint) is no matter of quality: it is the customer's word, kept by consents and suppressions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from wenhou.core.channels import EMAIL


class State(StrEnum):
    """How good an address is. `recycled`: it works, but perhaps for somebody else."""

    UNVERIFIED = "unverified"
    GOOD = "good"
    SOFT_FAILING = "soft_failing"
    DEAD = "dead"
    RECYCLED = "recycled"


class Cause(StrEnum):
    """Why something did not arrive, as adapters may say it in `ReceiptEvent.cause`. `ours`: the address is blameless."""

    NUMBER_INVALID = "number_invalid"
    ADDRESS_INVALID = "address_invalid"
    HOST_UNKNOWN = "host_unknown"
    MOVED = "moved"
    SUSPENDED = "suspended"
    MAILBOX_FULL = "mailbox_full"
    SOFT = "soft"
    RECYCLED = "recycled"
    OURS = "ours"


class Evidence(StrEnum):
    """What can be learnt of an address."""

    ARRIVED = "arrived"
    REPLIED = "replied"
    AUTO_REPLIED = "auto_replied"
    VERIFIED = "verified"
    GONE = "gone"
    SUSPECTED = "suspected"
    FAILED_SOFTLY = "failed_softly"
    FORWARDED = "forwarded"
    NOT_THEIRS = "not_theirs"
    BLAMELESS = "blameless"


class Act(StrEnum):
    """What must follow. `stop`: nothing is written there; `rest`: nothing for `REST`; `review`: a person asks."""

    STOP = "stop"
    RETIRE = "retire"
    REST = "rest"
    REVIEW = "review"
    REOPEN = "reopen"


NOT_THEIRS: Final = frozenset({"wrong_person", "recycled", "two_owners"})
"""Why an address is retired until somebody verifies whose it is."""
DEAD_REASONS: Final = frozenset({Cause.NUMBER_INVALID, Cause.ADDRESS_INVALID})
SOFT_CAMPAIGNS: Final = 3
"""Campaigns in a row that must fail softly before a person looks."""
REST: Final = timedelta(days=90)
"""How long a mail address that keeps failing is left alone."""
REST_SPAN: Final = timedelta(days=14)
"""The soft failures of a mail address must lie so far apart: one bad week of a mail host is no verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of an address.

    `soft`: campaigns that failed softly since something last got through, the first of them on `soft_since`.
    `suspected_on`: the first day a provider hinted that the address is none.
    """

    state: State = State.UNVERIFIED
    soft: int = 0
    soft_since: date | None = None
    suspected_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One piece of evidence.

    `is_new_failure`: the campaign's first soft failure there. `hardens`: soft today, but three mean that the address is
    gone (a suspended mailbox).
    """

    evidence: Evidence
    on: date
    channel: str
    is_new_failure: bool = True
    hardens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the evidence makes of the address, and what follows at once (None: nothing)."""

    standing: Standing
    act: Act | None = None


def evidence_of(cause: str | None, suppress: str | None, *, definite: bool) -> Evidence:
    """What a report of non-delivery says of the address; a word nobody knows is a soft failure, never a death."""
    match cause or suppress:
        case Cause.OURS:
            return Evidence.BLAMELESS
        case Cause.RECYCLED:
            return Evidence.NOT_THEIRS
        case Cause.NUMBER_INVALID | Cause.ADDRESS_INVALID | Cause.MOVED:
            return Evidence.GONE if definite else Evidence.SUSPECTED
        case Cause.HOST_UNKNOWN:
            return Evidence.SUSPECTED
        case _:
            return Evidence.FAILED_SOFTLY


def judge(standing: Standing, finding: Finding) -> Judgement:
    """What one more piece of evidence makes of an address. The same evidence again changes nothing.

    A dead address comes back by what only a living one does: something arrives, somebody writes from there, or a person
    says so. A recycled one comes back by a person alone, or by its customer's own reply that proves whose it is
    (`VERIFIED`): that it works was never in doubt.
    """
    if standing.state is State.RECYCLED and finding.evidence is not Evidence.VERIFIED:
        return Judgement(standing=standing)
    return _JUDGES[finding.evidence](standing, finding)


def _arrived(standing: Standing, _finding: Finding) -> Judgement:
    act = Act.REOPEN if standing.state in {State.DEAD, State.RECYCLED} or standing.soft else None
    return Judgement(standing=Standing(state=State.GOOD), act=act)


def _auto_replied(standing: Standing, _finding: Finding) -> Judgement:
    """A machine answered: the mailbox exists, which ends a suspicion; whether anybody reads it nobody knows."""
    return Judgement(standing=replace(standing, suspected_on=None))


def _gone(standing: Standing, _finding: Finding) -> Judgement:
    if standing.state is State.DEAD:
        return Judgement(standing=standing)
    return Judgement(standing=replace(standing, state=State.DEAD), act=Act.STOP)


def _suspected(standing: Standing, finding: Finding) -> Judgement:
    if standing.state is State.DEAD:
        return Judgement(standing=standing)
    if standing.suspected_on is None:
        return Judgement(standing=replace(standing, state=State.SOFT_FAILING, suspected_on=finding.on))
    if standing.suspected_on == finding.on:
        return Judgement(standing=standing)
    return _gone(standing, finding)


def _failed_softly(standing: Standing, finding: Finding) -> Judgement:
    if standing.state is State.DEAD or not finding.is_new_failure:
        return Judgement(standing=standing)
    after = replace(
        standing,
        state=State.SOFT_FAILING,
        soft=standing.soft + 1,
        soft_since=standing.soft_since or finding.on,
    )
    if after.soft < SOFT_CAMPAIGNS:
        return Judgement(standing=after)
    if finding.hardens:
        return _gone(after, finding)
    if finding.channel != EMAIL:
        return Judgement(standing=after, act=Act.REVIEW)
    is_long = after.soft_since is not None and finding.on - after.soft_since >= REST_SPAN
    return Judgement(standing=after, act=Act.REST if is_long else None)


def _not_theirs(standing: Standing, _finding: Finding) -> Judgement:
    return Judgement(standing=replace(standing, state=State.RECYCLED), act=Act.RETIRE)


def _nothing(standing: Standing, _finding: Finding) -> Judgement:
    """Kept as evidence, changes nothing: our own fault, or a forward of what a person has answered."""
    return Judgement(standing=standing)


_JUDGES: Mapping[Evidence, Callable[[Standing, Finding], Judgement]] = {
    Evidence.ARRIVED: _arrived,
    Evidence.REPLIED: _arrived,
    Evidence.VERIFIED: _arrived,
    Evidence.AUTO_REPLIED: _auto_replied,
    Evidence.GONE: _gone,
    Evidence.SUSPECTED: _suspected,
    Evidence.FAILED_SOFTLY: _failed_softly,
    Evidence.FORWARDED: _nothing,
    Evidence.BLAMELESS: _nothing,
    Evidence.NOT_THEIRS: _not_theirs,
}
