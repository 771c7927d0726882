"""The transport parameters of both sides stand beside each other, with words."""

from __future__ import annotations

from tests.web.quic.telling import story, view
from web.quic.parameters import hellos


def test_both_sides_are_told_with_a_link_to_their_bits() -> None:
    rows = {row.name: row for row in view("simple").parameters}
    data = rows["initial_max_data"]
    assert data.client.value == data.server.value == "1,048,576"
    assert data.client.href != data.server.href
    assert "&f=" in data.client.href
    assert data.ask


def test_what_one_side_alone_says_is_empty_for_the_other() -> None:
    rows = {row.name: row for row in view("retry").parameters}
    assert rows["retry_source_connection_id"].server.value
    assert not rows["retry_source_connection_id"].client.value
    assert rows["original_destination_connection_id"].server.href


def test_they_stand_in_one_hello_of_each_side() -> None:
    messages = list(hellos(story("simple"), "1"))
    assert [message.octets[0] for message in messages] == [1, 8]
    assert list(hellos(story("simple"), "7")) == []


def test_every_parameter_that_the_library_sends_has_words_of_its_own() -> None:
    for row in view("simple").parameters:
        assert row.ask != "Which parameter is this?" or row.name in ("version_information",)
