"""Settings of both sides, beside what the RFC has without asking."""

from __future__ import annotations

from netcore.registries.http2 import SETTINGS
from tests.netcore.http2_conversation import Conversation, rich
from tests.web.streams.telling import tale_of
from web.streams.settings import DEFAULTS, SettingRow, setting_rows


def rows_of(talk: Conversation, upgrade: bytes | None = None) -> dict[str, SettingRow]:
    tale = tale_of(talk)
    connection = tale.explanation.http2["1"]._replace(upgrade=upgrade)
    return {row.name: row for row in setting_rows(connection, tale, "/t/x")}


def test_every_setting_of_the_rfc_has_a_row_with_its_default() -> None:
    rows = rows_of(rich())
    assert {SETTINGS[number] for number in DEFAULTS} <= set(rows)
    assert rows["SETTINGS_MAX_FRAME_SIZE"].default == "16,384"
    assert all(row.what for row in rows.values())


def test_what_a_side_said_last_counts_and_leads_to_its_frame() -> None:
    window = rows_of(rich())["SETTINGS_INITIAL_WINDOW_SIZE"]
    assert (window.client.value, window.server.value) == ("100,000", "20,000")
    assert window.client.href.startswith("/t/x/e/")
    assert window.client.href != window.server.href


def test_what_nobody_said_is_not_there() -> None:
    assert rows_of(rich())["SETTINGS_NO_RFC7540_PRIORITIES"].client.value == ""


def test_settings_of_an_upgrade_count_until_a_frame_says_otherwise() -> None:
    talk = Conversation()
    talk.server.initiate_connection()
    talk.move("sent", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    talk.move("received", talk.server.data_to_send())
    rows = rows_of(talk, upgrade=b"\0\x04\0\0\0\x09")
    assert rows["SETTINGS_INITIAL_WINDOW_SIZE"].client.value == "9"


def test_a_setting_that_nobody_knows_is_shown_by_its_number() -> None:
    talk = Conversation()
    talk.begin()
    talk.move("received", b"\0\0\x06\x04\0\0\0\0\0\x77\x77\0\0\0\x05")
    assert rows_of(talk)["setting 30583"].server.value == "5"
