"""Forgiving: an address as people type or paste it, and what was assumed in order to read it.

What is fetched is decided by `netcore.target`, which is strict. Here, in front of the form alone,
what has one meaning is mended, and each mending is said on the page of the trace. What could mean
two things stays as it is, and is refused with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from web.spoken import gettext as _

SCHEMES: Final = ("http", "https", "ws", "wss")
_WRAPPED: Final = (("<URL:", ">"), ("<", ">"), ('"', '"'), ("'", "'"), ("“", "”"), ("`", "`"))
_AROUND: Final = " \t\r\n\f\v\u00a0\u200b\u200e\u200f\u2060\ufeff"
_LINE_ENDS: Final = re.compile(r"[\t\r\n]")
_OURS: Final = re.compile(r"(https?|wss?):([/\\]*)", re.IGNORECASE)
_OTHERS: Final = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d{1,5}(?:[/?#\\]|$))", re.IGNORECASE)
_BEFORE_QUERY: Final = re.compile(r"[^?#]*")
_AUTHORITY: Final = re.compile(r"[a-z]+://[^/?#]*")
_HERE: Final = re.compile(r"localhost|127(?:\.\d{1,3}){3}|\[::1\]|.*\.localhost", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """A URL, and the names of what was assumed; see `sentence`."""

    url: str
    assumed: tuple[str, ...] = ()


def read_address(untrusted: str, known: Mapping[str, str]) -> Address:
    """Read what was typed.

    Args:
        untrusted: the text of the field.
        known: URLs that a name alone stands for: the lab's servers by their hosts.

    Returns:
        What to hand to `netcore.target.parse`, which may refuse it: nothing is checked here.
    """
    text, assumed = _unwrapped(untrusted)
    if not text:
        return Address("")
    text, said = _with_scheme(text, known)
    assumed += said
    before = _BEFORE_QUERY.match(text)
    assert before is not None
    if "\\" in before[0] and "@" not in before[0]:  # there, parsers disagree about the host
        text = before[0].replace("\\", "/") + text[before.end() :]
        assumed.append("backslash")
    authority = _AUTHORITY.match(text)
    if authority and " " in text[authority.end() :] and " " not in authority[0]:
        text = authority[0] + text[authority.end() :].replace(" ", "%20")
        assumed.append("space")
    return Address(text, tuple(assumed))


def sentence(name: str) -> str:
    """What is said of an assumption; "" for a name that is none."""
    sentences: dict[str, str] = {
        "unwrapped": _("What stood around the address was left out."),
        "joined": _("Line breaks inside the address were left out."),
        "https": _("No scheme was typed, so https:// was assumed, as browsers do."),
        "http": _("No scheme was typed, so http:// was assumed: the address is on this machine."),
        "lab": _("The name is one of the lab's, so the scheme and port of its server were taken."),
        "slashes": _("Two slashes belong behind the scheme; they were put there."),
        "backslash": _("Backslashes were read as slashes, as browsers do."),
        "space": _("Spaces behind the host were written as %(escape)s.", escape="%20"),
    }
    return sentences.get(name, "")


def advice(url: str) -> str:
    """What to change in a text that is refused; "" where the refusal itself says it."""
    authority = _AUTHORITY.match(url)
    if authority and " " in authority[0]:
        text: str = _(
            "A host has no spaces. Leave the address alone in the field, as in "
            "example.com/page, without other words."
        )
        return text
    return ""


def _unwrapped(untrusted: str) -> tuple[str, list[str]]:
    text, assumed = untrusted.strip(_AROUND), []
    for first, last in _WRAPPED:
        inner = text.removeprefix(first).removesuffix(last)
        if len(inner) == len(text) - len(first) - len(last) > 0:
            text = inner.strip(_AROUND)
            assumed.append("unwrapped")
    joined = _LINE_ENDS.sub("", text)
    if joined != text:
        assumed.append("joined")
    return joined, assumed


def _with_scheme(text: str, known: Mapping[str, str]) -> tuple[str, list[str]]:
    found = _OURS.match(text)
    if found:
        scheme, rest = found[1].lower(), text[found.end() :]
        mended = len(found[2]) != 2 and bool(rest)
        return (f"{scheme}://{rest}", ["slashes"]) if mended else (f"{scheme}:{found[2]}{rest}", [])
    if _OTHERS.match(text):
        return text, []  # another scheme, which is refused by its name
    rest = text.lstrip("/\\")
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0]
    if host.lower() in known:
        return known[host.lower()].rstrip("/") + (rest[len(host) :] or "/"), ["lab"]
    bare = re.sub(r":\d*$", "", host)
    scheme = "http" if _HERE.fullmatch(bare) or bare.lower().endswith(".lab.test") else "https"
    return f"{scheme}://{rest}", [scheme]
