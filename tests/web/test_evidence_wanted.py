"""Which field shows a failure."""

from __future__ import annotations

import tomllib

import pytest

from netcore.field import Field
from netcore.trace import Failed
from web.evidence_wanted import FIELDS, FRAMES, named, wanted_of
from web.words import CONTENT


def field(name: str, value: object = None, label: str = "", **more: object) -> Field:
    return Field(name, 0, 8, value, label, **more)  # type: ignore[arg-type]


def shows(code: str, message: str, shown: Field, stage: str = "response") -> bool:
    return any(wanted(shown) for wanted in wanted_of(Failed(1, stage, code, message)))


def test_every_code_here_has_a_card() -> None:
    cards = {
        code
        for path in (CONTENT / "errors").glob("*.toml")
        for code in tomllib.loads(path.read_text(encoding="utf-8"))
    }
    assert {*FIELDS, *FRAMES} <= cards


def test_a_field_line_is_known_by_its_name_in_any_case() -> None:
    line = field("field_line", children=(field("field_name", "LOCATION"),))
    assert named("Location")(line)
    assert named("field_line")(line)
    assert not named("Upgrade")(line)


@pytest.mark.parametrize(
    ("code", "message", "shown"),
    [
        ("dns.truncated", "", field("tc", True)),
        ("dns.lame", "It neither has it nor names who does.", field("ancount", 0)),
        ("dns.lame", "It answered REFUSED.", field("rcode", 5)),
        ("dns.certificate", "It is not for 127.0.0.1.", field("subject_alt_name")),
        ("dns.malformed_record", "", field("rdlength", 3)),
        ("h3.header_too_large", "A frame of 80,610 octets.", field("length", 80_610)),
        ("h3.settings", "identifier 0x2.", field("setting", children=(field("identifier", 2),))),
        ("h2.protocol", "A CONTINUATION frame came.", field("type", 9, "CONTINUATION")),
        ("h2.protocol", "The server promised a push.", field("type", 5, "PUSH_PROMISE")),
        ("quic.flood", "", field("frame_type", 26, "PATH_CHALLENGE")),
        ("ws.protocol", "", field("rsv2", True, error="reserved")),
    ],
)
def test_a_field_shows_what_the_sentence_speaks_of(code: str, message: str, shown: Field) -> None:
    assert shows(code, message, shown)


@pytest.mark.parametrize(
    ("code", "message", "shown"),
    [
        ("dns.truncated", "", field("tc", False)),
        ("dns.malformed_record", "", field("rdlength", 16)),
        ("h3.header_too_large", "A frame of 80,610 octets.", field("length", 1_167)),
        ("h3.settings", "identifier 0x2.", field("setting", children=(field("identifier", 1),))),
        ("h2.protocol", "A CONTINUATION frame came.", field("type", 0, "DATA")),
        ("http.stall", "", field("status_line")),
    ],
)
def test_another_field_does_not(code: str, message: str, shown: Field) -> None:
    assert not shows(code, message, shown)


def test_a_refused_address_is_shown_in_the_answer_that_held_it() -> None:
    said = "a.test has the address 10.0.0.5, which is private."
    assert shows("guard.blocked_address", said, field("address", "10.0.0.5"), "dns")
    assert not shows("guard.blocked_address", said, field("address", "192.0.2.1"), "dns")
