"""What every sender does when its provider misbehaves, when threads share it, when it is closed."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.contract.messages import CANARIES, hand_over, make_message
from tests.contract.provided import OVER_HTTP, WORLDS
from tests.contract.tls import FAULTS, HandshakeServer, make_certificate
from tests.contract.worlds import GatewayHandler, GatewayServer, GatewayWorld, World, answering
from tests.ports import free_port
from wenhou.core.channels import (
    Accepted,
    ChannelFault,
    Outcome,
    Probe,
    Prober,
    TaskCreated,
    Transient,
    Unknown,
)
from wenhou.core.errors import SendError

EACH = pytest.mark.parametrize("name", WORLDS)
EACH_OVER_HTTP = pytest.mark.parametrize("name", OVER_HTTP)
_SOCKETS = Path("/proc/net/tcp")
_OURS = {"01", "08"}  # established, and closed by the other side only


@pytest.fixture
def world(name: str) -> Iterator[World]:
    made = WORLDS[name]()
    yield made
    made.close()


@pytest.fixture
def hostile() -> Iterator[GatewayServer]:
    """A web server that is not what the provider's contract says."""
    server = GatewayServer()
    yield server
    server.stop()


def _outcome_of(world: World, server: GatewayServer, behave: Callable[[GatewayHandler], None]) -> Outcome:
    server.behave = behave
    sender = world.sender(port=server.port)
    try:
        return hand_over(sender, make_message(world.channel))
    finally:
        sender.close()


@EACH_OVER_HTTP
@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_server_that_fails_after_it_had_the_request_leaves_the_outcome_unknown(
    world: World, hostile: GatewayServer, status: int
) -> None:
    assert isinstance(_outcome_of(world, hostile, answering({}, status)), Unknown)


@EACH_OVER_HTTP
@pytest.mark.parametrize(
    "body", [b"", b"<html>welcome</html>", b"null", b"[]", b'"ok"', b"\xff\xfe\x00", b"[" * 100_000]
)
def test_http_200_that_does_not_say_it_was_taken_is_unknown(
    world: World, hostile: GatewayServer, body: bytes
) -> None:
    assert isinstance(_outcome_of(world, hostile, lambda handler: handler.answer(200, body)), Unknown)


@EACH_OVER_HTTP
@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("after", ["date", "seconds"])
def test_come_back_later_is_transient_whatever_else_is_said(
    world: World, hostile: GatewayServer, status: int, after: str
) -> None:
    said = {"date": "Sat, 30 Jan 2027 01:00:00 GMT", "seconds": "7"}[after]
    outcome = _outcome_of(
        world, hostile, lambda handler: handler.answer(status, b"<html>busy</html>", {"Retry-After": said})
    )
    assert isinstance(outcome, Transient)
    if after == "seconds":
        assert outcome.retry.after == timedelta(seconds=7)
    else:
        assert outcome.retry.at == datetime(2027, 1, 30, 1, 0, tzinfo=UTC)


@EACH_OVER_HTTP
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_nobody_is_followed_elsewhere_with_a_customers_words(
    world: World, hostile: GatewayServer, status: int
) -> None:
    elsewhere = GatewayServer()
    try:
        place = {"Location": f"http://127.0.0.1:{elsewhere.port}/"}
        outcome = _outcome_of(world, hostile, answering({}, status, place))
        assert isinstance(outcome, ChannelFault | Unknown)
        assert elsewhere.requests == []
    finally:
        elsewhere.stop()


@EACH_OVER_HTTP
@pytest.mark.parametrize("status", [401, 403])
def test_refused_credentials_are_the_accounts_fault(
    world: World, hostile: GatewayServer, status: int
) -> None:
    assert isinstance(_outcome_of(world, hostile, answering({"error": "no"}, status)), ChannelFault)


