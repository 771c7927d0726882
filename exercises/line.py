"""The line that says how a script did, to be carried from a terminal to the page.

It holds the facts, not the verdict, so the page marks them itself. The proof binds it to the code
that the page gave out. Whoever reads this file can make one up; it says what happened to those
who want to know.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, urlencode

from exercises.conditions import Fact, Facts

LENGTH: Final = 1_000
_PROOF: Final = "proof"
_SPOKEN: Final = {"True": True, "False": False}


class BadLine(ValueError):
    """The text is no such line. The message is for its reader."""


def write_line(key: str, code: str, facts: Facts, wanted: Iterable[str]) -> str:
    """ "sockets/1?lab.sent=45812&…&proof=1a2b3c4d": those of the facts that are wanted."""
    told = urlencode([(name, str(facts[name])) for name in wanted if name in facts])
    return f"{key}?{told}&{_PROOF}={_proof(key, code, told)}"


def read_line(untrusted: str, key: str, code: str) -> dict[str, Fact]:
    """The facts of a line; a terminal may have broken it in pieces.

    Raises:
        BadLine: it is none, is of another exercise or of another code, or was changed.
    """
    text = re.sub(r"\s", "", untrusted)
    name, question, rest = text.partition("?")
    told, proof_mark, proof = rest.rpartition(f"&{_PROOF}=")
    if not question or not proof_mark or len(text) > LENGTH:
        raise BadLine("That is not the line. It is the last one printed, and ends with proof=….")
    if name != key:
        raise BadLine(f"That line belongs to {name[:20]}, and this is {key}.")
    if not hmac.compare_digest(proof.encode(), _proof(key, code, told).encode()):
        raise BadLine(f"That line was made with another code than {code}, or a part is missing.")
    return {name: _fact(value) for name, value in parse_qsl(told)}


def _proof(key: str, code: str, told: str) -> str:
    return hmac.digest(code.encode(), f"{key}?{told}".encode(), "sha256").hex()[:8]


def _fact(value: str) -> Fact:
    if value in _SPOKEN:
        return _SPOKEN[value]
    return int(value) if re.fullmatch(r"\d{1,15}", value, re.ASCII) else value
