"""Records that stay closed."""

from __future__ import annotations

from netcore.decrypt.opened import Closed, closed


def test_a_closed_record_gives_nothing_but_the_reason() -> None:
    opened = closed("no secret", 23)
    assert (opened.octets, opened.content, opened.content_type) == (b"", 0, 23)
    assert opened.error == "not decrypted: no secret"


def test_closed_gives_the_type_on_the_outside() -> None:
    assert Closed("why").open(b"\x16\3\3\0\0").content_type == 22
    assert Closed("why").open(b"").content_type == 0
