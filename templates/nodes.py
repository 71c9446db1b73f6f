"""What a template may say: an allow-list over Jinja2's syntax tree, checked before anything is compiled.

The sandbox alone stops code, not method calls nor bombs ('a' * 10**9, a loop of loops). Without calls,
attributes, loops and arithmetic nothing of that can be written, and output is bounded by the source and
its values.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping

from jinja2 import Environment, TemplateSyntaxError, nodes

from templates.filters import FITS, NEED_A_FILTER, TAKE_A_DATE
from templates.placeholders import Placeholder, PlaceholderType
from wenhou.core.errors import TemplateError

MAX_SOURCE = 8_192  # characters of one body
MAX_DEPTH = 16  # nested nodes; a compiler recurses over them
MAX_NODES = 600
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter, nodes.If, nodes.Compare,
    nodes.Operand, nodes.And, nodes.Or, nodes.Not,
)  # fmt: skip
_TAGS = re.compile(r"\{%[-+]?\s*(\w*)[^%]*?%\}|\{\{[^{]*?\}\}|\{#.*?#\}", re.DOTALL)
_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}|\$\{")
_WORDS: dict[type[object], str] = {
    nodes.Getattr: "attributes (a.b)", nodes.Getitem: "items (a[b])", nodes.Call: "calls", nodes.For: "loops",
    nodes.Assign: "set", nodes.Include: "include", nodes.Import: "import", nodes.Macro: "macros",
    nodes.BinExpr: "arithmetic", nodes.Test: "tests (is …)", nodes.CondExpr: "inline if", nodes.Concat: "~",
}  # fmt: skip


class Faults:
    r"""Makes errors with file, line and column; `line` and `column` are those of the body's first character.

    `one_line`: all lines of the body stand on one line of the file (a quoted text with \\n in it).
    """

    def __init__(
        self, file: str | None = None, line: int = 1, column: int = 1, *, one_line: bool = False
    ) -> None:
        self.file = file
        self.line = line
        self.column = column
        self.one_line = one_line

    def at(self, source: str, lineno: int, sentence: str, needle: str = "") -> TemplateError:
        """Return the error for line `lineno` of the body, at the column of `needle` there."""
        lines = source.splitlines(keepends=True) or [""]
        number = min(lineno, len(lines)) - 1
        text = lines[number]
        whole = r"(?<!\w)" if needle[:1].isalnum() else ""
        found = re.search(whole + re.escape(needle), text) if needle else None
        offset = found.start() if found else len(text) - len(text.lstrip())
        return self.exactly(source, sum(map(len, lines[:number])) + offset, sentence)

    def exactly(self, source: str, place: int, sentence: str) -> TemplateError:
        """Return the error for the character at `place` of the body."""
        before = source[:place]
        breaks = before.count("\n")
        lines = 0 if self.one_line else breaks
        offset = place + breaks if self.one_line else place - (before.rfind("\n") + 1)  # \n takes two there
        return TemplateError(sentence, file=self.file, line=self.line + lines, column=self.column + offset)


def check(
    environment: Environment, source: str, declared: Mapping[str, Placeholder], faults: Faults
) -> dict[str, frozenset[str]]:
    """Return the placeholders a body uses, each with its filters; TemplateError for all that is not allowed."""
    if len(source) > MAX_SOURCE:
        raise faults.at(source, 1, f"the text is longer than {MAX_SOURCE} characters")
    if "\x00" in source:
        raise faults.at(source, 1, "the text is binary")
    tree = _parse(environment, source, faults)
    used: dict[str, set[str]] = {}
    pairs = list(_walk(tree, source, faults))  # first the depth: looking for names goes down by recursion
    bare_ok = _names_only_tested(tree)
    if not any(_prints(node) for node, _ in pairs):
        raise faults.at(source, 1, "the template renders to nothing")
    for node, parent in pairs:
        _check_kind(node, source, faults)
        _check_printed(node, parent, source, faults)
        if isinstance(node, nodes.Name):
            _check_name(node, declared, source, faults)
            used.setdefault(node.name, set())
            if not isinstance(parent, nodes.Filter) and id(node) not in bare_ok:
                _check_bare(node, declared[node.name], source, faults)
        elif isinstance(node, nodes.Filter):
            name = _check_filter(node, declared, source, faults)
            used.setdefault(name, set()).add(node.name)
    return {name: frozenset(filters) for name, filters in used.items()}


def _parse(environment: Environment, source: str, faults: Faults) -> nodes.Template:
    try:
        return environment.parse(source)
    except TemplateSyntaxError as error:
        sentence = f"the template does not parse: {error.message}"
        place = _unclosed(source) if "end of" in str(error.message) else -1
        if place >= 0:
            raise faults.exactly(source, place, sentence) from None
        needle = "{%" if "block" in str(error) or "tag" in str(error) else "{{"
        raise faults.at(source, error.lineno, sentence, needle) from None
    except (RecursionError, MemoryError, OverflowError, ValueError):
        raise faults.at(
            source, 1, "the template is nested too deeply or holds an impossible number"
        ) from None


def _unclosed(source: str) -> int:
    """Where the last tag stands that nothing closes; -1 when every one is closed."""
    open_tags: list[int] = []
    end = 0
    for found in _TAGS.finditer(source):
        end = found.end()
        if found[1] == "if":
            open_tags.append(found.start())
        elif found[1] == "endif" and open_tags:
            open_tags.pop()
    unclosed = re.search(r"\{[{%#]", source[end:])
    return end + unclosed.start() if unclosed else open_tags[-1] if open_tags else -1


def _walk(tree: nodes.Template, source: str, faults: Faults) -> Iterator[tuple[nodes.Node, nodes.Node]]:
    """Every node but the root with its parent, breadth bounded and depth bounded, without recursion."""
    stack: list[tuple[nodes.Node, nodes.Node, int]] = [(child, tree, 1) for child in tree.iter_child_nodes()]
    seen = 0
    while stack:
        node, parent, depth = stack.pop()
        node.lineno = node.lineno or parent.lineno or 1  # operands carry no line of their own
        seen += 1
        if depth > MAX_DEPTH or seen > MAX_NODES:
            raise faults.at(source, node.lineno, "the template is too complicated")
        yield node, parent
        stack.extend((child, node, depth + 1) for child in node.iter_child_nodes())


def _check_kind(node: nodes.Node, source: str, faults: Faults) -> None:
    if isinstance(node, nodes.Operand) and node.op not in {"eq", "ne"}:
        raise faults.at(source, node.lineno, "only == and != may compare", "{%")
    if isinstance(node, _ALLOWED):
        return
    named = (_WORDS[kind] for kind in type(node).__mro__ if kind in _WORDS)
    what = next(named, type(node).__name__)
    raise faults.at(source, node.lineno, f"not allowed in a template: {what}", "{")


def _prints(node: nodes.Node) -> bool:
    if isinstance(node, nodes.TemplateData):
        return bool(node.data.strip())
    return isinstance(node, nodes.Output) and any(
        not isinstance(one, nodes.TemplateData) for one in node.nodes
    )


def _check_printed(node: nodes.Node, parent: nodes.Node, source: str, faults: Faults) -> None:
    """Only words and placeholders are printed: no constants, not the True or False of a comparison."""
    if isinstance(node, nodes.TemplateData):
        _check_words(node, source, faults)
    elif isinstance(parent, nodes.Output) and not isinstance(node, nodes.Name | nodes.Filter):
        raise faults.at(source, node.lineno, "only a placeholder with its filter can be printed", "{{")
    elif isinstance(node, nodes.Const) and not isinstance(parent, nodes.Compare | nodes.Operand):
        raise faults.at(source, node.lineno, "a constant can only be compared (==, !=)", "{")


def _check_words(node: nodes.TemplateData, source: str, faults: Faults) -> None:
    """Braces in plain words (a tag closed twice, `raw`) would be read by the customer."""
    found = _BRACES.search(node.data)
    if found:
        lineno = node.lineno + node.data[: found.start()].count("\n")
        raise faults.at(source, lineno, f"{found[0]!r} belongs to no tag", found[0])


def _check_name(node: nodes.Name, declared: Mapping[str, Placeholder], source: str, faults: Faults) -> None:
    if node.ctx != "load" or node.name not in declared:
        known = ", ".join(sorted(declared)) or "none"
        sentence = f"unknown placeholder {node.name!r}{nearest(node.name, declared)}; declared are: {known}"
        raise faults.at(source, node.lineno, sentence, node.name)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` with the known word that looks most like this one, "" when none does."""
    found = difflib.get_close_matches(word[:40], [str(one) for one in known], n=1, cutoff=0.6)
    return f" (did you mean {found[0]!r}?)" if found else ""


