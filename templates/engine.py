"""The sandbox and the cache of compiled bodies: one environment per locale, nothing in it but our filters.

A body is compiled once per (template digest, variant, channel, part): compiling costs a hundred renders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from templates import filters, nodes
from templates.placeholders import OddValueError, Placeholder, PlainValue
from wenhou.core.errors import TemplateError

LOCALES = ("zh-CN", "en")
MAX_OUTPUT = 20_000  # characters of one body


def _environment(locale: str) -> ImmutableSandboxedEnvironment:
    # Nothing is escaped here: every body is plain text, and the one place that makes HTML
    # (`templates.email_skeleton`) escapes all of it. `trim_blocks` keeps YAML block texts readable.
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        cache_size=0,
        loader=None,
    )
    environment.globals.clear()
    environment.tests.clear()
    environment.filters.clear()
    chosen = filters.ENGLISH if locale == "en" else filters.CHINESE
    environment.filters.update({name: _never_empty(function) for name, function in chosen.items()})
    return environment


def _never_empty(function: filters.FilterFunction) -> filters.FilterFunction:
    """An optional value that was not given must stand inside an `if`: filtered, it would print 农历 and nothing."""

    def guarded(value: PlainValue, *arguments: PlainValue) -> str | int:
        if value == "" or "" in arguments:
            raise OddValueError("empty")
        return function(value, *arguments)

    return guarded


ENVIRONMENTS = {locale: _environment(locale) for locale in LOCALES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A body ready to render; `uses` maps each placeholder in it to the filters it goes through."""

    source: str
    template: Template
    uses: Mapping[str, frozenset[str]]

    def render(self, values: Mapping[str, PlainValue]) -> str:
        """Return the text. Values must be plain and checked; TemplateError when it grows past MAX_OUTPUT."""
        pieces: list[str] = []
        size = 0
        for piece in self.template.root_render_func(self.template.new_context(dict(values))):
            size += len(piece)
            if size > MAX_OUTPUT:
                sentence = f"the rendered text is longer than {MAX_OUTPUT} characters"
                raise TemplateError(sentence, code="template_output")
            pieces.append(piece)
        return "".join(pieces)


def compile_body(
    source: str, declared: Mapping[str, Placeholder], locale: str, faults: nodes.Faults | None = None
) -> Compiled:
    """Check a body against the allow-list and its declared placeholders, then compile it; TemplateError otherwise."""
    environment = ENVIRONMENTS[locale]
    uses = nodes.check(environment, source, declared, faults or nodes.Faults())
    return Compiled(source=source, template=environment.from_string(source), uses=uses)
