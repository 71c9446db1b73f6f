"""An SMS never holds an amount: a template that would fill one in is refused where the placeholder stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from templates.documents import Text
from templates.placeholders import Placeholder, PlaceholderType


def refuse_amounts(texts: Iterable[Text], placeholders: Mapping[str, Placeholder]) -> None:
    """Raise TemplateError, with line and column, at the first placeholder of type money in the body of an SMS."""
    amounts = [name for name, one in placeholders.items() if one.type is PlaceholderType.MONEY]
    for text in texts if amounts else ():
        for number, line in enumerate(text.value.splitlines(), 1):
            for name in amounts:
                if re.search(rf"\{{[{{%][^}}]*(?<!\w){re.escape(name)}(?!\w)", line):
                    sentence = (
                        f"an SMS never holds an amount: take {{{{ {name} }}}} out, others may read the phone"
                    )
                    raise text.faults.at(text.value, number, sentence, name)
