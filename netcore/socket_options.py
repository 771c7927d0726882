"""Socket options that can be asked for, and that are read at the beginning and at the end.

socket(7), tcp(7), ip(7), ipv6(7). The names are those of the system's headers.
"""

from __future__ import annotations

import struct
from functools import cache
from typing import Final, Literal, NamedTuple

Kind = Literal["flag", "count", "linger", "text"]
Value = int | str


class SocketOption(NamedTuple):
    """One option. `level` and `option` name the constants; `low` and `high` bound a count."""

    name: str
    level: str
    kind: Kind
    low: int = 0
    high: int = 1
    protocols: tuple[str, ...] = ("tcp", "udp")
    option: str = ""  # "" for `name`

    def over_ipv6(self) -> SocketOption:
        """The same for a socket of IPv6, where that has another name."""
        return _OVER_IPV6.get(self.name, self)


_TCP: Final = ("tcp",)
_BUFFER: Final = 1 << 30
_LONGEST_S: Final = 32_767  # tcp(7): of what keep-alive waits for

OPTIONS: Final = (
    SocketOption("TCP_NODELAY", "IPPROTO_TCP", "flag", protocols=_TCP),
    SocketOption("SO_RCVBUF", "SOL_SOCKET", "count", 1, _BUFFER),
    SocketOption("SO_SNDBUF", "SOL_SOCKET", "count", 1, _BUFFER),
    SocketOption("SO_KEEPALIVE", "SOL_SOCKET", "flag", protocols=_TCP),
    SocketOption("TCP_KEEPIDLE", "IPPROTO_TCP", "count", 1, _LONGEST_S, _TCP),
    SocketOption("TCP_KEEPINTVL", "IPPROTO_TCP", "count", 1, _LONGEST_S, _TCP),
    SocketOption("TCP_KEEPCNT", "IPPROTO_TCP", "count", 1, 127, _TCP),
    SocketOption("SO_LINGER", "SOL_SOCKET", "linger", -1, 5, _TCP),
    SocketOption("IP_TTL", "IPPROTO_IP", "count", 1, 255),
    SocketOption("TCP_CONGESTION", "IPPROTO_TCP", "text", protocols=_TCP),
    SocketOption("TCP_MAXSEG", "IPPROTO_TCP", "count", 88, 32_767, _TCP),
    SocketOption("TCP_USER_TIMEOUT", "IPPROTO_TCP", "count", 0, 86_400_000, _TCP),
)
"""In the order in which they are asked for and shown."""

BY_NAME: Final = {each.name: each for each in OPTIONS}
_OVER_IPV6: Final = {
    "IP_TTL": SocketOption("IP_TTL", "IPPROTO_IPV6", "count", 1, 255, option="IPV6_UNICAST_HOPS")
}
NAME_OCTETS: Final = 16  # TCP_CA_NAME_MAX
_LINGER: Final = struct.Struct("@ii")  # struct linger


def parse_option(untrusted: str) -> tuple[str, str]:
    """ "NAME=VALUE" -> the name and the value as the trace keeps them.

    SO_LINGER is a number of seconds, -1 for off.
    Raises: ValueError with a sentence.
    """
    name, equals, text = untrusted.partition("=")
    name = name.strip().upper()
    if not equals or name not in BY_NAME:
        raise ValueError(f"{untrusted!r} is no NAME=VALUE; names are {', '.join(BY_NAME)}")
    return name, str(read_value(name, text.strip()))


def read_value(name: str, text: str) -> Value:
    """The value of an option as a number or a text. Raises: ValueError with a sentence."""
    option = BY_NAME[name]
    if option.kind == "text":
        if not 0 < len(text) < NAME_OCTETS or not text.isascii() or not text.isprintable():
            raise ValueError(f"{name} is a short name, not {text!r}")
        return text
    try:
        number = int(text)
    except ValueError:
        number = option.low - 1
    if not option.low <= number <= option.high:
        raise ValueError(f"{name} is a number from {option.low} to {option.high:,}, not {text!r}")
    return number


def build_value(option: SocketOption, value: Value) -> int | bytes:
    """What `setsockopt` is given."""
    if option.kind == "linger":
        seconds = int(value)
        return _LINGER.pack(seconds >= 0, max(0, seconds))
    return value.encode() if isinstance(value, str) else value


class Reading(NamedTuple):
    """How an option is read: under which constants, and how many octets, 0 for a number."""

    option: SocketOption
    level: str
    constant: str
    octets: int


@cache
def readings(protocol: str, *, is_ipv6: bool) -> tuple[Reading, ...]:
    """All options of a kind of socket, in their order."""
    options = [each for each in OPTIONS if protocol in each.protocols]
    if is_ipv6:
        options = [each.over_ipv6() for each in options]
    return tuple(
        Reading(each, each.level, each.option or each.name, answer_octets(each)) for each in options
    )


def answer_octets(option: SocketOption) -> int:
    """How many octets `getsockopt` is to give, 0 for a number."""
    return {"linger": _LINGER.size, "text": NAME_OCTETS}.get(option.kind, 0)


def read_answer(option: SocketOption, answer: int | bytes) -> Value:
    """What `getsockopt` gave, as a value."""
    if isinstance(answer, int):
        return answer
    if option.kind == "linger":
        on, seconds = _LINGER.unpack_from(answer.ljust(_LINGER.size, b"\0"))
        return int(seconds) if on else -1
    return answer.partition(b"\0")[0].decode("ascii", "replace")
