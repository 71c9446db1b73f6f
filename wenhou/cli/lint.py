"""`wenhou lint FILE…`: what the compliance rules say of texts, template documents and the standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from templates.compliance.about import About
from templates.compliance.documents import Judged, bodies, plain
from templates.compliance.levels import Level, LintHit
from templates.compliance.lint import lint
from templates.compliance.rules import CHANNELS, TONES, RuleBook, bundled_rules, read_rules
from wenhou.cli.output import AsJson, note, print_json, print_rows
from wenhou.core.errors import InputError
from wenhou.core.purposes import Purpose
from wenhou.services.text_files import read_text
from wenhou.settings import load_settings

app = typer.Typer()
_STANDARD_INPUT = "-"
_DOCUMENTS = frozenset({".yaml", ".yml"})
_FILES = typer.Argument(
    metavar="FILE…", help="A template document (YAML), a text, or - for the standard input."
)


@app.command()
def run_lint(
    files: Annotated[list[str] | None, _FILES] = None,
    *,
    purpose: Annotated[
        str, typer.Option(metavar="P", help="care, service, information or marketing.")
    ] = "marketing",
    tone: Annotated[str, typer.Option(metavar="T", help="The day's: festive, warm or solemn.")] = "",
    channel: Annotated[str, typer.Option(metavar="C", help="sms, wechat, wecom or email.")] = "",
    finished: Annotated[
        bool, typer.Option("--finished", help="Signature and opt-out line must stand in the text.")
    ] = False,
    locale: Annotated[
        str, typer.Option(metavar="L", help="The language of the sentences: zh-CN or en.")
    ] = "zh-CN",
    rules: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The bank's own rule file instead of the bundled one.")
    ] = None,
    list_rules: Annotated[
        bool, typer.Option("--list-rules", help="List the rules and judge nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Judge texts by the compliance rules: rule, level, place, sentence, source; exit 1 on a block."""
    book = bundled_rules() if rules is None else read_rules(_text_of(str(rules)), str(rules))
    if list_rules:
        _print_rules(book, as_json=as_json)
        return
    if not files:
        raise InputError("name a file, or - for the standard input")
    about = _about(purpose, tone, channel, locale, is_finished=finished)
    if not about.domains:
        note("! Links are judged by their form alone: the bank's hosts are not set (WENHOU_LINK_DOMAINS).")
    rows = [row for file in files for row in _rows(file, about, book)]
    _print_hits(rows, as_json=as_json)
    if any(row["level"] == Level.BLOCK for row in rows):
        raise typer.Exit(1)


def _about(purpose: str, tone: str, channel: str, locale: str, *, is_finished: bool) -> About:
    settings = load_settings()
    return About(
        purpose=_one_of(purpose, tuple(Purpose), "--purpose"),
        day_tone=_one_of(tone, ("", *TONES), "--tone"),
        channel=_one_of(channel, ("", *CHANNELS), "--channel"),
        locale=_one_of(locale, ("zh-CN", "en"), "--locale"),
        is_finished=is_finished,
        signature=settings.bank_signature,
        domains=settings.bank_domains,
    )


def _one_of(given: str, known: Sequence[str], option: str) -> str:
    if given not in known:
        raise InputError(f"{option}: unknown {given!r}; known are: {', '.join(filter(None, known))}")
    return given


def _text_of(file: str) -> str:
    """UTF-8 text of a file or of the standard input; InputError for anything else."""
    if file != _STANDARD_INPUT:
        text = read_text(Path(file))
    else:
        try:
            text = sys.stdin.buffer.read().decode("utf-8-sig")
        except UnicodeDecodeError:
            raise InputError("cannot be read as UTF-8 text; save it as UTF-8", file=file) from None
    if "\x00" in text:
        raise InputError("this is no text but binary", file=file, line=1, column=1)
    return text


def _rows(file: str, about: About, book: RuleBook) -> Iterator[dict[str, Any]]:
    source = _text_of(file)
    is_document = Path(file).suffix.lower() in _DOCUMENTS
    for judged in bodies(source, file, about) if is_document else [plain(source, about)]:
        for hit in lint(judged.text, judged.about, book):
            yield _row(file, judged, hit, about.locale)


def _row(file: str, judged: Judged, hit: LintHit, locale: str) -> dict[str, Any]:
    line, column = judged.place(hit.start)
    return {
        "file": file,
        "line": line,
        "column": column,
        "place": f"{file}:{line}:{column}",
        "text": judged.which,
        "rule": hit.rule,
        "level": str(hit.level),
        "found": "".join(char for char in hit.found if char.isprintable()),
        "sentence": hit.sentence(locale),
        "sentence_zh": hit.sentence_zh,
        "sentence_en": hit.sentence_en,
        "source": hit.source,
    }


def _print_hits(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        print_json([{name: value for name, value in row.items() if name != "place"} for row in rows])
        return
    for row in rows:
        which = f" [{row['text']}]" if row["text"] else ""
        typer.echo(f"{row['place']}{which}  {row['level']}  {row['rule']}  “{row['found']}”")
        typer.echo(f"    {row['sentence']}（{row['source']}）")
    note(f"{len(rows)} hits." if rows else "Nothing to say against it.")


def _print_rules(book: RuleBook, *, as_json: bool) -> None:
    rows = [
        {
            "id": rule.id,
            "level": str(rule.level),
            "purposes": ", ".join(sorted(rule.purposes)) or "all",
            "confirmed": "yes" if rule.is_confirmed else "no",
            "sentence_zh": rule.sentence_zh,
            "sentence_en": rule.sentence_en,
            "source": rule.source,
        }
        for rule in book.rules
    ]
    print_rows(rows, ("id", "level", "purposes", "confirmed", "sentence_zh", "source"), as_json=as_json)
