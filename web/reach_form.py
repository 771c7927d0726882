"""The part of the form that says how a server is reached: IP version, resolver, patience.

Times can be made shorter than those of this service, and never longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import msgspec

from netcore.address_family import FAMILIES
from netcore.errors import FetchError
from netcore.guard import Guard
from netcore.host import read_host
from netcore.name_servers import parse_server
from netcore.options import Limits, Options
from web.spoken import N_
from web.spoken import gettext as _

LEAST_S: Final = 0.01
TIMES: Final = {
    "dns_s": N_("Seconds for the name"),
    "connect_s": N_("Seconds to connect"),
    "tls_s": N_("Seconds for the TLS handshake"),
    "first_byte_s": N_("Seconds for the first byte of the answer"),
    "total_s": N_("Seconds for everything"),
}
"""Limits that the form offers, by their names in `Limits`."""


@dataclass(frozen=True)
class Patience:
    """One limit of time, as the form shows it."""

    name: str
    title: str
    typed: str
    most: str


@dataclass(frozen=True)
class ReachForm:
    """What was typed, under the names of `Options` and of `Limits`."""

    family: str = ""
    dns_server: str = ""
    dns_name: str = ""
    times: tuple[tuple[str, str], ...] = ()  # what was typed of TIMES
    wrong: str = ""  # which of them cannot be asked for
    error: str = ""  # and why

    @property
    def changed(self) -> bool:
        """Whether anything is not as it is by default."""
        return self != UNTOUCHED_REACH

    @property
    def patience(self) -> tuple[Patience, ...]:
        """The limits of time, with what was typed."""
        typed = dict(self.times)
        return tuple(
            Patience(name, _(title), typed.get(name, ""), f"{_most(name):g}")
            for name, title in TIMES.items()
        )


UNTOUCHED_REACH: Final = ReachForm()


def read_reach_form(untrusted: Mapping[str, str], options: Options) -> ReachForm:
    """What a form holds; `error` says what of it cannot be asked for.

    In: `options`, those that every fetch of this process has: they say what the guard lets through.
    """
    family = untrusted.get("family", "")
    typed = ((name, untrusted.get(name, "").strip()) for name in TIMES)
    form = ReachForm(
        family=family if family in FAMILIES else "",
        dns_server=untrusted.get("dns_server", "").strip(),
        dns_name=untrusted.get("dns_name", "").strip(),
        times=tuple((name, text) for name, text in typed if text),
    )
    for name, check in _checks(form, options):
        try:
            check()
        except (FetchError, ValueError) as refusal:
            said = refusal.message if isinstance(refusal, FetchError) else str(refusal)
            return replace(form, wrong=name, error=said)
    return form


def reach_options(form: ReachForm) -> dict[str, Any]:
    """The members of `Options` that a form without an error sets."""
    limits = {name: _seconds(name, text) for name, text in form.times}
    return {
        "family": form.family,
        "dns_server": form.dns_server,
        "dns_name": form.dns_name,
        "limits": msgspec.structs.replace(Limits(), **limits),
    }


def _checks(form: ReachForm, options: Options) -> Iterator[tuple[str, Callable[[], object]]]:
    if form.dns_server:
        yield "dns_server", lambda: _check_resolver(form.dns_server, options)
    if form.dns_name:
        yield "dns_name", lambda: _check_name(form)
    for name, text in form.times:
        yield name, lambda name=name, text=text: _seconds(name, text)  # type: ignore[misc]


def _check_resolver(text: str, options: Options) -> None:
    server = parse_server(text)
    Guard(options).vet_typed_resolver(server.address, server.port)


def _check_name(form: ReachForm) -> None:
    if "://" not in form.dns_server or not parse_server(form.dns_server).is_encrypted:
        raise ValueError(_("Only a resolver with tls:// or https:// has a certificate."))
    read_host(form.dns_name)


def _seconds(name: str, text: str) -> float:
    """Raises: ValueError with a sentence."""
    most = _most(name)
    try:
        seconds = float(text.replace(",", "."))
    except ValueError:
        seconds = 0.0
    if not LEAST_S <= seconds <= most:  # false of NaN too
        said = _(
            "This time can be %(least)s to %(most)s, and not %(text)s.",
            least=f"{LEAST_S:g}",
            most=f"{most:g} s",
            text=repr(text[:40]),
        )
        raise ValueError(said)
    return seconds


def _most(name: str) -> float:
    most: float = getattr(Limits(), name)
    return most
