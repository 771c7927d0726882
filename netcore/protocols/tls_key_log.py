"""The secrets of one connection, as OpenSSL writes them: lines of a key log (SSLKEYLOGFILE)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


class KeyLog:
    """A file without a name that OpenSSL appends secrets to, readable by this process alone.

    `path` is what OpenSSL opens. Where the system has no such files it is a temporary one.
    """

    def __init__(self) -> None:
        self._offset = 0
        self._rest = b""
        if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
            self._file = os.memfd_create("keylog")
            os.fchmod(self._file, 0o600)  # a memfd begins with 0777
            self.path = f"/proc/self/fd/{self._file}"
            self._remove = False
        else:
            self._file, self.path = tempfile.mkstemp(prefix="wiretale-keylog-")
            self._remove = True

    def new_lines(self) -> list[str]:
        """The complete lines that were appended since the last call, without comments."""
        if self._file < 0:
            return []
        lines: list[bytes] = []
        while data := os.pread(self._file, 65_536, self._offset):
            self._offset += len(data)
            *whole, self._rest = (self._rest + data).split(b"\n")
            lines += whole
        return [line.decode("ascii") for line in lines if line and not line.startswith(b"#")]

    def close(self) -> None:
        """Close the file, and remove it where it has a name."""
        if self._file < 0:
            return
        os.close(self._file)
        self._file = -1
        if self._remove:
            Path(self.path).unlink(missing_ok=True)
