"""Numbers of HTTP/3, against those that aioquic knows."""

from __future__ import annotations

from aioquic.h3.connection import ErrorCode, FrameType, Setting, StreamType

from netcore.registries import http3


def test_frame_types_and_settings_are_those_of_aioquic() -> None:
    for kind in FrameType:
        if kind.name not in ("DUPLICATE_PUSH", "WEBTRANSPORT_STREAM"):
            assert http3.frame_name(kind.value) == kind.name
    for setting in Setting:
        if setting.value in http3.SETTINGS:
            name = http3.setting_name(setting.value)
            assert setting.name in name or name.split("_")[-1] in setting.name


def test_error_codes_are_those_of_aioquic() -> None:
    for code in ErrorCode:
        ours = http3.error_name(code.value)
        assert ours == code.name or ours.endswith(code.name.removeprefix("H3_"))


def test_stream_types_are_those_of_aioquic() -> None:
    for kind in StreamType:
        ours = http3.stream_type_name(kind.value).upper().replace(" ", "_")
        assert kind.name.split("_")[0] in ours


def test_what_is_reserved_is_told_from_what_is_unknown() -> None:
    assert http3.frame_name(0x21) == http3.error_name(0x21 + 0x1F * 9) == "GREASE"
    assert http3.setting_name(2) == "ENABLE_PUSH of HTTP/2"
    assert http3.frame_name(0x99) == "unassigned"
