"""A file is there whole or not at all."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from netcore.saving import save


def parts_that_fail() -> Iterator[bytes]:
    yield b"half"
    raise ValueError("the other half")


def test_a_file_is_written_and_another_takes_its_place(tmp_path: Path) -> None:
    path = tmp_path / "file"
    save(str(path), [b"a", b"b"])
    assert path.read_bytes() == b"ab"
    path.chmod(0o640)
    save(str(path), [b"c"])
    assert path.read_bytes() == b"c"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["file"]


def test_what_cannot_be_finished_leaves_nothing_and_spoils_nothing(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_bytes(b"as it was")
    for name in ("old", "new"):
        with pytest.raises(ValueError, match="the other half"):
            save(str(tmp_path / name), parts_that_fail())
    assert os.listdir(tmp_path) == ["old"]
    assert old.read_bytes() == b"as it was"


def test_a_full_disk_is_an_error() -> None:
    with pytest.raises(OSError, match="No space left"):
        save("/dev/full", [b"x" * 100_000])


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to("real")
    save(str(link), [b"a"])
    assert link.is_symlink()
    assert real.read_bytes() == b"a"


def test_a_pipe_is_written_in_place(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()
    save(str(pipe), [b"a", b"b"])
    reader.join(5)
    assert read == [b"ab"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_an_open_file_by_its_number_is_written_in_place(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        before = os.fstat(file.fileno()).st_ino
        save(f"/dev/fd/{file.fileno()}", [b"a"])
    assert (tmp_path / "file").read_bytes() == b"a"
    assert (tmp_path / "file").stat().st_ino == before


def test_a_long_name_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / ("ü" * 127)
    save(str(path), [b"a"])
    assert path.read_bytes() == b"a"


@pytest.mark.parametrize("path", ["/nonexistent/file", "/", ""])
def test_what_is_no_place_for_a_file_is_an_error(path: str) -> None:
    with pytest.raises(OSError, match=r"director|file"):
        save(path, [b"a"])


def test_a_dash_is_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    save("-", [b"\xff", b"a"])
    assert capfdbinary.readouterr().out == b"\xffa"
