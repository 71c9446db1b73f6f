"""What a template from the console cannot say: known escapes, bombs and broken text, each refused in bounded time."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import pytest

from templates import library
from templates.engine import compile_body
from templates.nodes import MAX_SOURCE, Faults
from tests.unit.templates.sandbox_child import DECLARED
from wenhou.core.errors import TemplateError

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
    "{{ ().__class__.__bases__[0].__subclasses__()[40]('/etc/passwd').read() }}",
    "{{ name.__init__.__globals__.__builtins__.open('x') }}",
    "{{ name['__cl' ~ 'ass__'] }}",
    "{{ name['\\x5f\\x5fclass\\x5f\\x5f'] }}",
    "{{ name['\\u005f\\u005fclass__'] }}",
    "{{ name|attr('\\x5f\\x5fclass\\x5f\\x5f') }}",
    "{{ name|attr(['__', 'class__']|join) }}",
    "{{ '{0.__init__.__globals__}'|format(name) }}",
    "{{ '%c%c' % (95, 95) }}",
    "{{ dict(a=name)|attr('items') }}",
    "{{ cycler('a').next.__globals__ }}",
    "{{ joiner.__init__.__globals__ }}",
    "{{ namespace.__init__.__globals__ }}",
    "{{ lipsum.__globals__['os'].popen('id') }}",
    "{{ url_for.__globals__ }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ g }}",
    "{{ session }}",
    "{{ current_app.config }}",
    "{{ environment }}",
    "{{ _ }}",
    "{{ _('x') }}",
    "{{ caller() }}",
    "{{ loop.index }}",
    "{{ super() }}",
    "{{ varargs }}",
    "{{ True.__class__ }}",
    "{{ none }}",
    "{{ true }}",
    "{{ 1 }}",
    "{{ 1.5e308 }}",
    "{{ 1_000 }}",
    "{{ 'a' }}",
    "{{ 'a' 'b' }}",
    "{{ -1 }}",
    "{{ not name }}",
    "{{ 1 // 0 }}",
    "{{ name * 10**9 }}",
    "{{ ('a',) * 10**8 }}",
    "{{ name == 'a' }}",
    "{{ name|cn_number(10**9) }}",
    "{{ name|default('x') }}",
    "{{ name|tojson }}",
    "{{ name|pprint }}",
    "{{ name|replace('a', 'b' * 10**8) }}",
    "{{ name|wordwrap(1) }}",
    "{{ name|center(10**9) }}",
    "{{ name|list|random }}",
    "{{ name|map('upper') }}",
    "{{ name|select('x') }}",
    "{{ name|groupby('x') }}",
    "{{ on|age(**{}) }}",
    "{{ on|age(*on) }}",
    "{{ on|age(day=on) }}",
    "{{ on|age(on, on) }}",
    "{{ on|age }}",
    "{{ (on|cn_date)|tail4 }}",
    "{{ on|cn_date|cn_date }}",
    "{{ ｎａｍｅ.__class__ }}",
    "{{ name\u200b }}",
    "{{ n\u0430me }}",
    "{{ __import__('os') }}",
    "{{ eval('1') }}",
    "{{ open('/etc/passwd') }}",
    "{{ lambda: 1 }}",
    "{{ [x for x in name] }}",
    "{{ {**name} }}",
    "{{ name if }}",
    "{{ name.0 }}",
    "{{ name. }}",
    "{{ .name }}",
    "{{ name; name }}",
    "{{ name := 1 }}",
    "{{ {{ name }} }}",
    "{% for i in range(10**9) %}x{% endfor %}",
    "{% for a in name recursive %}{{ loop(a) }}{% endfor %}",
    "{% while true %}x{% endwhile %}",
    "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
    "{% macro a(x=name) %}{{ x }}{% endmacro %}x",
    "{% set x %}{{ name }}{% endset %}x",
    "{% set ns = namespace(a=1) %}x",
    "{% set name.x = 1 %}x",
    "{% with %}{% set a = 1 %}x{% endwith %}",
    "{% include '/etc/passwd' %}",
    "{% include ['a', 'b'] ignore missing %}x",
    "{% include name %}",
    "{% extends '../../settings.toml' %}x",
    "{% import '/proc/self/environ' as e %}x",
    "{% block a scoped required %}{% endblock %}",
    "{% trans %}x{% endtrans %}",
    "{% debug %}",
    "{% do name.pop() %}",
    "{% continue %}",
    "{% break %}",
    "{% raw %}{{ name }}{% endraw %}",
    "{% raw %}x",
    "{% verbatim %}x{% endverbatim %}",
    "{% load os %}x",
    "{% if name is sameas(name) %}x{% endif %}",
    "{% if name in on %}x{% endif %}",
    "{% if name < 'a' %}x{% endif %}",
    "{% if name.__class__ %}x{% endif %}",
    "{% if cycler %}x{% endif %}",
    "{% if (name == 'a') == (name == 'b') == cycler %}x{% endif %}",
    "{% if on|age(on) %}x{% endif %}{{ name.x }}",
    "{% if 1 %}x{% endif %}",
    "{% elif name %}x{% endif %}",
    "{% else %}x",
    "{% if name %}x{% else %}y{% else %}z{% endif %}",
    "{% if name %}{% endif %}",
    "{# only a note #}",
    "{# a note that never ends",
    "您好 }}",
    "您好 %}",
    "您好 ${name}",
    "# for c in name\n{{ c }}",
    "<% name %>{{ x }}",
    "{{= name }}",
    "{{ name }}{{ name",
    "{%% if name %%}",
    "{% %}",
    "{%",
    "{{ name | }}",
    "{{ name | 1 }}",
    "{{ 'a\nb\" }}",
    '{{ "\\N{LATIN SMALL LETTER A}".__class__ }}',
]
BOMBS = [
    "{{ " + "9" * 5000 + " }}",
    "{{ " + "(" * 3000 + "name" + ")" * 3000 + " }}",
    "{{ " + "not " * 1500 + "name }}",
    "{{ " + "name and " * 800 + "name }}",
    "{% if name %}" * 60 + "x" + "{% endif %}" * 60,
    "{% if name %}" * 600,
    "{{ name }}" * 700,
    "x" * (MAX_SOURCE + 1),
    "{" * MAX_SOURCE,
    "{{" * (MAX_SOURCE // 2),
    "{#" * (MAX_SOURCE // 2),
    "{%" * (MAX_SOURCE // 2),
    "{{ x" + " " * 8000,
    "{{ name }}" + " " * 8000 + "{{",
    "{{ name|" + "upper|" * 1000 + "e }}",
    "{{ " + "a." * 4000 + "b }}",
    "{{ a" + "[0]" * 2500 + " }}",
    "{{ a" + "()" * 3500 + " }}",
    "{{ " + "-" * 8000 + "1 }}",
    "{{ " + "1+" * 4000 + "1 }}",
    "{{ " + "2**" * 2500 + "2 }}",
    "{{ " + "'a'~" * 2000 + "'a' }}",
    "{{ " + "[" * 4000 + "]" * 4000 + " }}",
    "{{ " + "{1:" * 2000 + "1" + "}" * 2000 + " }}",
    "{% if " + "name == " * 900 + "name %}x{% endif %}",
    "{% if name %}x" + "{% elif name %}x" * 500 + "{% endif %}",
    "{% raw %}" * 900,
    "{{'" + "\\'" * 4000,
    "\n" * 8000 + "{% if name %}",
    "{# " + "-" * 8000,
    "x" * 5_000_000,
    "\x00\x01ELF",
]
HEAD = "key: a\nversion: 1\nname: 名\npurpose: care\nchannels: [sms]\nplaceholders: {}\n"
MAILS = (
    HEAD.replace("[sms]", "[email]")
    + "variants: [{id: a, email: &e {subject: 好, paragraphs: [&p '"
    + "好" * 4_000
    + "'"
    + ", *p" * 38
    + "]}}"
)
GOOD = HEAD + "variants: [{id: a, sms: 您好}]\n"
DOCUMENTS = [
    "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nd: [*c,*c,*c]",
    HEAD + "variants:\n- &v {id: a, sms: 您好}\n- *v\n",
    MAILS + "".join(f", {{id: b{number}, email: *e}}" for number in range(38)) + "]\n",
    "&a [*a]",
    "a: &a {<<: *a}",
    HEAD + "variants: [{<<: {id: a}, sms: 您好}]\n",
    HEAD + "variants: !!python/object/apply:os.system ['id']\n",
    HEAD + "variants: [{id: a, sms: !!python/name:os.system 您好}]\n",
    HEAD + "variants: [{id: a, sms: !!binary 5oKo5aW9}]\n",
    HEAD + "variants: [{id: a, sms: !own 您好}]\n",
    GOOD + "key: b\n",
    HEAD + "variants: [{id: a, sms: 您好, sms: 再见}]\n",
    GOOD.replace("version: 1", "version: " + "9" * 100_000),
    GOOD.replace("version: 1", "version: 0x7fffffffffffffff"),
    GOOD.replace("version: 1", "version: 1e999"),
    "[" * 190_000,
    "{a: " * 40_000,
    "- " * 90_000,
    "? " * 90_000,
    "\n".join(" " * depth + "a:" for depth in range(600)),
    "k: v\n" * 40_000,
    "{" + "k: v, " * 30_000 + "}",
    "".join(f"k{number}: v\n" for number in range(18_000)),
    "*a " * 60_000,
    "&" * 199_000,
    "%YAML 1.2\n" * 18_000,
    "--- \n" * 40_000,
    '"' + "\\n" * 99_000 + '"',
    "#" * 199_000,
    "a: |\n" + " x\n" * 60_000,
    "x" * 5_000_000,
    "\x00\x01ELF",
    "",
    HEAD + "variants: [{id: a, sms: '" + "{{ x }}" * 900 + "'}]\n",
    HEAD + "variants: [" + "{id: a, sms: 您好}, " * 41 + "]\n",
]


@pytest.mark.parametrize("source", ATTACKS, ids=lambda source: source[:40])
def test_an_escape_is_refused_with_its_place(source: str) -> None:
    with pytest.raises(TemplateError) as refused:
        compile_body(source, DECLARED, "zh-CN", Faults("a.yaml", 3, 5))

    assert refused.value.file == "a.yaml"
    assert 3 <= int(refused.value.line or 0) <= 3 + source.count("\n")
    assert 5 <= int(refused.value.column or 0) <= 5 + len(source)


@pytest.fixture(scope="module")
def judged() -> list[tuple[str, list[Any]]]:
    """Every bomb with what became of it in a process of its own."""
    asked = json.dumps({"bodies": BOMBS, "documents": DOCUMENTS})
    run = subprocess.run(
        [sys.executable, "-m", "tests.unit.templates.sandbox_child"],
        input=asked, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    return list(zip([*BOMBS, *DOCUMENTS], json.loads(run.stdout), strict=True))


def test_a_bomb_is_refused_in_bounded_time_and_memory(judged: list[tuple[str, list[Any]]]) -> None:
    for source, (verdict, line, column, seconds, mebibytes) in judged:
        told = (source[:40], verdict, seconds, mebibytes)
        assert verdict == "refused", told
        assert isinstance(line, int), told
        assert isinstance(column, int), told
        assert seconds < 1, told
        assert mebibytes < 50, told


def test_the_largest_document_that_is_allowed_is_read_in_bounded_time() -> None:
    body = "{{ x }}好" * 250
    sheets = "".join(f"  - {{id: v{number}, sms: '{body}'}}\n" for number in range(38))
    document = HEAD.replace("{}", "{x: {type: text, source: org.name, sample: 好}}") + "variants:\n" + sheets
    started = time.process_time()

    version = library.parse(document, locale="zh-CN")

    assert len(version.variants) == 38
    assert time.process_time() - started < 4


def test_the_longest_text_with_the_longest_values_stops_at_its_cap() -> None:
    compiled = compile_body("{{ name }}{{ years }}" * 290, DECLARED, "zh-CN")
    started = time.process_time()

    with pytest.raises(TemplateError):
        compiled.render({"name": "王" * 1_000_000, "years": "6" * 1_000_000})

    assert time.process_time() - started < 0.5


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
