"""Reading a small text file that a person named: campaign, article, mapping."""

from __future__ import annotations

from pathlib import Path

from wenhou.core.errors import InputError


def read_text(path: Path) -> str:
    """The file's text, UTF-8 with or without mark; InputError says why it cannot be read and what would be right."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        sentence = "there is no such file"
    except IsADirectoryError:
        sentence = "this is a folder; name a file"
    except PermissionError:
        sentence = "no permission to read this file; give it to this user"
    except UnicodeDecodeError:
        sentence = "cannot be read as UTF-8 text; save it as UTF-8"
    except OSError as error:
        sentence = f"cannot be read: {error.strerror}"
    raise InputError(sentence, file=str(path))
