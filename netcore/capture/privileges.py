"""Privileges: what the helper gives up once its socket is open."""

from __future__ import annotations

import ctypes
import os
import resource
import struct
from contextlib import suppress
from typing import Final

# linux/prctl.h, linux/capability.h
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_CAP_AMBIENT: Final = 47
_PR_CAP_AMBIENT_CLEAR_ALL: Final = 4
_CAPABILITY_VERSION_3: Final = 0x2008_0522
_NOBODY: Final = 65_534


def drop_privileges() -> None:
    """Leave this process no capability, no other user's rights, no files and no children.

    Raises: OSError if the capabilities stay.
    """
    for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_NPROC, resource.RLIMIT_CORE):
        with suppress(OSError, ValueError):
            resource.setrlimit(limit, (0, 0))
    if os.geteuid() == 0:
        # In a namespace of its own there may be no such user; the capabilities go all the same.
        with suppress(OSError):
            os.setgroups([])
        with suppress(OSError):
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    header = ctypes.create_string_buffer(struct.pack("=Ii", _CAPABILITY_VERSION_3, 0))
    none = ctypes.create_string_buffer(bytes(24))
    if libc.capset(header, none):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
