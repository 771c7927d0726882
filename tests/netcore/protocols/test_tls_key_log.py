"""The file that OpenSSL writes secrets to."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from netcore.protocols.tls_key_log import KeyLog


@pytest.fixture(params=["without a name", "in a directory"])
def key_log(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> KeyLog:
    if request.param == "in a directory":
        monkeypatch.delattr(os, "memfd_create", raising=False)
    return KeyLog()


def append(key_log: KeyLog, octets: bytes) -> None:
    with Path(key_log.path).open("ab") as file:
        file.write(octets)


def test_each_line_comes_out_once_and_when_it_is_whole(key_log: KeyLog) -> None:
    assert key_log.new_lines() == []
    append(key_log, b"# a comment\nCLIENT_RANDOM 00 11\nEXPORTER_SECRET 0")
    assert key_log.new_lines() == ["CLIENT_RANDOM 00 11"]
    append(key_log, b"0 22\n")
    assert key_log.new_lines() == ["EXPORTER_SECRET 00 22"]
    assert key_log.new_lines() == []
    key_log.close()


def test_nobody_else_may_read_it_and_nothing_is_left(key_log: KeyLog) -> None:
    path = Path(key_log.path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key_log.close()
    key_log.close()
    assert not path.exists()
    assert key_log.new_lines() == []
