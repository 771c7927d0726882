"""Bringing: which kind of file somebody brought along, and the trace that it holds."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from typing import Final

from netcore.imports.browser_log import trace_of_har
from netcore.imports.capture import trace_of_capture
from netcore.imports.capture_file import is_capture
from netcore.trace import BadTrace, Trace, encode
from web.admission import FILE_OCTETS, admit, too_large
from web.sharing.single_file import trace_within

_HAR: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"log"\s*:')
_PAGE: Final = re.compile(rb"\s*<!doctype html>", re.IGNORECASE)


def read_brought(untrusted: bytes, key_log: bytes = b"") -> Trace:
    """The trace in a file from outside: a saved trace, our page of one, or a capture of packets.

    Args:
        untrusted: the file.
        key_log: of TLS, for a capture that has none in it.

    Raises:
        BadTrace: the file is none that opens here; the message says why.
    """
    if len(untrusted) > FILE_OCTETS:
        raise BadTrace(too_large())
    if is_capture(untrusted):
        return admit(encode(trace_of_capture(untrusted, key_log)))
    if _HAR.match(untrusted):
        return admit(encode(trace_of_har(untrusted.removeprefix(BOM_UTF8))))
    if _PAGE.match(untrusted):
        untrusted = trace_within(untrusted)
    return admit(untrusted)
