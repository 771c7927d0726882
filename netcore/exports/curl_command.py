"""A trace as the command that makes curl send the same request with the same options.

Theory of operation. It is made from what was asked for, so that there is one for a fetch that
failed, too. Words are quoted for any POSIX shell. What a word cannot hold, such as a NUL, is made
by printf. What curl has no option for stands in front, as a comment.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Final

import ada_url

from netcore.content_coding import ACCEPTED
from netcore.exports.python_literals import visible
from netcore.exports.reached import host_of, is_address, reached
from netcore.openssl_names import GROUPS, cipher_list, group_name
from netcore.raw_target import SCHEMES as RAW_SCHEMES
from netcore.request import USER_AGENT
from netcore.trace import Trace

MOST_OCTETS: Final = 100_000
"""Octets of content that stand in the command."""

_VERSIONS: Final = {"1.0": "--http1.0", "1.1": "--http1.1", "3": "--http3-only"}
_OLD: Final = ("1.0", "1.1")
_CREDENTIALS: Final = frozenset({"authorization", "cookie", "proxy-authorization"})
_CONTENT: Final = ("POST", "PUT", "PATCH")
_CURL_ASKS_FROM: Final = 1_024  # octets of content from which some version asks for 100
_FORM: Final = "application/x-www-form-urlencoded"


def curl_command(trace: Trace) -> list[bytes]:
    """The command, in UTF-8, behind comments on what it cannot do."""
    return [_Command(trace).text().encode("utf-8", "backslashreplace")]


class _Command:
    """The command of one trace."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._options = trace.options
        self._before = ""  # what is piped into it

    def text(self) -> str:
        """Comments, and the command over several lines."""
        why_not = _why_not(self._trace.url)
        if why_not:
            return f"# There is no command of curl for this: {why_not}\nfalse\n"
        words = [*self._version(), *self._request(), *self._tls(), *self._where(), *self._urls()]
        notes = "".join(f"# {visible(note)}\n" for note in self._notes())
        return f"{notes}{self._before}curl " + " \\\n  ".join(words) + "\n"

    def _urls(self) -> Iterator[str]:
        further = self._options.further_urls
        if further:
            yield "--fail-early"
        for url in (self._trace.url, *further):
            try:
                yield shlex.quote(ada_url.URL(url.strip(" \t\r\n")).href)
            except ValueError:
                yield shlex.quote(visible(url))

    @property
    def _is_secure(self) -> bool:
        return self._trace.url.strip(" \t\r\n").lower().startswith(("https:", "wss:"))

    def _version(self) -> Iterator[str]:
        options, http = self._options, self._options.http
        if http in _VERSIONS:
            yield _VERSIONS[http]
        elif self._is_secure:
            yield "--http1.1" if options.tls_max in _OLD else "--http2"
        else:
            yield {"2": "--http2-prior-knowledge", "h2c-upgrade": "--http2"}.get(http, "--http1.1")
        if options.family:
            yield f"-{options.family}"
        if options.alpn == () and self._is_secure:
            yield "--no-alpn"
        if set("[]{}") & set("".join((self._trace.url, *options.further_urls))):
            yield "--globoff"

    # The request

    def _request(self) -> Iterator[str]:
        options, given = self._options, self._given
        if options.method == "HEAD" and options.body is None:
            yield "--head"
        elif options.method != ("GET" if self._content is None else "POST"):
            yield f"-X {shlex.quote(options.method)}"
        if "user-agent" not in given:
            yield f"-A {shlex.quote(USER_AGENT)}"
        if "accept-encoding" not in given:
            yield f"-H {shlex.quote(f'Accept-Encoding: {ACCEPTED}')}"
            yield "--compressed"
        for name, value in options.headers:
            yield f"-H {_field(name, value)}"
        yield from self._data()
        if options.follow_redirects:
            yield f"-L --max-redirs {options.limits.hops}"

    @property
    def _given(self) -> set[str]:
        return {name.lower().removesuffix(":") for name, _ in self._options.headers}

    @property
    def _content(self) -> bytes | None:
        """What is sent as content: nothing at all is something else than no octets."""
        options = self._options
        if options.body is None and options.method in _CONTENT:
            lengths = {"content-length", "transfer-encoding"}
            return None if self._given & lengths else b""
        return options.body

    def _data(self) -> Iterator[str]:
        content, given = self._content, self._given
        if content is None:
            return
        if "content-type" not in given:
            # curl would put it behind Content-Length.
            kind = f"Content-Type: {_FORM}" if self._options.body is not None else "Content-Type:"
            yield f"-H {shlex.quote(kind)}"
        if len(content) > _CURL_ASKS_FROM and "expect" not in given:
            yield "-H 'Expect:'"
        text = _plain(content)
        if len(content) > MOST_OCTETS:
            yield "--data-binary @content"
        elif text is not None:
            yield f"--data-raw {shlex.quote(text)}"
        else:
            self._before = f"printf {_printf(content)} | "
            yield "--data-binary @-"

    # The connection

    def _tls(self) -> Iterator[str]:
        options = self._options
        if not self._is_secure:
            return
        old = options.tls_min in _OLD
        yield shlex.quote(f"--tlsv{options.tls_min}")
        if options.tls_max != "1.3":
            yield f"--tls-max {shlex.quote(options.tls_max)}"
        if options.ciphers or old:
            yield f"--ciphers {shlex.quote(cipher_list(options.ciphers, any_level=old))}"
        if options.curves:
            yield f"--curves {shlex.quote(GROUPS.get(group_name(options.curves), options.curves))}"
        if not options.verify:
            yield "-k"
        for option, value in (
            ("--cacert", options.cacert if options.verify else ""),
            ("--cert", options.cert),
            ("--key", options.key),
        ):
            if value:
                yield f"{option} {shlex.quote(value)}"

    def _where(self) -> Iterator[str]:
        """Where names lead to that the system's resolver does not know, or would not say."""
        given = {":".join(each.split(":")[:2]).lower() for each in self._options.resolve}
        for entry in self._options.resolve:
            yield f"--resolve {shlex.quote(entry)}"
        for each in reached(self._trace, ("tcp:", "udp:")):
            key = f"{each.host.lower()}:{each.port}"
            if each.by_name or not each.host or is_address(each.host) or key in given:
                continue
            given.add(key)
            address = f"[{each.address}]" if ":" in each.address else each.address
            yield f"--resolve {shlex.quote(f'{each.host}:{each.port}:{address}')}"

    def _notes(self) -> Iterator[str]:
        """What curl does otherwise, and what the command gives away."""
        options, secure = self._options, self._is_secure
        content = len(self._content or b"")
        names = {name.lower() for name, _ in options.headers}
        told = (
            (host_of(self._trace.url) == "", "This is no URL that was fetched."),
            (
                content > MOST_OCTETS,
                f"Put the {content:,} octets of content into a file first, named content.",
            ),
            ("host" in self._given, "curl sends the field Host before all others."),
            (
                any(not value and not name.endswith(":") for name, value in options.headers),
                "curl writes no space behind the colon of an empty field.",
            ),
            (options.http == "3", "It takes a curl that was built with HTTP/3."),
            (
                bool(options.dns_server or options.dns_trace),
                "curl asks no name server here: --resolve says where the names led.",
            ),
            (secure and bool(options.alpn), "curl offers protocols of its own choice by ALPN."),
            (secure and options.sni is not None, "curl sends the host's own name in SNI."),
            (
                secure and options.resume_session,
                "curl resumes a session of TLS only within one run: this asks once.",
            ),
            (
                options.http == "2" or (secure and options.http not in ("1.0", "1.1")),
                "In HTTP/2 and HTTP/3 curl has an order of its own for the fields.",
            ),
            (
                bool(names & _CREDENTIALS),
                "It holds credentials: pass it on as you would pass on those.",
            ),
        )
        return (note for is_so, note in told if is_so)