def _check_bare(node: nodes.Name, placeholder: Placeholder, source: str, faults: Faults) -> None:
    if placeholder.type in NEED_A_FILTER:
        fitting = ", ".join(sorted(name for name, types in FITS.items() if placeholder.type in types))
        sentence = f"{node.name!r} is a {placeholder.type} and needs a filter: {fitting}"
        raise faults.at(source, node.lineno, sentence, node.name)


def _check_filter(
    node: nodes.Filter, declared: Mapping[str, Placeholder], source: str, faults: Faults
) -> str:
    """Return the name that is filtered; a filter takes one placeholder of a fitting type and nothing else."""
    if node.name not in FITS:
        sentence = (
            f"unknown filter {node.name!r}{nearest(node.name, FITS)}; there are: {', '.join(sorted(FITS))}"
        )
        raise faults.at(source, node.lineno, sentence, node.name)
    if not isinstance(node.node, nodes.Name):
        raise faults.at(source, node.lineno, f"filter {node.name!r} takes a placeholder", node.name)
    _check_name(node.node, declared, source, faults)
    placeholder = declared[node.node.name]
    if placeholder.type not in FITS[node.name]:
        sentence = f"filter {node.name!r} does not fit {placeholder.name!r}, which is a {placeholder.type}"
        raise faults.at(source, node.lineno, sentence, node.name)
    wanted = 1 if node.name in TAKE_A_DATE else 0
    plain = not (node.kwargs or node.dyn_args or node.dyn_kwargs) and len(node.args) == wanted
    if not plain or not all(_is_date(argument, declared) for argument in node.args):
        raise faults.at(
            source, node.lineno, f"filter {node.name!r} takes {wanted} date argument(s)", node.name
        )
    return placeholder.name


def _is_date(node: nodes.Node, declared: Mapping[str, Placeholder]) -> bool:
    known = isinstance(node, nodes.Name) and node.name in declared
    return known and declared[node.name].type is PlaceholderType.DATE  # type: ignore[attr-defined]  # a Name, as checked above


def _names_only_tested(tree: nodes.Template) -> set[int]:
    """Ids of the names that stand in an `if` test: nothing of them is printed."""
    found: set[int] = set()
    for branch in tree.find_all(nodes.If):
        found.add(id(branch.test))
        found.update(id(name) for name in branch.test.find_all(nodes.Name))
    return found
