"""Response heads as they really come: what the fetch makes of them, and what is shown.

Where the fetch refuses a head, the field that is to blame says so with the same code.
"""

from __future__ import annotations

import pytest

from netcore import Limits, Options, fetch
from netcore.pdus import explain
from tests.faults.hostile import HostileServer, reply_and_finish

pytestmark = pytest.mark.wire

OK = b"HTTP/1.1 200 OK\r\n"
END = b"Content-Length: 5\r\n\r\nhello"
PRIVATE = Options(allow_private=True, limits=Limits(total_s=8))

HEADS = [
    # Accepted, and what is odd has its error all the same.
    (OK + b"X: one\r\n two\r\n\tthree\r\n" + END, "ok", "this value goes on"),
    (b"HTTP/1.1 200 OK\nX: a\nContent-Length: 5\n\nhello", "ok", "LF stands here without CR"),
    (OK + b"X: a\nY: b\r\n" + END, "ok", "LF stands here without CR"),
    (b"HTTP/1.1 200\r\n" + END, "ok", ""),
    (b"HTTP/1.1 200 \r\n" + END, "ok", ""),
    (b"HTTP/1.1 200  two  spaces \r\n" + END, "ok", ""),
    (b"HTTP/1.0 200 OK\r\n\r\nhello", "ok", ""),
    (b"HTTP/1.1 200 \xc3\xbcber\r\nX: caf\xe9 \xff\xfe\r\n" + END, "ok", ""),
    (OK + b"X:\r\nY: \t \r\nZ:a\r\n" + END, "ok", ""),
    (b"HTTP/1.1 599 Odd\r\n" + END, "ok", ""),
    (b"HTTP/1.1 999 LinkedIn\r\n" + END, "ok", "between 100 and 599"),
    # Refused.
    (OK + b" folded: first\r\n" + END, "h1.bad_header", ""),
    (OK + b"X: a\rY: b\r\n" + END, "h1.bad_header", ""),
    (OK + b"X: a\r\r\n" + END, "h1.bad_header", ""),
    (OK + b"X : a\r\n" + END, "h1.bad_header", ""),
    (OK + b"X\t: a\r\n" + END, "h1.bad_header", ""),
    (OK + b"X y: a\r\n" + END, "h1.bad_header", ""),
    (OK + b": a\r\n" + END, "h1.bad_header", ""),
    (OK + b"no colon\r\n" + END, "h1.bad_header", ""),
    (OK + b"X: a\0b\r\n" + END, "h1.bad_header", ""),
    (OK + b"X\0: a\r\n" + END, "h1.bad_header", ""),
    (OK + b"caf\xe9: a\r\n" + END, "h1.bad_header", ""),
    (OK + b"X: a\x0bb\r\n" + END, "h1.bad_header", ""),
    (OK + b"X: a\x0cb\r\n" + END, "h1.bad_header", ""),
    (OK + b"X: a\x01b\x7f\r\n" + END, "ok", ""),
    (OK + b"X: a\r\n\rb\r\n" + END, "h1.bad_header", ""),
    (b"HTTP/1.1 200 O\rK\r\n" + END, "h1.bad_header", ""),
    (b"HTTP/1.1 200 O\0K\r\n" + END, "h1.bad_header", ""),
    (b"HTTP/1.1 200\tOK\r\n" + END, "h1.bad_status_line", ""),
    (b"HTTP/1.1  200 OK\r\n" + END, "h1.bad_status_line", ""),
    (b" HTTP/1.1 200 OK\r\n" + END, "h1.bad_status_line", ""),
    (b"HTTP/1.1 20 OK\r\n" + END, "h1.bad_status_line", ""),
    (b"HTTP/1.1 2000 OK\r\n" + END, "h1.bad_status_line", ""),
    (b"HTTP/1.1 099 OK\r\n" + END, "h1.bad_status_line", ""),
    (b"HTTP/1.1 \xb2\xb0\xb0 OK\r\n" + END, "h1.bad_status_line", ""),
    (b"HTTP/1.1\r\n" + END, "h1.bad_status_line", ""),
    (b"HTTP/1.1 OK\r\n" + END, "h1.bad_status_line", ""),
    (b"HTTP/1.10 200 OK\r\n" + END, "h1.bad_status_line", ""),
    (b"HTTP/1 200 OK\r\n" + END, "h1.bad_status_line", ""),
    (b"HTTP/2.0 200 OK\r\n" + END, "h1.bad_status_line", ""),
    (b"HTTP/1.2 200 OK\r\n" + END, "ok", "is HTTP/1.0 or HTTP/1.1"),
    (b"http/1.1 200 OK\r\n" + END, "h1.bad_status_line", ""),
    (b"ICY 200 OK\r\nicy-name: radio\r\n\r\nmusic", "h1.bad_status_line", ""),
    (b"\r\n" + OK + END, "h1.bad_status_line", ""),
    (b"\n\n" + OK + END, "h1.bad_status_line", ""),
    (b"<html>HTTP/0.9 had no heads</html>\n", "h1.bad_status_line", ""),
    (b"\x15\x03\x01\0\x02\x02\x28", "h1.bad_status_line", ""),
    (b"\0\0\x12\x04\0\0\0\0\0" + bytes(18), "h1.bad_status_line", ""),
    (b"HTTP/1.1 200 OK", "h1.incomplete_header", ""),
    (OK + b"Content-Le", "h1.incomplete_header", ""),
    (OK + b"X: a\r\n", "h1.incomplete_header", ""),
    (b"HTT", "h1.incomplete_header", ""),
    (b"HTTP/1.1 20", "h1.incomplete_header", ""),
    (OK + b"Content-Length: +5\r\n\r\nhello", "h1.bad_length", ""),
    (OK + b"Content-Length: 5, x\r\n\r\nhello", "h1.bad_length", ""),
    (OK + b"Content-Length:\r\n\r\nhello", "h1.bad_length", ""),
    (OK + b"Content-Length: 4\r\n" + END, "h1.conflicting_length", ""),
    (OK + b"Content-Length: 4, 5\r\n\r\nhello", "h1.conflicting_length", ""),
    (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n", "h1.bad_te", ""),
    (OK + b"Transfer-Encoding: sausage\r\n\r\nhello", "h1.bad_te", ""),
    (OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", "h1.bad_te", ""),
    (OK + b"Transfer-Encoding:\r\n\r\nhello", "h1.bad_te", ""),
]


@pytest.mark.parametrize(("octets", "code", "shown"), HEADS, ids=lambda value: repr(value)[:60])
def test_an_odd_head_is_shown_as_it_was_with_the_code_that_the_fetch_failed_with(
    octets: bytes, code: str, shown: str
) -> None:
    with HostileServer(reply_and_finish(octets)) as server:
        trace = fetch(f"http://{server.endpoint}/", PRIVATE)
    assert getattr(trace.outcome, "code", "ok") == code, trace.outcome
    explanation = explain(trace.events)
    pdus = [pdu for pdu in explanation.pdus if pdu.origin[0].channel == "tcp:1.received"]
    sliced = [pdu for pdu in pdus if pdu.step == "sliced"]
    assert b"".join(pdu.octets for pdu in sliced) == octets
    errors: list[str] = []
    for pdu in sliced:
        tree = explanation.tree(pdu)
        leaves = list(tree.leaves())
        assert sum(leaf.length for leaf in leaves) == 8 * len(pdu.octets)
        assert [leaf.start for leaf in leaves[1:]] == [leaf.end for leaf in leaves[:-1]]
        inner, outer = list(tree.walk())[1:], tree
        errors += [field.error for field in [*inner, outer] if field.error]
    of_failures = {error.split(":")[0] for error in errors if error.startswith("h1.")}
    if code == "ok":
        assert of_failures == set()
        assert any(shown in error for error in errors) if shown else not errors, errors
    else:
        assert code in of_failures, errors
        first = next(error for error in errors if error.startswith("h1."))
        assert first.startswith(f"{code}: "), errors
