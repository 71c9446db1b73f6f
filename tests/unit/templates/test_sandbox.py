"""What a template from the console cannot say: known escapes, bombs and broken text, each refused in bounded time."""

from __future__ import annotations

import time

import pytest

from templates.engine import compile_body
from templates.nodes import MAX_SOURCE
from templates.placeholders import Placeholder, PlaceholderType
from wenhou.core.errors import TemplateError

DECLARED = {
    "name": Placeholder(name="name", type=PlaceholderType.NAME, source="customer.name", sample="王伟"),
    "on": Placeholder(name="on", type=PlaceholderType.DATE, source="occasion.on", sample="2027-03-08"),
    "fen": Placeholder(name="fen", type=PlaceholderType.MONEY, source="customer.card", sample="100"),
}
ATTACKS = [
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ name.__class__ }}",
    "{{ name['__class__'] }}",
    "{{ name|attr('__class__') }}",
    "{{ '%s'|format(name) }}",
    "{{ '{0.__class__}'.format(name) }}",
    "{{ [name]|map(attribute='__class__')|list }}",
    "{{ self }}",
    "{{ self.__init__.__globals__ }}",
    "{{ config }}",
    "{{ request.environ }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum(n=100000) }}",
    "{{ range(10**9) }}",
    "{{ namespace(a=1) }}",
    "{{ joiner() }}",
    "{{ name.delete() }}",
    "{{ name.encode }}",
    "{{ 'a' * 10**9 }}",
    "{{ 'a'.center(10**9) }}",
    "{{ '%1000000000d'|format(1) }}",
    "{{ 9**9**9**9 }}",
    "{{ name ~ name }}",
    "{{ name + name }}",
    "{{ [name] }}",
    "{{ {'a': name} }}",
    "{{ name[0] }}",
    "{{ name[1:] }}",
    "{{ name if name else 'x' }}",
    "{{ name is defined }}",
    "{{ name is mapping }}",
    "{{ name|safe }}",
    "{{ name|e }}",
    "{{ name|upper }}",
    "{{ name > 'a' }}",
    "{{ name in 'abc' }}",
    "{% for c in name %}{{ c }}{% endfor %}",
    "{% for a in 'x' %}{% for b in 'x' %}x{% endfor %}{% endfor %}",
    "{% set a = name %}",
    "{% set name = 'x' %}{{ name }}",
    "{% include 'secrets.yaml' %}",
    "{% import 'x' as x %}",
    "{% from 'x' import y %}",
    "{% extends 'x' %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% call x() %}{% endcall %}",
    "{% filter upper %}x{% endfilter %}",
    "{% block b %}x{% endblock %}",
    "{% with a = 1 %}x{% endwith %}",
    "{% autoescape false %}{{ name }}{% endautoescape %}",
    "{{ other_customer }}",
    "{{ fen }}",
    "{{ on }}",
    "{{ name|cn_date }}",
    "{{ 'x'|cn_date }}",
    "{{ on|cn_date('x') }}",
    "{{ on|age(name) }}",
    "{{ on|nothing }}",
    "{{ name",
    "{% if name %}",
    "{{ }}",
    "}} {% endif %}",
    "{{ " + "9" * 5000 + " }}",
    "{{ " + "(" * 3000 + "name" + ")" * 3000 + " }}",
    "{{ " + "not " * 1500 + "name }}",
    "{{ " + "name and " * 800 + "name }}",
    "{% if name %}" * 60 + "x" + "{% endif %}" * 60,
    "{{ name }}" * 700,
    "x" * (MAX_SOURCE + 1),
    "\x00\x01ELF",
]


@pytest.mark.parametrize("source", ATTACKS, ids=lambda source: source[:40])
def test_an_escape_or_a_bomb_is_refused_quickly_with_its_place(source: str) -> None:
    started = time.perf_counter()

    with pytest.raises(TemplateError) as refused:
        compile_body(source, DECLARED, "zh-CN")

    assert refused.value.line == 1
    assert isinstance(refused.value.column, int)
    assert time.perf_counter() - started < 1


def test_what_content_needs_is_allowed() -> None:
    compiled = compile_body(
        "{# note #}{% if name == '王' or not name %}x{% else %}{{ on | cn_date }}{% endif %}",
        DECLARED,
        "zh-CN",
    )

    assert set(compiled.uses) == {"name", "on"}
    assert compiled.uses["on"] == {"cn_date"}


def test_output_past_its_cap_stops() -> None:
    compiled = compile_body("{{ name }}" * 200, DECLARED, "zh-CN")

    with pytest.raises(TemplateError) as refused:
        compiled.render({"name": "王" * 1000})

    assert refused.value.code == "template_output"


def test_a_value_that_looks_like_a_template_is_not_run() -> None:
    compiled = compile_body("{{ name }}", DECLARED, "zh-CN")

    assert compiled.render({"name": "{{ 7 * 7 }}"}) == "{{ 7 * 7 }}"