def _why_not(url: str) -> str:
    """Why curl cannot have the conversation, "" if it can."""
    scheme = url.strip(" \t\r\n").partition(":")[0].lower()
    if scheme in ("ws", "wss"):
        return "it speaks WebSocket only as an experiment, and sends no message that it is given."
    if scheme in RAW_SCHEMES:
        return f"it has nothing for {scheme}://, and its telnet:// answers what looks like Telnet."
    return ""


def _field(name: str, value: str) -> str:
    """The argument of -H. A value has a character for each octet."""
    if name.endswith(":"):
        return shlex.quote(name)
    octets = (f"{name}: {value}" if value else f"{name};").encode("latin-1", "replace")
    text = _plain(octets)
    return shlex.quote(text) if text is not None else f'"$(printf {_printf(octets)})"'


def _plain(octets: bytes) -> str | None:
    """The octets as text that a shell shows and keeps as it is, None if they are none."""
    try:
        text = octets.decode()
    except UnicodeDecodeError:
        return None
    return text if all(each.isprintable() or each in "\n\t" for each in text) else None


def _printf(octets: bytes) -> str:
    """The format by which printf writes the octets, quoted (POSIX: three octal digits each)."""
    return "'" + "".join(_escaped(octet) for octet in octets) + "'"


def _escaped(octet: int) -> str:
    character = chr(octet)
    if character in "%\\":
        return character * 2
    return character if 32 <= octet < 127 and character != "'" else f"\\{octet:03o}"
