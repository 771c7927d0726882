"""Bringing: which kind of file somebody brought along, and the trace that it holds."""

from __future__ import annotations

import re
from typing import Final

from netcore.trace import Trace
from web.admission import admit
from web.sharing.single_file import trace_within

_PAGE: Final = re.compile(rb"\s*<!doctype html>", re.IGNORECASE)


def read_brought(untrusted: bytes) -> Trace:
    """The trace in a file from outside.

    Raises:
        BadTrace: the file is none that opens here; the message says why.
    """
    if _PAGE.match(untrusted):
        untrusted = trace_within(untrusted)
    return admit(untrusted)
