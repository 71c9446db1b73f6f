"""SMS lines: the extension codes by which a reply finds the message it answers."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base


class SmsExtension(Base):
    """The last message that went to a number with an extension code of an account: at most a code's range a number."""

    __tablename__ = "sms_extensions"

    provider: Mapped[str] = mapped_column(String(30), primary_key=True)
    account: Mapped[str] = mapped_column(String(60), primary_key=True)
    contact_point_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    extension: Mapped[str] = mapped_column(String(12), primary_key=True)
    message_id: Mapped[uuid.UUID]
    attempt_id: Mapped[uuid.UUID]
    used_at: Mapped[datetime]
