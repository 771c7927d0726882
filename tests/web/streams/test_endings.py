"""GOAWAY and RST_STREAM with what their codes mean."""

from __future__ import annotations

import pytest

from netcore.registries.http2 import ERROR_CODES
from tests.netcore.http2_conversation import Conversation, rich
from tests.web.streams.telling import tale_of
from web.streams.endings import Ending, endings


def ended(talk: Conversation) -> tuple[Ending, ...]:
    tale = tale_of(talk)
    return endings(tale.explanation.http2["1"].frames, tale, "/t/x")


def test_both_kinds_are_told_in_order_with_who_said_it() -> None:
    told = ended(rich())
    assert [(each.who, each.title) for each in told] == [
        ("Client", "RST_STREAM, stream 5: CANCEL"),
        ("Server", "RST_STREAM, stream 3: ENHANCE_YOUR_CALM"),
        ("Server", "GOAWAY: NO_ERROR"),
    ]
    assert told[2].debug == "that was all"
    assert "up to 5" in told[2].what
    assert [each.is_error for each in told] == [True, True, False]


@pytest.mark.parametrize("code", sorted(ERROR_CODES))
def test_every_code_has_its_meaning(code: int) -> None:
    talk = Conversation()
    talk.begin()
    talk.move("received", b"\0\0\x04\x03\0\0\0\0\x01" + code.to_bytes(4, "big"))
    (one,) = ended(talk)
    assert one.meaning.startswith(f"{code}, {ERROR_CODES[code]}: ")


def test_an_unknown_code_and_a_frame_without_one_are_told_too() -> None:
    talk = Conversation()
    talk.begin()
    talk.move("received", b"\0\0\x04\x03\0\0\0\0\x01\0\0\x0b\xad\0\0\x02\x03\0\0\0\0\x01\0\0")
    unknown, short = ended(talk)
    assert unknown.meaning.startswith("2,989 is registered for nothing")
    assert short.meaning == "The frame is too short to hold a code."
