"""`wenhou bench render`: words for one customer after another, and beside them in the same run what cannot be passed.

One core, no database; a second is one of the processor's, so that other work on the machine counts little. Whom to
write to and where the words go is the business of the other benchmarks. Every round writes to other people, so that a
greeting kept from the round before is none of the gain.
"""

from __future__ import annotations

import statistics
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from typing import TypeVar

from templates import email_skeleton
from templates.compliance.lint import blocks
from templates.engine import ENVIRONMENTS
from templates.library import TemplateVersion, bundled
from templates.placeholders import Value
from templates.render import Footer, Rendered, render
from templates.salutations import Addressee
from wenhou.bench.figures import Figures, machine, peak_rss_mb, versions
from wenhou.bench.population import called, ref_of
from wenhou.bootstrap import mail_writer
from wenhou.core.channels import EMAIL, SMS, Content, OutgoingMessage
from wenhou.core.digests import content_digest
from wenhou.core.ids import new_id
from wenhou.services.word_rules import WordRules

Item = TypeVar("Item")
ROUNDS = 5
PEOPLE = 50_000
_ADVISORS, _BRANCHES = 1_000, 200
_BANK = "江城银行"
_PLACES = tuple(
    "汉正 江岸 武昌 洪山 东湖 中山 解放 青山 古田 黄埔 沿江 水果 徐东 街道 光谷 南湖 紫阳 首义 积玉 鹦鹉".split()
)
_ROADS = tuple("街 路 口 桥 门 里 湾 园 港 广场".split())
_AT = datetime(2027, 2, 6, 1, 0, tzinfo=UTC)
_KEY = b"k" * 32
_RULES = WordRules()
_LESS_OFTEN = 20
"""The slow limits are measured on every twentieth person: a second of each is enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Somebody to write to: the values of a birthday greeting, and which wording."""

    number: int
    values: dict[str, Value | None]
    footer: Footer


