"""Alt-Svc: where a server says that it can be had by another protocol (RFC 7838 §3).

A field that cannot be read is passed over as a whole; an alternative in it that we do not speak
is there like the others. Whether one may be reached is for the guard to say.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

import msgspec

MOST: Final = 16  # alternatives of one response
_CHARACTERS: Final = 4_096
_DEFAULT_MAX_AGE_S: Final = 86_400
_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105, it is RFC 9110's word
_ALTERNATIVE: Final = re.compile(rf'({_TOKEN})="((?:[^"\\]|\\.)*)"')
_PARAMETER: Final = re.compile(rf'\s*;\s*({_TOKEN})=(?:"((?:[^"\\]|\\.)*)"|({_TOKEN}))')
_BETWEEN: Final = re.compile(r"\s*,\s*")
_AUTHORITY: Final = re.compile(r"(.*):([0-9]{1,5})")


class Alternative(msgspec.Struct, frozen=True):
    """One alternative: a protocol by its name in ALPN, and where it is spoken."""

    protocol: str
    host: str  # "" for the same as the origin's
    port: int
    max_age_s: int = _DEFAULT_MAX_AGE_S

    @property
    def text(self) -> str:
        """As the field has it: h3=":443"."""
        return f'{self.protocol}="{self.host}:{self.port}"'


def read_alt_svc(values: Sequence[str]) -> list[Alternative]:
    """The alternatives that these values of Alt-Svc list, the server's favourite first.

    Out: none where the server takes back what it said ("clear"), or a value cannot be read.
    """
    text = ", ".join(values).strip()
    if len(text) > _CHARACTERS or text == "clear":
        return []
    found: list[Alternative] = []
    at = 0
    while at < len(text) and len(found) < MOST:
        match = _ALTERNATIVE.match(text, at)
        if match is None:
            return []
        parameters, at = _parameters(text, match.end())
        alternative = _alternative(match[1], match[2], parameters)
        if alternative is not None:
            found.append(alternative)
        between = _BETWEEN.match(text, at)
        if between is None:
            return found if at == len(text) else []
        at = between.end()
    return found


def _parameters(text: str, at: int) -> tuple[dict[str, str], int]:
    parameters: dict[str, str] = {}
    while (match := _PARAMETER.match(text, at)) is not None:
        parameters[match[1].lower()] = match[3] or match[2] or ""
        at = match.end()
    return parameters, at


def _alternative(protocol: str, authority: str, parameters: dict[str, str]) -> Alternative | None:
    split = _AUTHORITY.fullmatch(re.sub(r"\\(.)", r"\1", authority))
    if split is None or not 0 < int(split[2]) < 65_536:
        return None
    age = parameters.get("ma", "")
    readable = age.isascii() and age.isdigit() and len(age) < 12
    max_age_s = int(age) if readable else _DEFAULT_MAX_AGE_S
    return Alternative(unquote(protocol), split[1], int(split[2]), max_age_s)
