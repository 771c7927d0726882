"""What is said of requests on a connection that was there already."""

from __future__ import annotations

from netcore.reuse import Reuse
from web.reused import sentences

MS = 1_000_000
ALL = ("dns", "connect", "tls")


def test_one_request_is_told_with_what_it_saved() -> None:
    assert sentences([Reuse(2, 1, ALL, 6 * MS, 940)]) == [
        "Request 2 reused the connection of request 1: nothing to look up, connect or secure; "
        "saved about 6.00 ms and 940 bytes, taken from request 1."
    ]


def test_those_that_saved_the_same_are_told_together() -> None:
    (told,) = sentences([Reuse(hop, 1, ("connect",), 2 * MS, 0) for hop in (2, 3)])
    assert told.startswith(
        "Requests 2 and 3 reused the connection of request 1: nothing to connect;"
    )
    assert "2.00 ms and 0 bytes each" in told
    (told,) = sentences([Reuse(hop, 1, ("connect",), 2 * MS, 0) for hop in range(2, 9)])
    assert told.startswith("Requests 2 to 8 reused")
