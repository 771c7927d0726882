"""What lasts of a connection of QUIC."""

from __future__ import annotations

from lab import Authority
from netcore.protocols.quic_session import KeyLog
from tests.netcore.protocols.quic_pair import pair


def test_lines_of_a_key_log_are_given_once() -> None:
    log = KeyLog()
    log.write("A b c\n")
    log.flush()
    log.write("D e f\n")
    assert log.take() == ["A b c", "D e f"]
    assert log.take() == []


def test_whether_a_ticket_takes_early_data(authority: Authority) -> None:
    made = pair(authority)
    made.step()
    session = made.client.session
    assert session is not None
    assert session.takes_early_data
    session.ticket.max_early_data_size = None
    assert not session.takes_early_data