@EACH_OVER_HTTP
def test_a_proxy_of_the_environment_is_not_asked(
    world: World, hostile: GatewayServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{hostile.port}")
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
    sender = world.sender()
    outcome = hand_over(sender, make_message(world.channel, world.arrange("accepted")))
    sender.close()
    assert isinstance(outcome, Accepted | TaskCreated)
    assert hostile.requests == []


@EACH
def test_a_server_that_speaks_another_protocol_is_no_crash(world: World, hostile: GatewayServer) -> None:
    """A mail account pointed at a web server, a gateway that answers nonsense: an outcome, never success."""

    def nonsense(handler: GatewayHandler) -> None:
        handler.wfile.write(b"\x16\x03\x01 nonsense\r\n")

    outcome = _outcome_of(world, hostile, nonsense)
    assert isinstance(outcome, Transient | Unknown | ChannelFault)


@EACH
@pytest.mark.parametrize("fault", FAULTS)
def test_a_certificate_that_does_not_verify_is_the_accounts_fault_and_nothing_is_sent(
    world: World, fault: str, tmp_path: Path
) -> None:
    chain, key = make_certificate(tmp_path, fault)
    server = HandshakeServer(chain, key)
    sender = world.tls_sender(server.port, None if fault == "not_trusted" else str(chain))
    try:
        outcome = hand_over(sender, make_message(world.channel))
    finally:
        sender.close()
        server.close()
    assert isinstance(outcome, ChannelFault)
    assert server.handshakes == 0


@EACH
def test_as_many_threads_as_it_says_may_share_a_sender(world: World) -> None:
    address = world.arrange("accepted")
    sender = world.sender()
    threads, each = sender.capabilities.calls_in_flight, 5
    start = threading.Barrier(threads)

    def work() -> list[Outcome]:
        start.wait(timeout=10)
        return [hand_over(sender, make_message(world.channel, address)) for _ in range(each)]

    with ThreadPoolExecutor(threads) as pool:
        done = [future.result(timeout=30) for future in [pool.submit(work) for _ in range(threads)]]
    sender.close()
    outcomes = [outcome for part in done for outcome in part]
    assert all(isinstance(outcome, Accepted | TaskCreated) for outcome in outcomes)
    assert world.accepted() == threads * each


@EACH
def test_a_batch_has_one_outcome_a_message_and_what_is_left_out_is_unknown(world: World) -> None:
    expected = world.mixed()
    sender = world.batch_sender()
    if sender is None:
        probe = world.sender()
        probe.close()
        assert probe.capabilities.batch_size == 1, "a call of many messages needs a batch_sender here"
        return
    world.arrange("accepted")
    batch = [make_message(world.channel, address) for address in expected for _ in range(2)]
    assert 1 < len(batch) <= sender.capabilities.batch_size
    try:
        said = sender.send(batch)
    finally:
        sender.close()
    assert set(said) <= {message.attempt_id for message in batch}
    for message in batch[
        ::2
    ]:  # the second to an address may fare otherwise: who was throttled is let through
        outcome = said.get(message.attempt_id, Unknown(code="left_out"))
        assert isinstance(outcome, expected[message.address]), message.address


@EACH
def test_close_gives_back_every_connection_and_may_be_called_twice(world: World) -> None:
    if not _SOCKETS.exists():
        pytest.skip("needs Linux: it counts sockets in /proc/net/tcp")
    address = world.arrange("accepted")
    sender = world.sender()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: hand_over(sender, make_message(world.channel, address)), range(8)))
    sender.close()
    sender.close()
    deadline = time.monotonic() + 5
    while (held := _sockets_to(world.port)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert held == 0


def _sockets_to(port: int) -> int:
    rows = [row.split() for row in _SOCKETS.read_text(encoding="ascii").splitlines()[1:]]
    return sum(int(row[2].rpartition(":")[2], 16) == port and row[3] in _OURS for row in rows)


def _probe(world: World, port: int | None = None) -> Probe | None:
    sender = world.sender(port=port)
    try:
        return sender.probe() if isinstance(sender, Prober) else None
    finally:
        sender.close()


@EACH
def test_a_probe_of_a_good_account_says_so_and_writes_to_nobody(world: World) -> None:
    world.arrange("accepted")
    probe = _probe(world)
    if probe is not None:
        assert probe.ok, probe
        assert all(probe.tried)
    if not isinstance(world, GatewayWorld):  # which counts every request, the probe's too
        assert world.accepted() == 0


@EACH
def test_a_probe_that_fails_says_what_to_do_and_raises_nothing(
    world: World, hostile: GatewayServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hostile.behave = lambda handler: handler.answer(401, json.dumps({"error": "who are you"}).encode())
    seen = []
    for port in (free_port(), hostile.port):
        probe = _probe(world, port)
        if probe is None:
            continue
        seen.append(repr(probe))
        assert all(probe.tried)
        if probe.ok:  # it could only look whether anybody is there, and has to say so
            assert port == hostile.port
            assert "not tried" in probe.tried[1]
        else:
            assert probe.code
            assert all(probe.advice)
    seen += [repr(record.__dict__) + record.getMessage() for record in caplog.records]
    assert {canary for canary in CANARIES for text in seen if canary in text} == set()


@EACH
def test_what_a_hostile_answer_repeats_of_us_is_not_repeated_by_us(
    world: World, hostile: GatewayServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    def echo(handler: GatewayHandler) -> None:
        handler.answer(
            200, json.dumps({"why": [*CANARIES], "path": handler.path}, ensure_ascii=False).encode()
        )

    hostile.behave = echo
    sender = world.sender(port=hostile.port)
    try:
        seen = [repr(sender.send([make_message(world.channel)]))]
    except SendError as error:
        seen = [repr(error), str(error), repr(error.provider_code)]
    finally:
        sender.close()
    ours = [record for record in caplog.records if record.name != "mail.log"]
    seen += [repr(record.__dict__) + record.getMessage() for record in ours]
    assert {canary for canary in CANARIES for text in seen if canary in text} == set()
