"""Target: a URL that somebody typed or a server sent -> what to resolve, connect to and ask for.

WHATWG's parser (ada-url) repairs much: it deletes TABs, reads `0x7f.1` as 127.0.0.1 and takes a
backslash for a slash. What it would repair in silence is refused here first, with a sentence that
says what is wrong and where. What is left is read twice, by this module and by ada-url, and
refused where the two disagree about the host. Whether a well-formed target may be fetched is for
`netcore.guard` to say.
"""

from __future__ import annotations

import re
from typing import Final

import ada_url
import msgspec

from netcore.errors import Refused
from netcore.host import read_host, shown

DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}
MAX_URL_CHARACTERS: Final = 8192

_OUTER = " \t\r\n"
_COMPARED: Final = ("protocol", "hostname", "port", "username", "password")
_NOT_IN_A_URL = re.compile("[\x00-\x20\x7f\\\\\u2028\u2029\ud800-\udfff]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_AUTHORITY = re.compile(r"//([^/?#]*)")
_IN_BRACKETS = re.compile(r"(\[[^\[\]]*\])(?::([^:]*))?")
_HOST_AND_PORT = re.compile(r"([^:\[\]]*)(?::([^:]*))?")
_NO_DIGIT = re.compile(r"[^0-9]")
_LOOKS_LIKE_A_PORT = re.compile(r"[0-9]{1,5}(?:[/?#]|$)")
_CHARACTER_NAMES = {
    "\0": "a NUL",
    "\t": "a TAB",
    "\n": "a line feed",
    "\r": "a carriage return",
    "\x1b": "an escape character",
    " ": "a space",
    "\x7f": "a DEL",
    "\\": "a backslash",
    "\u2028": "a line separator (U+2028)",
    "\u2029": "a paragraph separator (U+2029)",
}


class Target(msgspec.Struct, frozen=True):
    """One thing to fetch. Only `parse` makes it.

    `url` is normalised and is what is shown, fragment included; `host` is an A-label name in lower
    case with its trailing dot, or an address without brackets; `port` is never left out;
    `path_and_query` starts with "/" and is ASCII; `address` is the host if that is an address
    literal, else "".
    """

    url: str
    scheme: str
    host: str
    port: int
    path_and_query: str
    address: str = ""

    @property
    def origin(self) -> str:
        """Scheme, host and port as one text; equal texts are the same origin (RFC 6454)."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """The value of a Host field: the port is left out where it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def is_secure(self) -> bool:
        """Whether TLS comes before the request."""
        return self.scheme in ("https", "wss")

    @property
    def is_websocket(self) -> bool:
        """Whether the request opens a WebSocket (RFC 6455 §3)."""
        return self.scheme in ("ws", "wss")

    @property
    def server_name(self) -> str:
        """The name for SNI and for the certificate: no trailing dot, "" for an address."""
        return "" if self.address else self.host.removesuffix(".")


def parse(untrusted: str, base: Target | None = None) -> Target:
    """Read a URL; with a `base`, also a reference relative to it, such as a Location field has.

    Space, TAB, CR and LF around it are dropped.
    Raises: Refused guard.bad_url, guard.blocked_scheme or guard.bad_host.
    """
    text = _trimmed(untrusted)
    scheme, rest = _split_scheme(text, base)
    if not scheme:
        assert base is not None
        return _relative(text, base)
    authority = _authority(scheme, rest)
    host, port_text = _split_authority(authority)
    port = _port(port_text)
    name, address = read_host(host)
    return _agreed(text if _SCHEME.match(text) else f"{scheme}:{text}", scheme, name, port, address)


def forgive(text: str) -> str:
    """What somebody typed into an address bar, with the scheme that it lacks put before it.

    Names under lab.test get http://, all others https://. Out: `text` as it is where it has a
    scheme or where a scheme does not make a URL of it.
    """
    typed = text.strip(_OUTER)
    found = _SCHEME.match(typed)
    if found and not _LOOKS_LIKE_A_PORT.match(typed, found.end()):
        return text
    for scheme in ("http", "https"):
        whole = f"{scheme}://{typed}"
        try:
            host = parse(whole).host.removesuffix(".")
        except Refused:
            return text
        if host == "lab.test" or host.endswith(".lab.test"):
            return whole
    return whole


def _trimmed(untrusted: str) -> str:
    text = untrusted.strip(_OUTER)
    if not text:
        raise Refused("guard.bad_url", "There is no URL: the text is empty.")
    if len(text) > MAX_URL_CHARACTERS:
        raise Refused(
            "guard.bad_url",
            f"The URL has {len(text):,} characters; more than {MAX_URL_CHARACTERS:,} are not read.",
        )
    found = _NOT_IN_A_URL.search(text)
    if found:
        position = untrusted.index(text) + found.start() + 1
        raise Refused(
            "guard.bad_url",
            f"Character {position:,} is {_named(found[0])}; a URL cannot contain it."
            f"{_encoded(found[0])}",
        )
    return text


def _named(character: str) -> str:
    if character in _CHARACTER_NAMES:
        return _CHARACTER_NAMES[character]
    kind = "half of a surrogate pair" if character >= "\ud800" else "a control character"
    return f"{kind} (U+{ord(character):04X})"


def _encoded(character: str) -> str:
    if character in " \\":
        return f" In a path or a query it is written %{ord(character):02X}."
    return ""


def _split_scheme(text: str, base: Target | None) -> tuple[str, str]:
    """The scheme in lower case, and what follows its colon. ("", text) for a relative path."""
    found = _SCHEME.match(text)
    if found:
        return _known_scheme(found[1], text[found.end() :]), text[found.end() :]
    if base is None:
        raise Refused(
            "guard.bad_url",
            "The URL does not begin with a scheme; it begins as in https://example.com/.",
        )
    return (base.scheme if text.startswith("//") else ""), text


def _known_scheme(written: str, rest: str) -> str:
    scheme = written.lower()
    if scheme in DEFAULT_PORTS:
        return scheme
    hint = ""
    if _LOOKS_LIKE_A_PORT.match(rest):
        hint = f" If {shown(written)} is the host, http:// is missing before it."
    raise Refused(
        "guard.blocked_scheme",
        f"The scheme is {shown(written)}; only http, https, ws and wss are fetched.{hint}",
    )


def _authority(scheme: str, rest: str) -> str:
    found = _AUTHORITY.match(rest)
    if not found:
        raise Refused("guard.bad_url", f"Two slashes are due after {scheme}: and before the host.")
    authority = found[1]
    if "@" in authority:
        raise Refused(
            "guard.bad_url",
            "There is an @ before the path: what stands before it would be a user name and a "
            "password, and a trace would keep them. Leave that part out.",
        )
    if not authority:
        raise Refused("guard.bad_host", f"The host is empty: nothing follows {scheme}://.")
    return authority


def _split_authority(authority: str) -> tuple[str, str | None]:
    """The host, in brackets if it was, and the digits of the port if there is a colon."""
    pattern = _IN_BRACKETS if authority.startswith("[") else _HOST_AND_PORT
    found = pattern.fullmatch(authority)
    if found:
        return found[1], found[2]
    if authority.startswith("["):
        problem = "an address in brackets is followed by nothing but a colon and a port"
    elif authority.count(":") > 1 and "[" not in authority:
        problem = f"it has {authority.count(':')} colons; an IPv6 address is written in brackets"
    else:
        problem = "brackets stand around an IPv6 address and nowhere else"
    raise Refused("guard.bad_host", f"{shown(authority)} is no host and port: {problem}.")


def _port(digits: str | None) -> int | None:
    if not digits:
        return None
    stray = _NO_DIGIT.search(digits)
    if stray:
        raise Refused(
            "guard.bad_url",
            f"The port {shown(digits)} is no number: its character {stray.start() + 1} is not a "
            "digit from 0 to 9.",
        )
    significant = digits.lstrip("0")
    if not significant or len(significant) > 5 or int(significant) > 65535:
        raise Refused("guard.bad_url", f"The port is {shown(digits)}; ports are 1 to 65535.")
    return int(significant)


def _relative(text: str, base: Target) -> Target:
    try:
        whole = ada_url.URL(text, base=base.url).href
    except ValueError as error:
        raise Refused(
            "guard.bad_url", f"{shown(text)} is no reference relative to {shown(base.url)}."
        ) from error
    target = parse(whole)
    if target.origin != base.origin:
        raise Refused(
            "guard.bad_url",
            f"{shown(text)} has no host of its own, and yet it is read as one at {target.origin}.",
        )
    return target


def _agreed(whole: str, scheme: str, name: str, port: int | None, address: str) -> Target:
    """The target, if ada-url reads the same scheme, host and port as we did."""
    try:
        url = ada_url.parse_url(whole, (*_COMPARED, "href"))
    except ValueError as error:
        raise Refused("guard.bad_url", f"{shown(whole)} is no URL by WHATWG's rules.") from error
    port = port or DEFAULT_PORTS[scheme]
    host = f"[{name}]" if ":" in name else name
    href, theirs = url["href"], [url[each] for each in _COMPARED]
    ours = [f"{scheme}:", host, "" if port == DEFAULT_PORTS[scheme] else str(port), "", ""]
    if theirs != ours:
        raise Refused(
            "guard.bad_host",
            f"The host can be read in two ways, {shown(name)} and {shown(theirs[1])}; such a "
            "URL is not fetched.",
        )
    if len(href) > MAX_URL_CHARACTERS:
        raise Refused(
            "guard.bad_url",
            f"The URL has {len(href):,} characters once it is percent-encoded; more than "
            f"{MAX_URL_CHARACTERS:,} are not read.",
        )
    start = href.index("/", len(scheme) + 3)
    return Target(href, scheme, name, port, href[start:].split("#")[0], address)
