"""The lab's frames beside the library's."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto.frame_protocol import FrameProtocol
from wsproto.utilities import generate_accept_token

from lab.frames import BINARY, CLOSE, FIN, TEXT, Frame, Frames, accept_value, close_payload, frame
from tests.lab.test_streams import InMemory


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_a_frame_is_written_as_the_library_does(payload: bytes) -> None:
    theirs = FrameProtocol(client=False, extensions=[]).send_data(payload)
    assert frame(BINARY, payload) == bytes(theirs)


@settings(deadline=None)
@given(st.lists(st.text(max_size=200), max_size=4), st.integers(1, 50))
def test_frames_of_a_client_are_read_however_they_come(texts: list[str], step: int) -> None:
    client = FrameProtocol(client=True, extensions=[])
    octets = b"".join(bytes(client.send_data(text)) for text in texts)
    memory = InMemory(*(octets[at : at + step] for at in range(0, len(octets), step)))
    frames = Frames(memory)
    heard = [frames.receive() for _ in texts]
    assert heard == [Frame(FIN | TEXT, text.encode()) for text in texts]
    assert frames.receive() is None


def test_a_masked_frame_and_a_long_one() -> None:
    assert frame(TEXT, b"Hello", mask=bytes.fromhex("37fa213d")).hex(" ") == (
        "81 85 37 fa 21 3d 7f 9f 4d 51 58"  # RFC 6455 §5.7
    )
    assert frame(BINARY, bytes(65_536))[:10].hex(" ") == "82 7f 00 00 00 00 00 01 00 00"


def test_the_accept_value_is_the_librarys() -> None:
    assert accept_value("abc") == generate_accept_token(b"abc").decode()


def test_a_close_is_answered_and_ends_it() -> None:
    client = FrameProtocol(client=True, extensions=[])
    memory = InMemory(bytes(client.ping(b"?")), bytes(client.close(1000, "bye")))
    Frames(memory).hear_out()
    assert memory.sent == frame(CLOSE, close_payload(1000, "bye"))