def bench_render(people: int = PEOPLE) -> Figures:
    """Rates a second of one core, medians of five rounds over different people."""
    rounds = [list(_readers(start, people // ROUNDS)) for start in range(0, people, max(1, people // ROUNDS))]
    rounds = [one for one in rounds[:ROUNDS] if one]
    version = bundled().get("birthday", "zh-CN")
    found: dict[str, list[float]] = {}
    distinct: set[str] = set()
    for readers in rounds:
        for name, rate in _round(version, readers, distinct).items():
            found.setdefault(name, []).append(rate)
    rates = {name: round(statistics.median(several), 1) for name, several in found.items()}
    figures = {
        "people": float(sum(map(len, rounds))),
        "distinct_texts": float(len(distinct)),
        **rates,
        "sms_ratio": round(rates["sms_per_s"] / rates["format_per_s"], 3),
        "compiling_times_slower": round(rates["compiled_per_s"] / rates["compiling_per_s"], 1),
        "stdlib_times_slower": round(rates["mail_bytes_per_s"] / rates["stdlib_bytes_per_s"], 1),
        "peak_rss_mb": peak_rss_mb(),
    }
    says = ", ".join(f"{name} {value}" for name, value in versions().items())
    return Figures(name="render", figures=figures, machine=machine(), says=(says,), database="")


def _readers(start: int, amount: int) -> Iterator[Reader]:
    """People as the planner finds them: a name and a gender, an advisor, a branch, every fourth a lunar birthday."""
    for number in range(start, start + amount):
        name, gender = called(number)
        branch = _branch(number % _BRANCHES)
        yield Reader(
            number=number,
            values={
                "salutation": Addressee(name=name, gender=gender),
                "advisor": called(10_000_000 + number % _ADVISORS)[0],
                "branch": branch,
                "lunar_day": "八月十五" if number % 4 == 0 else None,
            },
            footer=Footer(
                branch=branch,
                hotline="027-5550-0100",
                preferences_url=f"https://care.bank.example/p/{ref_of(number).lower()}{number:012d}",
            ),
        )


def _branch(number: int) -> str:
    """A branch as banks name theirs, after a street or a quarter."""
    return f"{_PLACES[number % len(_PLACES)]}{_ROADS[number // len(_PLACES) % len(_ROADS)]}支行"


def _round(version: TemplateVersion, readers: Sequence[Reader], distinct: set[str]) -> dict[str, float]:
    texts: list[Rendered] = []
    mails: list[Rendered] = []
    fully = _RULES.about(purpose=version.purpose, channel=SMS, signature=_BANK, template=version.key)
    rates = {
        "sms_per_s": _rate(readers, lambda one: texts.append(_sms(version, one))),
        "mail_parameters_per_s": _rate(readers, lambda one: mails.append(_mail(version, one))),
    }
    if not all(one.ok for one in (*texts, *mails)):
        msg = "the benchmark's own words have problems"
        raise AssertionError(msg)
    distinct.update(one.text for one in texts)
    rates["whole_lint_per_s"] = _rate(texts[::_LESS_OFTEN], lambda one: _RULES.lint(f"{one.text} ", fully))
    write = mail_writer("care@bank.example", "mail.bank.example")
    outgoing = [_outgoing(mail, reader) for mail, reader in zip(mails, readers, strict=True)]
    rates["mail_bytes_per_s"] = _rate(outgoing, lambda one: _verified(one, write))
    return rates | _limits(version, readers, outgoing)


def _limits(
    version: TemplateVersion, readers: Sequence[Reader], outgoing: Sequence[tuple[OutgoingMessage, bytes]]
) -> dict[str, float]:
    """The least such words can cost, and what the simple ways cost."""
    wording = version.wordings_for()[0]
    body = wording.variant.bodies[SMS].text
    source = body.source if body else ""
    plain = _plain_values(readers, dict.fromkeys(version.placeholders, "") | wording.pieces(SMS))
    environment = ENVIRONMENTS["zh-CN"]
    compiled = environment.from_string(source)
    form = "【{bank}】{salutation}，今天是您的生日。{advisor}祝您新的一岁平平安安，事事顺手。拒收请回复R"
    return {
        "format_per_s": _rate(plain, lambda one: form.format(bank=_BANK, **one)),
        "compiled_per_s": _rate(plain, compiled.render),
        "compiling_per_s": _rate(
            plain[::_LESS_OFTEN], lambda one: environment.from_string(source).render(one)
        ),
        "stdlib_bytes_per_s": _rate(outgoing[::_LESS_OFTEN], lambda one: _by_stdlib(one[0])),
    }


def _plain_values(readers: Sequence[Reader], others: dict[str, str]) -> list[dict[str, str]]:
    return [
        {
            **others,
            "salutation": f"{called(reader.number)[0][0]}女士",
            "advisor": str(reader.values["advisor"]),
            "branch": str(reader.values["branch"]),
        }
        for reader in readers
    ]


def _rate(items: Sequence[Item], act: Callable[[Item], object]) -> float:
    began = time.process_time()
    for item in items:
        act(item)
    return len(items) / max(time.process_time() - began, 1e-9)


def _sms(version: TemplateVersion, reader: Reader) -> Rendered:
    """Values, words, limits and lint, as the planner does them."""
    wordings = version.wordings_for()
    made = render(
        version, SMS, reader.values, variant=wordings[reader.number % len(wordings)], signature=_BANK
    )
    about = _RULES.about(purpose=version.purpose, channel=SMS, signature=_BANK, template=version.key)
    if blocks(_RULES.lint_values(made.text, made.inserted, about)):
        msg = f"the benchmark's own words are blocked: {made.text}"
        raise AssertionError(msg)
    return made


def _mail(version: TemplateVersion, reader: Reader) -> Rendered:
    wordings = version.wordings_for()
    wording = wordings[reader.number % len(wordings)]
    return render(version, EMAIL, reader.values, variant=wording, signature=_BANK, footer=reader.footer)


def _outgoing(mail: Rendered, reader: Reader) -> tuple[OutgoingMessage, bytes]:
    """A mail as it is stored, and the digest it was approved under."""
    content = Content(
        channel=EMAIL,
        sender=_BANK,
        text=mail.text,
        subject=mail.subject,
        html=mail.html,
        provider_template=mail.skeleton_id,
        parameters=mail.parameters,
    )
    message = OutgoingMessage(
        message_id=new_id(),
        attempt_id=new_id(),
        reference=uuid.uuid4().hex[:20],
        address=f"{ref_of(reader.number).lower()}@example.com",
        display_name=called(reader.number)[0],
        content=content,
        purpose="care",
        deadline=_AT,
        unsubscribe_url=reader.footer.preferences_url,
    )
    return message, content_digest(_KEY, content)


def _verified(
    one: tuple[OutgoingMessage, bytes], write: Callable[[OutgoingMessage, datetime], bytes]
) -> bytes:
    """From stored parameters to bytes: both parts made anew, compared with what was approved, then encoded."""
    message, approved = one
    stored = message.content
    made = email_skeleton.build(str(stored.provider_template), stored.parameters)
    if (made.text, made.html) != (stored.text, stored.html) or content_digest(_KEY, stored) != approved:
        msg = "a mail differs from its approval"
        raise AssertionError(msg)
    return write(message, _AT)


def _by_stdlib(message: OutgoingMessage) -> bytes:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = f"{message.content.sender} <care@bank.example>"
    mail["To"] = f"{message.display_name} <{message.address}>"
    mail["Subject"] = message.content.subject
    mail["Message-ID"] = f"<{message.reference}@mail.bank.example>"
    mail.set_content(message.content.text)
    mail.add_alternative(message.content.html or "", subtype="html")
    return mail.as_bytes()
