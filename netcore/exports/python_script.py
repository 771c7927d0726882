"""A trace as a Python script of plain sockets that sends the same octets and gets the same answer.

Theory of operation. `replay` says what to send and what to wait for; here it becomes statements, in
the order of the conversation, behind the functions of `script_parts` that they use. The script
needs the standard library alone. What cannot be had again becomes a script that says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from netcore.exports import script_parts as parts
from netcore.exports.python_literals import comment, octets_literal, text_literal, visible
from netcore.exports.replay import (
    Answer,
    CannotReplay,
    Connected,
    Exchange,
    Replay,
    replay,
)
from netcore.exports.script_http2 import conversation, http2_class
from netcore.exports.script_raw import raw_script
from netcore.exports.script_tls import Contexts, random_values
from netcore.raw_target import is_raw
from netcore.trace import Trace

_MODULES: Final = ("socket", "ssl", "sys", "time", "warnings", "zlib")
_WAIT_S: Final = 30.0
_NAMES: Final = {"x-gzip": "gzip"}
_READERS: Final = {
    "length": "body = read_length(answer, head)",
    "chunked": "body = read_chunks(answer)",
    "close": "body = answer.read()  # RFC 9112 §6.3: up to the end of the connection",
    "none": 'body = b""  # RFC 9110 §6.4.1: this answer has no content',
}


def python_script(trace: Trace) -> list[bytes]:
    """The script, in UTF-8. Raises nothing, whatever the trace holds."""
    try:
        if is_raw(trace.url):
            return [raw_script(trace).encode()]
        return [_Script(trace, replay(trace)).text().encode()]
    except CannotReplay as why_not:
        reason = f"This trace cannot be played again: {str(why_not).rstrip('.')}."
        lines = [comment(f"One recorded fetch: {trace.url}"), "import sys\n\n"]
        return ["".join([*lines, f"sys.exit({text_literal(reason)})\n"]).encode()]


class _Script:
    """The script of one trace."""

    def __init__(self, trace: Trace, played: Replay) -> None:
        self._trace = trace
        self._connections = played.connections
        self._failure = played.failure
        self._over_quic = played.over_quic
        self._contexts = Contexts(trace)

    def text(self) -> str:
        """All of it."""
        statements = "".join(self._statements())
        functions = "".join(self._functions(statements))
        used = [name for name in _MODULES if f"{name}." in functions + statements]
        imports = "".join(f"import {name}\n" for name in used)
        return f"{self._about()}\n{imports}{functions}\n{statements}"

    def _about(self) -> str:
        """What it is, what it gives away, and what it cannot repeat."""
        failure = f"In the recording the fetch failed: {self._failure}" if self._failure else ""
        secured = [each.secured for each in self._connections if each.secured]
        told = [
            f"One recorded fetch, with plain sockets: {self._trace.url}",
            f"Recorded {self._trace.started} by {self._trace.software}. Run it with Python 3.8 or "
            "later; it needs nothing else.",
            "Every field stands here as it was sent, also passwords and cookies: pass it on as you "
            "would pass on those. The answer's head goes to standard error, its content to "
            "standard output.",
            random_values(self._trace)
            if secured
            else "Nothing in it is random: the octets that are sent are those of the recording.",
            self._left_out(),
            failure,
        ]
        return "#!/usr/bin/env python3\n" + "#\n".join(comment(each) for each in told if each)

    def _left_out(self) -> str:
        count = self._over_quic
        if not count:
            return ""
        them = "One request" if count == 1 else f"{count:,} requests"
        return (
            f"{them} of the recording went over QUIC (HTTP/3), which takes far more than plain "
            "sockets and the standard library: this repeats what went over TCP."
        )

    # What the statements use

    def _functions(self, statements: str) -> Iterator[str]:
        if "read_head(" in statements:
            yield f"\n{parts.READ_HEAD}"
        if "read_length(" in statements:
            yield f"\n{parts.FIELD}\n{parts.READ_LENGTH}"
        if "read_chunks(" in statements:
            yield f"\n{parts.READ_CHUNKS}"
        spoken = [each.frames for each in self._connections if each.frames]
        if spoken:
            yield f"\n{http2_class(spoken)}"
        if "check_name(" in statements:
            yield f"\n{parts.CHECK_NAME}"
        goodbye = parts.CLOSE_TLS if "ssl." in statements else ""
        if goodbye:
            yield f"\n{parts.CLOSE.format(goodbye=goodbye)}"
        if self._contexts.is_obsolete:
            yield '\n\nwarnings.simplefilter("ignore", DeprecationWarning)  # of the old versions\n'

    # The conversation

    def _statements(self) -> Iterator[str]:
        for place, connection in enumerate(self._connections):
            yield "".join(self._connect(connection))
            yield from self._speak(connection, is_last=place == len(self._connections) - 1)
            yield from self._leave(place)
        yield from self._write()

    def _connect(self, connection: Connected) -> Iterator[str]:
        name = f"{connection.host}:{connection.port}"
        host = connection.host.rstrip(".") if connection.by_name else connection.address
        was = f" In the recording it was {connection.address}." if connection.by_name else ""
        yield "\n" + comment(f"Connect to {name}: TCP (RFC 9293).{was}")
        wait_s = self._trace.options.limits.first_byte_s or _WAIT_S
        yield (
            f"conn = socket.create_connection(({text_literal(host)}, {connection.port}), "
            f"timeout={wait_s:g})\n"
        )
        if connection.secured is not None:
            ends = any(each.answer.framing == "close" for each in connection.exchanges)
            yield self._contexts.wrap(connection, whole=ends)
        if connection.exchanges or connection.frames:
            yield 'answer = conn.makefile("rb")  # calls recv() as often as it takes\n'

    def _speak(self, connection: Connected, *, is_last: bool) -> Iterator[str]:
        for place, exchange in enumerate(connection.exchanges):
            ends = place == len(connection.exchanges) - 1 and not connection.frames
            yield from self._exchange(exchange, is_last=is_last and ends)
        if connection.frames is not None:
            yield from conversation(connection.frames, has_failed=bool(self._failure) and is_last)

    def _exchange(self, exchange: Exchange, *, is_last: bool) -> Iterator[str]:
        answer = exchange.answer
        yield "\n" + comment(_line(exchange, answer))
        if exchange.waits:
            yield _sendall(exchange.head)
            yield "head = read_head(answer)  # RFC 9110 §10.1.1: the content waits for 100\n"
            yield 'if head[0].split(b" ")[1] != b"100":\n'
            yield '    sys.exit("This time the server did not ask for the content.")\n'
            yield _sendall(exchange.content)
        else:
            yield _sendall(exchange.head + exchange.content)
        if not answer.framing and not is_last:
            yield "answer.read()  # nothing: in the recording the server closed here\n"
            return
        yield "head = read_head(answer)\n"
        if answer.status == "101":
            return
        if answer.interim:
            yield 'while head[0].split(b" ")[1][:1] == b"1":  # RFC 9110 §15.2: more follows\n'
            yield "    head = read_head(answer)\n"
        if answer.framing:
            yield f"{_READERS[answer.framing]}\n"
        if answer.location and not is_last:
            yield comment(f"It leads on, by its field Location: {answer.location}")

    def _leave(self, place: int) -> Iterator[str]:
        connection, *after = self._connections[place:]
        if after and after[0].secured and after[0].secured.resumes:
            yield "session = conn.session  # RFC 8446 §2.2, RFC 5246 §7.3: to come back with\n"
        if not (connection.exchanges or connection.frames):
            yield "conn.close()\n"
        elif connection.secured:
            yield "close(conn, answer)\n"
        else:
            yield "answer.close()\nconn.close()\n"

    def _write(self) -> Iterator[str]:
        codings = _last_codings(self._connections[-1])
        if codings is None:
            return
        yield "\n"
        for coding in reversed(codings):
            name = _NAMES.get(coding, coding)
            if name == "identity":
                continue
            if name not in parts.DECODE:
                words = f"The content is coded in {coding}, which is written as it came."
                yield f"print({text_literal(words)}, file=sys.stderr)\n"
                break
            yield parts.DECODE[name]
        yield "sys.stdout.buffer.write(body)\n"


def _last_codings(connection: Connected) -> tuple[str, ...] | None:
    """The content codings of the last answer, None if there was none."""
    if connection.frames is not None:
        answers = connection.frames.answers
        return answers[-1].codings if answers else None
    exchanges: Sequence[Exchange] = connection.exchanges
    if not exchanges or not exchanges[-1].answer.framing:
        return None
    return exchanges[-1].answer.codings


def _line(exchange: Exchange, answer: Answer) -> str:
    line = exchange.head.split(b"\r\n", 1)[0].decode("latin-1")
    status = f", answered with {answer.status}" if answer.status else ", which nobody answered"
    return f"{visible(line)}{status}"


def _sendall(octets: bytes) -> str:
    literal = octets_literal(octets)
    return f"conn.sendall{literal}\n" if literal.startswith("(") else f"conn.sendall({literal})\n"
