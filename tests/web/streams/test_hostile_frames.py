"""Whatever frames cross, and wherever they are cut, the page of their connection can be made."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.netcore.http2_conversation import Conversation
from tests.netcore.protocols.http2_octets import frame
from tests.web.streams.telling import tale_of
from web.streams.story import StreamsView, streams_view

FRAMES = st.lists(
    st.tuples(
        st.sampled_from(["sent", "received"]),
        st.builds(
            frame,
            st.one_of(st.integers(0, 9), st.integers(0, 255)),
            st.one_of(st.sampled_from([0, 1, 4, 5]), st.integers(0, 255)),
            st.integers(0, 6),
            st.binary(max_size=24),
        ),
    ),
    max_size=12,
)


def view_of(frames: list[tuple[str, bytes]], rest: bytes, stream: int) -> StreamsView:
    talk = Conversation()
    talk.begin()
    for direction, octets in frames:
        talk.move(direction, octets)
    talk.move("received", rest)
    return streams_view(tale_of(talk), "/t/x", "1", stream=stream, over_time=bool(stream % 2))


@settings(deadline=None)
@given(FRAMES, st.binary(max_size=30), st.integers(0, 6))
def test_any_frames_make_a_page(frames: list[tuple[str, bytes]], rest: bytes, stream: int) -> None:
    view = view_of(frames, rest, stream)
    assert len(view.rows) == len(view.lanes.frames)
    assert all(row.href.startswith("/t/x/e/") for row in view.rows)
    for section in view.sections:
        assert sum(row.wire for row in section.rows) <= section.wire
