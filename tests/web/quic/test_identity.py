"""Connection ids, key phases and closed packets."""

from __future__ import annotations

from netcore.trace import SecretLogged
from tests.web.quic.telling import story, tale_of_events, view
from web.quic.story import quic_view


def test_the_first_id_is_one_that_the_client_made_up() -> None:
    first, *others = view("simple").ids
    assert first.issued_by == "client, for the server"
    assert first.connection_id == story("simple").explanation.quic["1"].original_dcid.hex()
    assert {row.issued_by for row in others} == {"client", "server"}
    assert sum(row.packets for row in view("simple").ids) == len(
        story("simple").explanation.quic["1"].packets
    )


def test_each_generation_of_keys_has_its_first_packet() -> None:
    rows = view("key_updates").phases
    assert [row.update for row in rows if row.who == "client"] == [0, 1, 2]
    assert [row.bit for row in rows if row.who == "client"] == [0, 1, 0]
    assert len(view("simple").phases) == 2


def test_what_stays_closed_says_why() -> None:
    events = [
        event for event in story("simple").trace.events if not isinstance(event, SecretLogged)
    ]
    told = quic_view(tale_of_events(events), "/t/x", "1")
    assert told.closed
    assert all("no " in row.why for row in told.closed)
    assert any(row.kind == "1-RTT" for row in told.closed)
    assert "could not be opened" in told.about["closed"].what
    assert view("simple").closed == ()
