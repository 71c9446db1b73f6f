"""Which checks there are, by the name the rule file uses."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping

from templates.compliance.checks import answers, links, numbers, people, products, rates, sms_form
from templates.compliance.reading import Reading, Span

Check = Callable[[Reading], Iterable[Span]]
"""Given a text, the places where it is wrong; `reading.missing` for what is owed and not there."""

CHECKS: Mapping[str, Check] = {
    "answer_order": answers.answer_order,
    "link_off_list": links.link_off_list,
    "opt_out_missing": sms_form.opt_out_missing,
    "personal_number": numbers.personal_number,
    "product_without_class": products.product_without_class,
    "product_without_risk": products.product_without_risk,
    "rate_not_published": rates.rate_not_published,
    "rate_without_source": rates.rate_without_source,
    "risk_above_appetite": products.risk_above_appetite,
    "signature": sms_form.signature,
    "womans_age": people.womans_age,
}


@functools.lru_cache(maxsize=64)
def check_characters(name: str) -> frozenset[str]:
    """Every character that the check's module names in a constant: checks tell no other characters apart."""
    module = sys.modules[CHECKS[name].__module__]
    return frozenset(char for value in vars(module).values() for char in _words(value))


def _words(value: object) -> Iterator[str]:
    """The characters of text, patterns and containers of them."""
    if isinstance(value, str):
        yield from value
    elif isinstance(value, re.Pattern):
        yield from str(value.pattern)
    elif isinstance(value, Mapping):
        for pair in value.items():
            for one in pair:
                yield from _words(one)
    elif isinstance(value, (tuple, list, frozenset, set)):
        for one in value:
            yield from _words(one)
