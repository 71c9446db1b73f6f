"""A mailbox as NetEase keeps it: "Unsafe Login" until the client says who it is, no IDLE, no MOVE, and UIDs that change."""

from __future__ import annotations

import asyncio
import functools
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

_LITERAL = re.compile(r"\{(\d+)\}$")


@dataclass(kw_only=True)
class StrictMailbox:
    """The server's state, in the test's hand."""

    mails: dict[int, bytes] = field(default_factory=dict)
    done: list[bytes] = field(default_factory=list)
    validity: int = 1
    port: int = 0
    said: list[str] = field(default_factory=list)
    deleted: set[int] = field(default_factory=set)
    hang_up_after: str = ""
    bad_copies: int = 0

    def answer(self, command: str, rest: str, known: set[str]) -> tuple[list[bytes], str]:
        """The untagged lines and the tagged end of one command's answer."""
        if command == "ID":
            known.add("id")
            return [b'* ID ("name" "strict")'], "OK done"
        if command == "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1 ID UIDPLUS"], "OK done"
        if command == "LIST":
            return [b'* LIST () "/" "Wenhou"'], "OK done"
        if command == "SELECT":
            if "id" not in known:
                return [], "NO SELECT Unsafe Login. Please contact kefu@strict.example for help"
            return [
                f"* {len(self.mails)} EXISTS".encode(), f"* OK [UIDVALIDITY {self.validity}] ok".encode(),
            ], "OK [READ-WRITE] done"  # fmt: skip
        if command == "UID":
            return self._uid(*rest.partition(" ")[::2])
        if command == "EXPUNGE":
            for uid in self.deleted:
                self.mails.pop(uid, None)
            return [], "OK done"
        return [], "OK done"

    def _uid(self, command: str, rest: str) -> tuple[list[bytes], str]:
        uids = [
            int(one) for one in re.findall(r"\d+", rest.split(" ", maxsplit=1)[0]) if int(one) in self.mails
        ]
        if command == "SEARCH":
            found = " ".join(str(uid) for uid in sorted(self.mails) if uid not in self.deleted)
            return [f"* SEARCH {found}".rstrip().encode()], "OK done"
        if command == "COPY":
            if self.bad_copies:
                self.bad_copies -= 1
                return [], "NO [TRYCREATE] not now"
            self.done += [self.mails[uid] for uid in uids]
        if command == "STORE":
            self.deleted.update(uids)
        if command == "FETCH" and "SIZE" in rest:
            return [
                f"* 1 FETCH (RFC822.SIZE {len(self.mails[uid])} UID {uid})".encode() for uid in uids
            ], "OK done"
        if command == "FETCH":
            return [
                f"* 1 FETCH (UID {uid} BODY[] {{{len(self.mails[uid])}}}\r\n".encode()
                + self.mails[uid]
                + b")"
                for uid in uids
            ], "OK done"
        return [], "OK done"


async def _talk(box: StrictMailbox, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    known: set[str] = set()
    writer.write(b"* OK strict\r\n")
    try:
        while line := (await reader.readline()).decode().rstrip("\r\n"):
            tag, _, rest = line.partition(" ")
            command, _, arguments = rest.partition(" ")
            box.said.append(rest)
            lines, end = box.answer(command.upper(), arguments, known)
            for one in lines:
                writer.write(one + b"\r\n")
            if box.hang_up_after and rest.startswith(box.hang_up_after):
                box.hang_up_after = ""
                break
            writer.write(f"{tag} {end}\r\n".encode())
            await writer.drain()
    except (ConnectionError, asyncio.CancelledError):
        pass
    finally:
        writer.close()


@contextmanager
def running_strict_imap(box: StrictMailbox) -> Iterator[StrictMailbox]:
    """The server on loopback until the block ends; its port stands in `box`."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    ended = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(functools.partial(_talk, box), "127.0.0.1", 0)
        box.port = server.sockets[0].getsockname()[1]
        ready.set()
        await ended.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.05)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield box
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
        loop.close()
