"""Every bundled mail as a customer would get it."""

from __future__ import annotations

from collections.abc import Iterator

from templates.library import TemplateVersion, bundled
from templates.mail.card import Card
from templates.render import Footer, Rendered, render

CARD = Card(
    digest="sha256:" + "5a" * 32,
    width=1072,
    height=560,
    alt_zh="一枝桂花，一轮圆月",
    alt_en="A branch of osmanthus under a full moon",
)
SAMPLE = {
    "locale": "zh-CN",
    "subject": "王女士，生日快乐",
    "paragraphs": "王女士：\n\n今天八月十五，是您的生日。\n愿您平安。\n\n陈静\n汉正街支行",
    "bank": "江城银行",
    "branch": "汉正街支行",
    "hotline": "027-5550-0100",
    "reason": "您收到本邮件，是因为您是本行客户并同意接收问候。",
    "preferences_url": "https://care.example/p/a?b=1&c=2",
    "action_label": "选一个方便的时间",
    "action_url": "https://care.example/f/a",
    "phone": "027-5550-0123",
}


def footer(locale: str) -> Footer:
    """A branch's footer in the mail's language."""
    is_english = locale == "en"
    return Footer(
        branch="Hanzheng Street Branch" if is_english else "汉正街支行",
        hotline="027-5550-0100",
        preferences_url="https://care.example/p/3q7k2mzr5y",
        advisor="Chen Jing" if is_english else "陈静",
        phone="027-5550-0123",
    )


def mail_of(version: TemplateVersion, variant: str) -> Rendered:
    """One mail with the template's own sample values."""
    return render(
        version,
        "email",
        version.samples(),
        variant=variant,
        signature="Jiangcheng Bank" if version.locale == "en" else "江城银行",
        footer=footer(version.locale),
        card=CARD,
    )


def bundled_mails() -> Iterator[tuple[str, Rendered]]:
    """(name, mail) of every key, locale and variant that has words for mail."""
    for (key, locale), version in sorted(bundled().versions.items()):
        for variant in version.variants:
            if "email" in variant.bodies:
                yield f"{key}/{locale}/{variant.id}", mail_of(version, variant.id)
