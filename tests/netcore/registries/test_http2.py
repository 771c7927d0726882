"""Numbers of HTTP/2, against those that hyperframe and h2 know."""

from __future__ import annotations

from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from hyperframe.frame import FRAMES

from netcore.registries.http2 import ERROR_CODES, FRAME_TYPES, SETTINGS


def test_frame_types_are_those_of_hyperframe() -> None:
    for number, frame in FRAMES.items():
        known = FRAME_TYPES[number].replace("_", "")
        assert known == frame.__name__.removesuffix("Frame").replace("_", "").upper()


def test_error_codes_and_settings_have_the_names_that_h2_gives_them() -> None:
    assert {code.value: code.name for code in ErrorCodes} == ERROR_CODES
    for setting in SettingCodes:
        assert SETTINGS[setting.value] == f"SETTINGS_{setting.name}"
