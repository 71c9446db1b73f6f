"""The mail around the words: HTML for 163, QQ, Outlook and phones in light and dark, and a true text part.

A mail is stored as skeleton id + parameters (all text); `build` makes the same bytes from them on any
day, so the hash that was approved can be checked at hand-over. A skeleton that was used never changes:
add `letter/2`. What mail programs do to HTML stands in `templates.mail.client_rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from templates.mail import letter_1, plain_1
from templates.mail.shared import HTTPS, PARAGRAPH_BREAK, MailParts, reason_for
from wenhou.core.errors import TemplateError

__all__ = [
    "DEFAULT_SKELETON",
    "PARAGRAPH_BREAK",
    "PARAMETERS",
    "SKELETONS",
    "MailParts",
    "build",
    "reason_for",
]

DEFAULT_SKELETON = "letter/1"
SKELETONS: Mapping[str, tuple[frozenset[str], Callable[[Mapping[str, str]], MailParts]]] = {
    "plain/1": (plain_1.PARAMETERS, plain_1.build),
    "letter/1": (letter_1.PARAMETERS, letter_1.build),
}
PARAMETERS = letter_1.PARAMETERS
_NEEDED = frozenset(("locale", "subject", "paragraphs", "bank"))


def build(skeleton_id: str, parameters: Mapping[str, str]) -> MailParts:
    """Return text and HTML, always the same for the same input; TemplateError for what the skeleton lacks."""
    if skeleton_id not in SKELETONS:
        sentence = f"there is no mail skeleton {skeleton_id!r}; there are: {', '.join(SKELETONS)}"
        raise TemplateError(sentence, code="skeleton_unknown")
    known, make = SKELETONS[skeleton_id]
    names = parameters.keys()
    if not (names <= known and names >= _NEEDED):
        sentence = f"mail parameters: unknown {sorted(names - known)}, missing {sorted(_NEEDED - names)}"
        raise TemplateError(sentence, code="skeleton_parameters")
    for name in ("preferences_url", "action_url"):
        if parameters.get(name) and not HTTPS.match(parameters[name]):
            sentence = f"mail parameter {name} is no https address"
            raise TemplateError(sentence, code="skeleton_parameters")
    return make(parameters)
