"""Calls: a recorded socket call as Python would write it, and the lines that made it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from netcore.figures import duration
from netcore.trace import SOFTWARE, AnyEvent, Called, Plain
from web.facts import clean
from web.facts import size as octet_count
from web.spoken import gettext as _

ROOT = Path(__file__).resolve().parent.parent
SHOWN_OCTETS = 8  # of what a call was given to send
AROUND = 3  # lines shown before and after the line that called

SITE_PATTERN = re.compile(r"(netcore/(?:[a-z0-9_]+/)*[a-z0-9_]+\.py):(\d+)(?: |$)")


@dataclass(frozen=True)
class SourceLine:
    """A line of our own source, marked up by Pygments."""

    number: int
    markup: Markup
    current: bool


@dataclass(frozen=True)
class Call:
    """A call as it was made. `callers` has the innermost first."""

    text: str
    callers: tuple[str, ...]
    source: tuple[SourceLine, ...]


def call_of(event: AnyEvent, software: str) -> Call | None:
    """What the code pane shows of an event; None if the event is no call.

    Args:
        event: any event.
        software: which program recorded it: source lines are shown only if it was this one.
    """
    if not isinstance(event, Called):
        return None
    ours = software == SOFTWARE and bool(event.site)
    source = source_lines(event.site[0]) if ours else ()
    return Call(call_text(event), event.site, source)


def call_text(event: Called) -> str:
    """The call in one line: "sock.send(b'GET'... <517 bytes>)  ->  517  in 0.04 ms".

    Of a trace that somebody brought along it is what crossed: nobody saw a call.
    """
    if event.channel and event.peer:
        told = {"size": octet_count(event.length), "peer": clean(event.peer)}
        if event.call == "send":
            return _("%(size)s to %(peer)s", **told)
        return _("%(size)s from %(peer)s", **told)
    waited = "after waiting" if event.call == "select" else "in"
    if event.calls > 1:  # they differ in what they were given and what they returned
        called = f"{event.calls:,} calls of sock.{event.call}()"
        result = f"{octet_count(event.length)} together"
    else:
        called, result = _invocation(event), _result(event)
    return f"{called}  ->  {result}  {waited} {duration(event.duration_ns)}"


def source_lines(site: str) -> tuple[SourceLine, ...]:
    """The lines around a site "netcore/wire.py:120 send"; none if there is no such line here."""
    match = SITE_PATTERN.match(site)
    if match is None:
        return ()
    number = int(match[2])
    lines = _marked_up(ROOT / match[1])
    first, last = max(1, number - AROUND), min(len(lines), number + AROUND)
    return tuple(
        # Pygments escapes what it marks up.
        SourceLine(at, Markup(lines[at - 1]), at == number)  # noqa: S704
        for at in range(first, last + 1)
        if number <= len(lines)
    )


def marked_up(source: str) -> list[str]:
    """The lines of Python source as HTML: Pygments escapes what it marks up."""
    markup: str = highlight(source, PythonLexer(stripnl=False), _formatter)
    return markup.split("\n")


@cache
def _marked_up(path: Path) -> list[str]:
    """The lines of a file of ours as they were when it was first shown; none if it is not there."""
    return marked_up(path.read_text("utf-8")) if path.is_file() else []


_formatter = HtmlFormatter(nowrap=True)


def _invocation(event: Called) -> str:
    if event.call == "select":
        return f"select({', '.join(map(_plain, event.arguments))})"
    if event.call == "socket":
        return f"socket.socket({', '.join(map(_plain, event.arguments))})"
    if event.call == "send":
        return f"sock.send({_beginning(event)})"
    return f"sock.{event.call}({', '.join(map(_plain, event.arguments))})"


def _beginning(event: Called) -> str:
    """What was to be sent: its first octets as Python writes them, and how many they were."""
    offered = _offered(event)
    if not event.data:
        return f"<{octet_count(offered)}>"
    first = bytes(event.data[:SHOWN_OCTETS])
    return repr(first) if len(first) == offered else f"{first!r}... <{octet_count(offered)}>"


def _offered(event: Called) -> int:
    first = event.arguments[0] if event.arguments else None
    return first if isinstance(first, int) else event.length


def _result(event: Called) -> str:
    if event.errno:
        return event.errno
    if event.call == "recv":
        return octet_count(event.length) if event.length else 'b""'
    return _plain(event.result)


def _plain(value: Plain) -> str:
    if isinstance(value, str):
        return clean(value) if value.isupper() else f'"{clean(value)}"'
    return str(value)
