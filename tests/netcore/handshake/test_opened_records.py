"""Which records were opened with which keys, and which one is shown."""

from __future__ import annotations

import pytest

from netcore.decrypt.suites import suite_of
from netcore.decrypt.tls13 import CLIENT, SERVER
from netcore.handshake.opened_records import OpenedRecords, aead_name
from tests.netcore.decrypt import rfc8448
from tests.netcore.handshake import rfc8448_retry, traces
from tests.netcore.tls_conversation import TLS12, contexts, converse


def opened(*without: str) -> OpenedRecords:
    return OpenedRecords(*traces.told(traces.simple(*without)))


def test_records_are_found_by_their_keys() -> None:
    records = opened()
    assert len(records.opened_with("received", SERVER[0])) == 1
    assert len(records.opened_with("received", SERVER[1])) == 3
    assert len(records.opened_with("sent", CLIENT[1])) == 2
    assert records.opened_with("received", SERVER[1], generation=1) == ()
    assert records.opened_with("sent", SERVER[1]) == ()


def test_the_record_on_screen_holds_application_data_of_the_server() -> None:
    found = opened().on_screen(1)
    assert found is not None
    direction, record = found
    assert direction == "received"
    assert record.record.octets == rfc8448.SERVER_DATA
    assert record.plaintext.octets[:50] == rfc8448.CONTENT


def test_without_the_servers_data_its_handshake_is_shown_and_then_the_clients() -> None:
    found = opened(SERVER[1]).on_screen(1)
    assert found is not None
    assert found[1].protection.secret == SERVER[0]
    found = opened(*SERVER).on_screen(1)
    assert found is not None
    assert found[0] == "sent"
    assert found[1].record.octets == rfc8448.CLIENT_DATA
    assert opened(*SERVER, *CLIENT).on_screen(1) is None


def test_a_handshake_alone_has_a_record_too() -> None:
    found = OpenedRecords(*traces.told(rfc8448_retry.events())).on_screen(1)
    assert found is not None
    assert found[1].protection.secret == SERVER[0]


def test_the_record_before_is_that_of_the_same_keys() -> None:
    records = OpenedRecords(*traces.told(converse(*contexts(TLS12, "AES128-SHA")).events))
    found = records.on_screen(1)
    assert found is not None
    direction, record = found
    before = records.before(record, direction)
    assert before is not None
    assert before.protection.sequence_number == record.protection.sequence_number - 1
    assert before.record.octets[0] == 22  # Finished
    assert records.before(before, direction) is None


@pytest.mark.parametrize(
    ("suite", "name"),
    [
        ("TLS_AES_128_GCM_SHA256", "AEAD_AES_128_GCM"),
        ("TLS_RSA_WITH_AES_256_CCM_8", "AEAD_AES_256_CCM_8"),
        ("TLS_CHACHA20_POLY1305_SHA256", "AEAD_CHACHA20_POLY1305"),
    ],
)
def test_an_aead_has_its_registered_name(suite: str, name: str) -> None:
    found = suite_of(suite)
    assert found is not None
    assert aead_name(found) == name
