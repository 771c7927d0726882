"""Round trips are a graph and a table; what was lost is told with what told it."""

from __future__ import annotations

from netcore.quic.recovery import Recovery
from tests.web.quic.telling import story, view
from web.quic.round_trips import HEIGHT, WIDTH, loss_rows, round_trips_view


def test_each_sample_is_a_dot_and_a_row() -> None:
    graph = view("our_loss").round_trips
    assert graph is not None
    assert len(graph.dots) == len(graph.rows)
    assert graph.rows[0].latest == "20.0 ms"
    assert all(0 <= dot.x <= WIDTH and 0 <= dot.y <= HEIGHT for dot in graph.dots)
    assert graph.smoothed.startswith("M")
    assert "nan" not in graph.smoothed + graph.least


def test_without_a_sample_there_is_no_graph() -> None:
    assert round_trips_view(Recovery(), story("simple"), "/t/x") is None
    assert loss_rows(Recovery(), story("simple"), "/t/x") == ((), 0)


def test_a_loss_names_the_packet_that_tells_it_and_what_was_sent_again() -> None:
    lost, again = view("our_loss").losses
    assert "told lost" in lost.why
    assert lost.because_href.startswith("/t/x/e/")
    assert "STREAM 0 again" in again.why
    assert again.because == lost.what


def test_numbers_that_never_came_are_counted_and_not_called_lost() -> None:
    told = view("our_loss")
    assert told.more_losses == 0
    assert view("loss").losses == ()
    assert view("loss").about["losses"].what.endswith("never came: 2.")
