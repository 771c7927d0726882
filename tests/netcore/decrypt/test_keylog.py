"""Lines of a key log."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netcore.decrypt.keylog import read_secrets

RANDOM = "ab" * 32


def test_secrets_are_found_by_the_clients_random() -> None:
    lines = [f"CLIENT_RANDOM {RANDOM} 0102", f"EXPORTER_SECRET {RANDOM} 03\n"]
    assert read_secrets([*lines, f"CLIENT_RANDOM {'cd' * 32} 04"]) == {
        bytes.fromhex(RANDOM): {"CLIENT_RANDOM": b"\1\2", "EXPORTER_SECRET": b"\3"},
        b"\xcd" * 32: {"CLIENT_RANDOM": b"\4"},
    }


def test_of_equal_labels_the_first_counts() -> None:
    lines = [f"CLIENT_RANDOM {RANDOM} 01", f"CLIENT_RANDOM {RANDOM} 02"]
    assert read_secrets(lines)[bytes.fromhex(RANDOM)] == {"CLIENT_RANDOM": b"\1"}


def test_what_is_no_line_is_passed_over() -> None:
    wrong = ["", "# SSL/TLS secrets log file", "CLIENT_RANDOM", f"CLIENT_RANDOM {RANDOM}"]
    wrong += [f"CLIENT_RANDOM {RANDOM} 0", f"CLIENT_RANDOM {RANDOM[2:]} 01", f"c {RANDOM} 01"]
    wrong += [f"CLIENT_RANDOM {RANDOM} {'00' * 5_000}", f"CLIENT_RANDOM {RANDOM} 0g"]
    assert read_secrets(wrong) == {}


@given(st.lists(st.text(max_size=200)))
def test_no_text_raises(lines: list[str]) -> None:
    read_secrets(lines)
