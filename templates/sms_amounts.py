"""An SMS never holds an amount: a template that would fill one in is refused where the placeholder stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from templates.documents import Text
from templates.placeholders import Placeholder, PlaceholderType
from wenhou.core.errors import TemplateError


def refuse_amounts(texts: Iterable[Text], placeholders: Mapping[str, Placeholder]) -> None:
    """Raise TemplateError, with line and column, at the first placeholder of type money in the body of an SMS."""
    amounts = [name for name, one in placeholders.items() if one.type is PlaceholderType.MONEY]
    for text in texts if amounts else ():
        for number, line in enumerate(text.value.splitlines(), 1):
            for name in amounts:
                found = re.search(rf"\{{[{{%][^}}]*?(?<!\w)({re.escape(name)})(?!\w)", line)
                if found is not None:
                    raise TemplateError(
                        f"an SMS never holds an amount: take {{{{ {name} }}}} out, others may read the phone",
                        file=text.faults.file,
                        line=text.faults.line + number - 1,
                        column=text.faults.column + found.start(1),
                    )
