"""Code: the call, the function that it stands in, and the script that makes the same octets."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from netcore.exports.python_script import python_script
from netcore.pdu import Pdu
from netcore.trace import SOFTWARE, AnyEvent, Called
from web.calls import ROOT, SITE_PATTERN, SourceLine, marked_up
from web.spoken import gettext as _
from web.tale import Tale

CALL, FUNCTION, SCRIPT = "call", "function", "script"
MOST_LINES = 400
LEAST_OCTETS = 4  # in common, for which a literal of the script is marked

_WAYS = (
    (re.compile(r"dns_"), r"socket\.create_connection\("),
    (re.compile(r"tls_"), r"\.wrap_socket\("),
    (re.compile(r"http1_response_head"), r"= read_head\(answer\)"),
    (re.compile(r"message_body|http1_chunk"), r"= (read_length|read_chunks|answer\.read)\("),
    (re.compile(r"http2_|hpack_"), r"read_until\(|def read_frame"),
)
"""What arrives by which line: the name of a unit, and what the line has in it."""
_BY_CALL = {
    "connect": r"socket\.create_connection\(",
    "socket": r"socket\.create_connection\(|socket\.socket\(",
    "close": r"^(answer|conn)\.close\(|^close\(conn",
    "shutdown": r"^(answer|conn)\.close\(|^close\(conn",
}


@dataclass(frozen=True)
class Tab:
    """One of the three, as a link."""

    name: str
    title: str
    href: str
    current: bool


@dataclass(frozen=True)
class Code:
    """The open tab: a sentence above it, its lines, and where all of it is."""

    tabs: tuple[Tab, ...]
    note: str
    lines: tuple[SourceLine, ...]
    whole: str  # the page with all of it, or ""


NO_CODE = Code((), "", (), "")


def code_of(tale: Tale, base: str, number: int, pdu: Pdu | None, asked: str, href: str) -> Code:
    """The code pane of an event.

    Args:
        tale: the trace.
        base: its path.
        number: of the event that is open.
        pdu: the open unit, if there is one.
        asked: which tab is open, by its name; the call is for any other name.
        href: the address of the selection, that a tab's name is appended to.
    """
    name = asked if asked in (FUNCTION, SCRIPT) else CALL
    titles = (
        (CALL, _("This call")),
        (FUNCTION, _("Whole function")),
        (SCRIPT, _("Stand-alone script")),
    )
    join = "&" if "?" in href else "?"
    tabs = tuple(Tab(tab, title, f"{href}{join}code={tab}", tab == name) for tab, title in titles)
    event = tale.trace.events[number - 1]
    if name == FUNCTION:
        return Code(tabs, *_function(event, tale.trace.software), whole="")
    if name == SCRIPT:
        note, lines = _script(tale, event, pdu)
        return Code(tabs, note, lines, whole=f"{base}/again")
    return Code(tabs, "", (), "")


def _function(event: AnyEvent, software: str) -> tuple[str, tuple[SourceLine, ...]]:
    if not isinstance(event, Called) or not event.site:
        return _("No line of ours was recorded with this event."), ()
    match = SITE_PATTERN.match(event.site[0])
    path = ROOT / match[1] if match else None
    if software != SOFTWARE or match is None or path is None or not path.is_file():
        return _("Another program recorded this, whose source is not here."), ()
    source, number = path.read_text("utf-8"), int(match[2])
    found = _around(ast.parse(source), number)
    if found is None:
        return _("The line stands in no function."), ()
    lines = marked_up(source)
    shown = tuple(
        # Pygments escapes what it marks up.
        SourceLine(at, Markup(lines[at - 1]), at == number)  # noqa: S704
        for at in range(found.lineno, (found.end_lineno or found.lineno) + 1)
    )
    note = _("%(name)s() in %(file)s", name=found.name, file=match[1])
    return note, shown


def _around(tree: ast.Module, number: int) -> ast.FunctionDef | None:
    """The innermost function around a line."""
    inside = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.lineno <= number <= (node.end_lineno or 0)
    ]
    return max(inside, key=lambda node: node.lineno, default=None)


def _script(tale: Tale, event: AnyEvent, pdu: Pdu | None) -> tuple[str, tuple[SourceLine, ...]]:
    source = b"".join(python_script(tale.trace)).decode()
    marked = made_by(source, tale, event, pdu)
    lines = marked_up(source.rstrip("\n"))
    first = max(0, min(marked) - MOST_LINES // 2) if marked else 0
    shown = tuple(
        # Pygments escapes what it marks up.
        SourceLine(at, Markup(line), at in marked)  # noqa: S704
        for at, line in enumerate(lines, start=1)
        if first < at <= first + MOST_LINES and (line or at < len(lines))
    )
    if marked:
        return _("The marked lines of the script make these bytes, or wait for them."), shown
    if "sys.exit(" in source and "cannot be played again" in source:
        return _("There is no script for this protocol; these lines say why."), shown
    return _(
        "No line of the script stands for this event alone: the system does it by itself."
    ), shown


def made_by(source: str, tale: Tale, event: AnyEvent, pdu: Pdu | None) -> frozenset[int]:
    """The lines of a script that make the open octets, or that wait for them."""
    pattern = ""
    if isinstance(event, Called):
        pattern = _BY_CALL.get(event.call, "")
    if pdu is not None and isinstance(event, Called):
        sent = event.channel.endswith(".sent")
        wanted = _sent_octets(tale, pdu) if sent else []
        literals = frozenset(_literal_lines(source, wanted))
        if literals:
            return literals
        pattern = _waiting(pdu, sent=sent) or pattern
    if not pattern:
        return frozenset()
    lines = enumerate(source.splitlines(), start=1)
    return frozenset(at for at, line in lines if re.search(pattern, line))


def _waiting(pdu: Pdu, *, sent: bool) -> str:
    if sent and not pdu.name.startswith(("tls_", "dns_")):
        return ""
    return next((line for name, line in _WAYS if name.match(pdu.name)), "")


def _sent_octets(tale: Tale, pdu: Pdu) -> list[bytes]:
    """The octets to look for: of the unit, and of those above and below that say the same."""
    descent = tale.descent
    chain = [*descent.down(pdu, 0, pdu.size), *descent.up(pdu, 0, pdu.size)]
    return [each.pdu.octets for each in chain if each.pdu.size >= LEAST_OCTETS]


def _literal_lines(source: str, wanted: list[bytes]) -> Iterator[int]:
    """The lines of those literals of octets that are part of what is wanted, or hold it."""
    for line, octets in _literals(source):
        if len(octets) >= LEAST_OCTETS and any(octets in one or one in octets for one in wanted):
            yield line


def _literals(source: str) -> Iterator[tuple[int, bytes]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.STRING or token.string[0] in "fF":
            continue
        value = ast.literal_eval(token.string)
        if isinstance(value, bytes):
            yield token.start[0], value
        elif re.fullmatch("(?:[0-9a-f]{2} ?)+", value):
            yield token.start[0], bytes.fromhex(value)
