"""A look at a mail account without a mail: connect, encrypt, sign in, NOOP, goodbye."""

from __future__ import annotations

from typing import Final

from integrations.email_smtp.opening import NotOpened, try_to_open
from integrations.email_smtp.settings import SmtpSettings
from integrations.email_smtp.wire import WireLostError
from wenhou.core.channels import ChannelFault, Probe, Transient

_TRIED: Final = {
    "connect": ("连接邮件服务器", "connected to the mail server"),
    "greeting": ("连接并等待服务器问候", "connected and waited for the server's greeting"),
    "tls": ("连接并加密（TLS）", "connected and encrypted (TLS)"),
    "auth": ("连接、加密并登录", "connected, encrypted and signed in"),
    "noop": ("连接、登录并发送 NOOP", "connected, signed in and said NOOP"),
}
_ADVICE: Final = {
    "name_unknown": ("服务器名无法解析：检查 host 和 DNS", "the name is unknown: check host and the DNS"),
    "refused": ("端口未开放：检查 port 和防火墙", "nobody listens there: check port and firewall"),
    "timed_out": (
        "服务器没有及时应答：检查网络、防火墙，或是否被对方延缓",
        "no answer in time: check network and firewall, and whether the server slows us down",
    ),
    "closed": ("服务器关闭了连接：检查端口与 tls 是否相配，以及来源地址是否获准",
               "the server hung up: check that port and tls match and that our address is allowed"),
    "certificate": ("证书不受信任：请把签发机构放入 ca_file", "the certificate is not trusted: put its issuer into ca_file"),
    "certificate_expired": ("证书已过期：请服务器管理员更换，并核对本机时间",
                            "the certificate has expired: have it replaced; check this machine's clock"),
    "certificate_not_yet_valid": ("证书尚未生效：核对本机时间",
                                  "the certificate is not valid yet: check this machine's clock"),
    "certificate_of_another_name": ("证书与 host 不符：host 请写证书上的名字",
                                    "the certificate is of another name: let host be the name on it"),
    "ca_file": ("ca_file 读不出或不是 PEM 证书", "ca_file cannot be read or holds no PEM certificates"),
    "no_common_tls": ("没有共同的 TLS 版本（至少 1.2），或端口不是加密端口",
                      "no TLS version in common (1.2 at least), or the port speaks no TLS"),
    "no_starttls": ('服务器不提供 STARTTLS：改用 465 端口与 tls = "implicit"',
                    'the server offers no STARTTLS: use port 465 with tls = "implicit"'),
    "no_auth": ("服务器不提供这种登录方式：检查 auth、端口和 tls",
                "the server does not offer this way to sign in: check auth, port and tls"),
    "password_file": ("password_file 读不出或为空", "password_file cannot be read or is empty"),
    "credentials": (
        "账号或密码被拒：QQ、163 等邮箱要用授权码而不是登录密码；XOAUTH2 的令牌会过期",
        "user or password refused: QQ and 163 want their authorisation code (授权码); an XOAUTH2 token expires",
    ),
    "auth_unavailable": ("登录暂不可用：稍后再试，或请服务器管理员检查",
                         "signing in is not possible now: try later or ask the server's administrator"),
    "refused_at_greeting": ("服务器拒绝服务：请对方放行我们的地址，或稍后再试",
                            "the server refuses us: have our address allowed, or try later"),
    "garbled": ("应答不是 SMTP：检查 host、port 和 tls", "what answers is no SMTP: check host, port and tls"),
    "endless": ("应答过长：这不是正常的邮件服务器", "an answer without end: this is no ordinary mail server"),
    "unreachable": ("网络不通：检查网络、防火墙和地址", "not reachable: check network, firewall and address"),
}  # fmt: skip


def probe_account(settings: SmtpSettings) -> Probe:
    """One try; every failure is a Probe, nothing is raised."""
    line = try_to_open(settings)
    if isinstance(line, NotOpened):
        match line.outcome:
            case ChannelFault(code=code) | Transient(code=code):
                pass
            case _:
                code = line.reason
        return Probe(ok=False, tried=_TRIED[line.step], code=code, advice=_advice(line.reason))
    try:
        is_well = line.noop()
    except WireLostError as lost:
        line.is_broken = True
        return Probe(ok=False, tried=_TRIED["noop"], code=lost.why, advice=_advice(lost.why))
    finally:
        line.close()
    if not is_well:
        return Probe(ok=False, tried=_TRIED["noop"], code="noop_refused", advice=_advice("unreachable"))
    return Probe(ok=True, tried=_TRIED["noop"])


def _advice(reason: str) -> tuple[str, str]:
    return _ADVICE.get(reason, _ADVICE["unreachable"])
