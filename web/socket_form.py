"""The part of the form that says how the socket is set, held to what can be asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from netcore.socket_options import BY_NAME, parse_option
from web.spoken import gettext as _

MOST_AT_ONCE: Final = 1 << 20
_APART: Final = re.compile(r"[,\s]+")


@dataclass(frozen=True)
class SocketForm:
    """What was typed."""

    options: str = ""  # NAME=VALUE, with commas or spaces between them
    recv_size: str = ""
    wrong: str = ""  # which of them cannot be asked for
    error: str = ""  # and why

    @property
    def changed(self) -> bool:
        """Whether anything is not as it is by default."""
        return self != UNTOUCHED_SOCKET

    @property
    def names(self) -> str:
        """The options that there are."""
        return ", ".join(BY_NAME)


UNTOUCHED_SOCKET: Final = SocketForm()


def read_socket_form(untrusted: Mapping[str, str]) -> SocketForm:
    """What a form holds; `error` says what of it cannot be asked for."""
    form = SocketForm(
        untrusted.get("socket_options", "").strip(), untrusted.get("recv_size", "").strip()
    )
    for name, read in (("socket_options", _asked), ("recv_size", _size)):
        try:
            read(form)
        except ValueError as error:
            return replace(form, wrong=name, error=str(error))
    return form


def socket_form_options(form: SocketForm) -> dict[str, Any]:
    """The members of `Options` that a form without an error sets."""
    return {"socket_options": _asked(form), "recv_size": _size(form)}


def _asked(form: SocketForm) -> tuple[tuple[str, str], ...]:
    given = [parse_option(each) for each in _APART.split(form.options) if each]
    return tuple(dict(given).items())


def _size(form: SocketForm) -> int:
    text = form.recv_size
    if not text:
        return 0
    size = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    if not 0 < size <= MOST_AT_ONCE:
        raise ValueError(
            _(
                "A recv() asks for 1 to %(most)s, not for %(text)s.",
                most=f"{MOST_AT_ONCE:,} bytes",
                text=repr(text),
            )
        )
    return size
