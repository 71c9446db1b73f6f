"""What the pretend provider remembers: who got what, what they answered, who wants nothing more.

SQLite in memory, or in a file when the counts must outlive the process. One connection behind one lock.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime

_SCHEMA = """
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY, account TEXT, channel TEXT, address TEXT, name TEXT, reference TEXT, attempt_id
    TEXT, message_id TEXT UNIQUE, sender TEXT, subject TEXT, text TEXT, html TEXT, purpose TEXT,
    unsubscribe_url TEXT, at TEXT, status TEXT);
CREATE INDEX IF NOT EXISTS deliveries_by_address ON deliveries (channel, address);
CREATE INDEX IF NOT EXISTS deliveries_by_attempt ON deliveries (attempt_id);
CREATE TABLE IF NOT EXISTS answers (
    id INTEGER PRIMARY KEY, account TEXT, channel TEXT, address TEXT, text TEXT, at TEXT);
CREATE INDEX IF NOT EXISTS answers_by_address ON answers (channel, address);
CREATE TABLE IF NOT EXISTS throttled (attempt_of TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS images (
    id INTEGER PRIMARY KEY, account TEXT, digest TEXT, mime TEXT, body BLOB, at TEXT, until TEXT);
CREATE TABLE IF NOT EXISTS shown (message_id TEXT, place INTEGER, image_id INTEGER, PRIMARY KEY (message_id, place));
CREATE TABLE IF NOT EXISTS blacklist (account TEXT, address TEXT, PRIMARY KEY (account, address));
"""
WAITING, LET_GO, ACCEPTED = "waiting", "let_go", "accepted"
DELIVERED, READ, UNDELIVERED = "delivered", "read", "undelivered"
_NOT_SENT = (WAITING, LET_GO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message as the provider holds it; `status` is accepted, delivered, read, undelivered, waiting or let_go."""

    account: str
    channel: str
    address: str
    name: str
    reference: str
    attempt_id: str
    message_id: str
    sender: str
    subject: str | None
    text: str
    html: str | None
    purpose: str
    unsubscribe_url: str | None
    at: str
    status: str
    id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One line of a conversation on a phone: ours (a delivery) or the customer's answer."""

    at: str
    text: str
    mine: bool
    account: str
    delivery: Delivery | None = None


_COLUMNS = tuple(field.name for field in fields(Delivery) if field.name != "id")
_SELECT = f"SELECT id, {', '.join(_COLUMNS)} FROM deliveries"  # noqa: S608 - constant names
_INSERT = f"INSERT INTO deliveries ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - our own column names


class State:
    """The provider's memory; thread-safe."""

    def __init__(self, path: str = ":memory:") -> None:
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # The memory must outlive a killed process, not a power cut.
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;" + _SCHEMA)

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._db.close()

    def _rows(self, sql: str, *values: object) -> list[tuple[object, ...]]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def add(self, delivery: Delivery) -> None:
        """Remember one accepted message or task."""
        self._rows(_INSERT, *(getattr(delivery, column) for column in _COLUMNS))

    def find(self, message_id: str) -> Delivery | None:
        """The delivery or task with the provider's id."""
        return next(iter(self._deliveries("message_id = ?", message_id)), None)

    def find_attempt(self, attempt_id: str) -> Delivery | None:
        """What an earlier call with the same attempt id made."""
        return next(iter(self._deliveries("attempt_id = ?", attempt_id)), None)

    def _deliveries(self, where: str, *values: object) -> list[Delivery]:
        rows = self._rows(f"{_SELECT} WHERE {where} ORDER BY id", *values)
        return [Delivery(**dict(zip(("id", *_COLUMNS), row, strict=True))) for row in rows]  # type: ignore[arg-type]

    def move(self, message_id: str, status: str) -> None:
        """Set the status of one delivery."""
        self._rows("UPDATE deliveries SET status = ? WHERE message_id = ?", status, message_id)

    def decide(self, task_id: str, status: str) -> bool:
        """Let a waiting task go or send it; False when somebody was faster."""
        sql = "UPDATE deliveries SET status = ? WHERE message_id = ? AND status = 'waiting' RETURNING id"
        return bool(self._rows(sql, status, task_id))

    def unfinished(self) -> list[Delivery]:
        """What was accepted and not reported on yet, for a provider that starts again on its file."""
        return self._deliveries("status = ?", ACCEPTED)

    def waiting(self) -> list[Delivery]:
        """The tasks nobody has tapped yet."""
        return self._deliveries("status = ?", WAITING)

    def threads(self, limit: int = 400) -> list[tuple[str, str, str, int]]:
        """(channel, address, name, arrived) of everybody who was written to, the last one first."""
        rows = self._rows(
            "SELECT channel, address, max(name), sum(status IN ('delivered', 'read')) FROM deliveries "
            "WHERE status != 'let_go' GROUP BY channel, address ORDER BY max(id) DESC LIMIT ?",
            limit,
        )
        return [(str(c), str(a), str(n), int(str(k))) for c, a, n, k in rows]

    def thread(self, channel: str, address: str) -> list[Written]:
        """What stands on the phone: only what arrived, and what its owner answered, in the order of time."""
        arrived = self._deliveries(
            "channel = ? AND address = ? AND status IN ('delivered', 'read')", channel, address
        )
        lines = [Written(at=d.at, text=d.text, mine=False, account=d.account, delivery=d) for d in arrived]
        sql = "SELECT at, text, account FROM answers WHERE channel = ? AND address = ? ORDER BY id"
        lines += [
            Written(at=str(at), text=str(text), mine=True, account=str(account))
            for at, text, account in self._rows(sql, channel, address)
        ]
        return sorted(lines, key=lambda line: line.at)

    def last(self, channel: str, address: str) -> Delivery | None:
        """The newest message of an address."""
        found = self._deliveries("channel = ? AND address = ?", channel, address)
        return found[-1] if found else None

    def answer(self, account: str, channel: str, address: str, text: str, at: datetime) -> None:
        """Remember the customer's words."""
        sql = "INSERT INTO answers (account, channel, address, text, at) VALUES (?, ?, ?, ?, ?)"
        self._rows(sql, account, channel, address, text, stamp(at))

    def throttle_once(self, key: str) -> bool:
        """True the first time it is asked about `key`."""
        return bool(self._rows("INSERT OR IGNORE INTO throttled VALUES (?) RETURNING 1", key))

    def blacklist(self, account: str, address: str) -> None:
        """Take the customer's refusal, as platforms do by themselves."""
        self._rows("INSERT OR IGNORE INTO blacklist VALUES (?, ?)", account, address)

    def is_blacklisted(self, account: str, address: str) -> bool:
        """Whether the platform took a refusal of this address."""
        return bool(self._rows("SELECT 1 FROM blacklist WHERE account = ? AND address = ?", account, address))

    def keep_image(
        self, account: str, digest: str, mime: str, body: bytes, *, at: datetime, until: datetime
    ) -> str:
        """Remember an image; its id."""
        sql = "INSERT INTO images (account, digest, mime, body, at, until) VALUES (?, ?, ?, ?, ?, ?) RETURNING id"
        return f"image-{self._rows(sql, account, digest, mime, body, stamp(at), stamp(until))[0][0]}"

    def image_until(self, account: str, media_id: str) -> str:
        """When an account's image is forgotten; "" for one it was never given."""
        sql = "SELECT until FROM images WHERE account = ? AND 'image-' || id = ?"
        return next((str(until) for (until,) in self._rows(sql, account, media_id)), "")

    def show(self, message_id: str, media_ids: Sequence[str]) -> None:
        """Remember which images a message shows."""
        for place, media_id in enumerate(media_ids):
            sql = "INSERT INTO shown SELECT ?, ?, id FROM images WHERE 'image-' || id = ?"
            self._rows(sql, message_id, place, media_id)

    def images_of(self, message_id: str) -> list[tuple[str, bytes]]:
        """(mime, bytes) of a message's images, in their order."""
        sql = "SELECT mime, body FROM shown JOIN images ON id = image_id WHERE message_id = ? ORDER BY place"
        return [(str(mime), bytes(body)) for mime, body in self._rows(sql, message_id)]  # type: ignore[call-overload]

    def uploads(self) -> int:
        """How many images were given."""
        return int(str(self._rows("SELECT count(*) FROM images")[0][0]))

    def forget_images(self) -> None:
        """Forget every image before its time, as a platform may."""
        self._rows("UPDATE images SET until = ''")

    def counts(self, by: str = "address") -> dict[str, int]:
        """How many messages were really accepted per address, reference or attempt_id; tasks count when tapped."""
        if by not in {"address", "reference", "attempt_id"}:
            msg = "counts are kept by address, reference or attempt_id"
            raise ValueError(msg)
        sql = f"SELECT {by}, count(*) FROM deliveries WHERE status NOT IN (?, ?) GROUP BY {by}"  # noqa: S608 - checked
        return {str(key): int(str(number)) for key, number in self._rows(sql, *_NOT_SENT)}

    def reset(
        self, tables: Sequence[str] = ("deliveries", "answers", "throttled", "blacklist", "shown", "images")
    ) -> None:
        """Forget everything."""
        for table in tables:
            self._rows(f"DELETE FROM {table}")  # noqa: S608 - constant names


def stamp(at: datetime) -> str:
    """An instant as stored: UTC, fixed width, so that text order is time order."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
