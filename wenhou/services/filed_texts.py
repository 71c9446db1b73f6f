"""What a line that carries only filed texts may say: for an org and a template, which wordings, by which filed text.

Read once a run and account; everything after that is look-ups. A filing of an org holds for that org and below, the
nearest one to the customer decides, and the bank's own stands behind them all. Which carrier a number belongs to is
not known for sure (numbers are ported), so a text counts as filed only when every carrier it was filed with has
approved it. Signatures are filed with each carrier apart: at hand-over the carrier of the number's prefix decides,
by its own row or else by the one for all; where no carrier is known every one must have approved. A plan that does not
look at numbers asks whether any has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from store.database import Session
from store.filed_texts import Filing, list_filings
from templates.sms_body import suffix_for
from wenhou.core.channels import Content
from wenhou.core.limits.dialects import dialect_of
from wenhou.core.limits.filed import FiledText, fill, find_fit
from wenhou.core.mobile_carriers import carrier_word

TEMPLATE_NOT_FILED, SIGNATURE_NOT_FILED = "template_not_filed", "signature_not_filed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledWording:
    """A wording and the filed text that carries it. `labels`: what a person calls a variable."""

    template_key: str
    wording: str
    filed: FiledText
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Filings:
    """The filings of one account. `allows_variables`: False leaves out every text that holds any."""

    rows: Sequence[Filing]
    allows_variables: bool = True
    max_variable: int = 0
    _texts: dict[tuple[str, str, str], Mapping[str, FiledWording]] = field(default_factory=dict)
    _signatures: dict[tuple[str, str, str | None], bool] = field(default_factory=dict)

    def texts(self, org_path: str, template_key: str, locale: str = "zh-CN") -> Mapping[str, FiledWording]:
        """Wording id → the filed text that carries it, for customers of an org; of two texts the lower code."""
        key = (org_path, template_key, locale)
        known = self._texts.get(key)
        if known is None:
            known = self._texts[key] = self._texts_of(org_path, template_key, locale)
        return known

    def has_signature(self, org_path: str, signature: str, carrier: str | None = None) -> bool:
        """Whether texts for customers of an org may be signed so.

        `carrier`: of the number, "" where none is known (then all must have approved), None: of any number at all.
        """
        key = (org_path, signature, carrier)
        if key not in self._signatures:
            rows = [one for one in self.rows if one.kind == "signature" and one.code == signature]
            self._signatures[key] = _is_signed(rows, org_path, carrier)
        return self._signatures[key]

    def why_not(self, org_path: str, template_key: str, locale: str, signature: str) -> str:
        """The code of why the line carries nothing of a template for an org's customers; "" when it does."""
        if not self.has_signature(org_path, signature):
            return SIGNATURE_NOT_FILED
        return "" if self.texts(org_path, template_key, locale) else TEMPLATE_NOT_FILED

    def find(self, code: str, org_path: str) -> FiledWording | None:
        """An approved text by its code; None where it is not, or not any longer, approved for the org."""
        rows = [one for one in self.rows if one.kind == "template" and one.code == code]
        return self._carried(rows[0]) if rows and _is_approved(rows, org_path) else None

    def _texts_of(self, org_path: str, template_key: str, locale: str) -> Mapping[str, FiledWording]:
        by_code: dict[str, list[Filing]] = {}
        for one in self.rows:
            if one.kind == "template" and one.template_key == template_key and one.locale == locale:
                by_code.setdefault(one.code, []).append(one)
        found: dict[str, FiledWording] = {}
        for _, rows in sorted(by_code.items()):
            if _is_approved(rows, org_path):
                carried = self._carried(rows[0])
                if self.allows_variables or not carried.filed.variables:
                    found.setdefault(carried.wording, carried)
        return found

    def _carried(self, one: Filing) -> FiledWording:
        dialect = dialect_of(one.text)
        longest = dict(one.longest)
        filed = FiledText(
            code=one.code,
            text=one.text,
            dialect=dialect,
            promotional=one.text.endswith(suffix_for("care")),
            longest=longest,
        )
        if self.max_variable:
            longest = {
                name: min(longest.get(name) or self.max_variable, self.max_variable) for name in filed.names
            }
            filed = FiledText(
                code=one.code, text=one.text, dialect=dialect, promotional=filed.promotional, longest=longest
            )
        return FiledWording(
            template_key=one.template_key, wording=one.wording, filed=filed, labels=dict(one.labels)
        )


def load_filings(
    session: Session, provider: str, account: str, *, allows_variables: bool = True, max_variable: int = 0
) -> Filings:
    """Everything filed with one account: a few hundred rows, read once a run."""
    rows = list_filings(session, provider=provider, account=account)
    return Filings(rows=rows, allows_variables=allows_variables, max_variable=max_variable)


def filed_for(
    session: Session, provider: str, account: str, org_path: str, template_key: str
) -> Mapping[str, FiledWording]:
    """Wording id → filed text for customers of an org: one question; a run keeps `load_filings` instead."""
    return load_filings(session, provider, account).texts(org_path, template_key)


def carry(content: Content, one: FiledWording) -> Content | None:
    """The same words as the filed text with its values; None where they do not fit it (a value is too long)."""
    fit = find_fit(content.text.removeprefix(f"【{content.sender}】"), [one.filed])
    if fit is None:
        return None
    return fill_in(content, one, fit.values)


def fill_in(content: Content, one: FiledWording, values: Mapping[str, str]) -> Content:
    """A text message made of a filed text and values; InputError says what the provider would refuse."""
    return Content(
        channel=content.channel,
        sender=content.sender,
        text=f"【{content.sender}】{fill(one.filed, values)}",
        provider_template=one.filed.code,
        parameters={name: values[name] for name in one.filed.names},
    )


def _is_signed(rows: Sequence[Filing], org_path: str, carrier: str | None) -> bool:
    if carrier == "":
        return _is_approved(rows, org_path)
    if carrier is None:
        filed_with = {carrier_word(one.carrier) for one in rows} or {""}
        return any(
            _is_signed(rows, org_path, one) if one else _holds_for_all(rows, org_path) for one in filed_with
        )
    above = [one for one in rows if carrier_word(one.carrier) in {carrier, ""} and _is_above(one, org_path)]
    if not above:
        return False
    # The nearest org decides, and of its rows the carrier's own.
    return max(above, key=lambda one: (len(one.org_path), one.carrier)).state == "approved"


def _holds_for_all(rows: Sequence[Filing], org_path: str) -> bool:
    return _is_approved([one for one in rows if not one.carrier], org_path)


def _is_above(one: Filing, org_path: str) -> bool:
    return not one.org_path or org_path.startswith(one.org_path)


def _is_approved(rows: Sequence[Filing], org_path: str) -> bool:
    """By the nearest org that filed it: all its carriers have approved it."""
    above = [one for one in rows if _is_above(one, org_path)]
    if not above:
        return False
    nearest = max(len(one.org_path) for one in above)
    return all(one.state == "approved" for one in above if len(one.org_path) == nearest)
