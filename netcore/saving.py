"""Saving: a file is there whole or not at all.

The octets go to a new file beside the one that is wanted, which takes its name once all of them
are written. So neither a full disk nor an interruption leaves half a file behind, and one that was
there before stays as it was.
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

STANDARD = "-"
_SPECIAL = ("/dev/", "/proc/")  # "/dev/stdout" may lead to a file, which others write to as well


def save(path: str, parts: Iterable[bytes]) -> None:
    """Write the parts, one behind the other.

    In: `path`, "-" for standard output. What is no ordinary file, such as a pipe or a device, is
    written in place; so is a file in a folder where no other can be made.
    Raises: OSError where it cannot be written. What making the parts raises comes through.
    """
    if path == STANDARD:
        _write(sys.stdout.buffer, parts)
        sys.stdout.flush()
        return
    target = Path(os.path.realpath(path))  # a link stays a link, and leads to the new file
    is_special = path.startswith(_SPECIAL)
    beside = None if is_special else _open_beside(target, _mode(target))
    if beside is None:
        _write_in_place(path, parts)
        return
    file, name = beside
    try:
        with file:
            _write(file, parts)
        name.replace(target)
    except BaseException:
        with suppress(OSError):
            name.unlink()
        raise


def _write(file: BinaryIO, parts: Iterable[bytes]) -> None:
    for part in parts:
        file.write(part)


def _write_in_place(path: str, parts: Iterable[bytes]) -> None:
    """Without a buffer: closing one would wait for a reader once more after an interruption."""
    with open(path, "wb", buffering=0) as there:
        for part in parts:
            left = memoryview(part)
            while left:
                left = left[there.write(left) :]


def _mode(target: Path) -> int | None:
    """The mode of what is there, None if there is nothing."""
    try:
        return target.stat().st_mode
    except FileNotFoundError:
        return None


def _open_beside(target: Path, mode: int | None) -> tuple[BinaryIO, Path] | None:
    """A new file in the same folder with the rights of the old one, None if it goes in place."""
    if mode is not None and not stat.S_ISREG(mode):
        return None
    name = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}")
    try:
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except PermissionError:
        if mode is None:
            raise
        return None
    if mode is not None:
        with suppress(OSError):
            os.fchmod(file, stat.S_IMODE(mode))
    return os.fdopen(file, "wb"), name
