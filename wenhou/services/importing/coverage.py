"""The consent coverage report: on day one nobody has digital consent, and this says how far the bank has come."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from store.consent_coverage import list_coverage
from wenhou.services.context import Context


def consent_coverage(context: Context, *, org_path: str = "") -> list[dict[str, Any]]:
    """One row an org, advisor, channel and purpose; `advisor` null is the branch pool, `silent` is no consent."""
    with context.db.read() as session:
        return [asdict(row) | {"silent": row.silent} for row in list_coverage(session, org_path=org_path)]
