"""Looks at an account without a word to any customer: its balance or status, else whether the way there is open."""

from __future__ import annotations

import re
import socket
import ssl
from typing import Final
from urllib.parse import urlsplit

from pydantic import JsonValue

from integrations.http_edge import Answer, HttpEdge
from integrations.sms_http.documents import read_document
from integrations.sms_http.expressions import as_text, find_path
from integrations.sms_http.line_form import ProbeAnswer, Probing
from integrations.sms_http.profile import SmsHttpSettings
from integrations.sms_http.writing import CallWriter
from wenhou.core.channels import Probe
from wenhou.core.clock import Clock
from wenhou.core.errors import ChannelFaultError, SendError, TransientSendError

_TLS_PORT, _PORT = 443, 80
_ASKED: Final = ("查询了余额或状态", "asked for its balance or status")
_CONNECTED: Final = (
    "只连接了网关，没有发送请求：账号和密码未经验证",
    "connected only, no request was made: credentials were not tried",
)
_ADVICE: Final = {
    "unreachable": ("检查网络、防火墙和网关地址", "check network, firewall and the gateway's address"),
    "tls": (
        "证书不受信任、过期或与地址不符：检查 ca_file、客户端证书和本机时间",
        "the certificate is not trusted, expired or of another name: check ca_file and this machine's clock",
    ),
    "credentials": (
        "核对账号、密码、签名方式和服务器时间，并请平台确认白名单地址",
        "check account, password, signing and this machine's clock; ask for the allowed addresses",
    ),
    "balance": ("余额不足：请充值", "the balance is too low: top it up"),
    "answer": ("网关的应答与说明不符：核对 probe 一节", "not what the description says: check section probe"),
    "link": ("网关说线路不通：请平台检查", "the gateway says that the line is down: ask the platform"),
    "no_answer": ("网关没有及时应答：请平台检查", "no answer in time: ask the platform"),
}
_REFUSED: Final = frozenset({401, 403, 407})
_ERROR: Final = 300


def probe_account(settings: SmsHttpSettings, edge: HttpEdge, clock: Clock) -> Probe:
    """One try; every failure is a Probe, nothing is raised."""
    if settings.probe is None:
        return _connect(settings)
    form = settings.probe
    try:
        call = CallWriter(form, settings.secrets, settings.zone).write({}, clock.real())
        answer = edge.call(call.method, call.url, headers=call.headers, body=call.body)
        return _judge(form, answer)
    except SendError as error:
        return _fault(_ASKED, _word(error))
    except (ValueError, KeyError):
        return _fault(_ASKED, "answer")


def _word(error: SendError) -> str:
    if isinstance(error, TransientSendError):
        return "unreachable"
    if isinstance(error, ChannelFaultError):
        return "tls" if error.provider_code == "tls" else "answer"
    return "no_answer"


def _judge(form: Probing, answer: Answer) -> Probe:
    if answer.status in _REFUSED:
        return _fault(_ASKED, "credentials", f"http_{answer.status}")
    if answer.status >= _ERROR:
        return _fault(_ASKED, "no_answer", f"http_{answer.status}")
    document = read_document(answer.body, form.answer, form.charset)
    told = form.answer
    if told.code is not None:
        code = as_text(find_path(document, told.code)) or ""
        if code not in told.success:
            return _fault(_ASKED, "credentials", code[:80] or "answer_invalid")
    for path, pattern in told.expect.items():
        if not re.search(pattern, (as_text(find_path(document, path)) or "")[:1000]):
            return _fault(_ASKED, "link")
    return _balance(told, document)


def _balance(told: ProbeAnswer, document: JsonValue) -> Probe:
    if told.balance is None:
        return Probe(ok=True, tried=_ASKED)
    left = float(as_text(find_path(document, told.balance)) or "none")
    return Probe(ok=True, tried=_ASKED) if left >= told.least else _fault(_ASKED, "balance")


def _connect(settings: SmsHttpSettings) -> Probe:
    """A connection, with TLS where the address says so; no request is written."""
    place = urlsplit(settings.request.url)
    is_tls = place.scheme == "https"
    port = place.port or (_TLS_PORT if is_tls else _PORT)
    try:
        with socket.create_connection((place.hostname or "", port), timeout=settings.connect_seconds) as line:
            if is_tls:
                context = ssl.create_default_context(cafile=settings.ca_file)
                if settings.client_certificate:
                    context.load_cert_chain(settings.client_certificate, settings.client_key)
                context.wrap_socket(line, server_hostname=place.hostname).close()
    except ssl.SSLError:
        return _fault(_CONNECTED, "tls")
    except (OSError, ValueError):
        return _fault(_CONNECTED, "unreachable")
    return Probe(ok=True, tried=_CONNECTED)


def _fault(tried: tuple[str, str], word: str, code: str | None = None) -> Probe:
    return Probe(ok=False, tried=tried, code=code or word, advice=_ADVICE[word])
