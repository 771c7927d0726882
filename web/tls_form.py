"""The part of the form that says what TLS offers: read, and held to what can be offered.

No client certificate is among it: its private key would have to be given to this server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from netcore.errors import FetchError
from netcore.options import Options
from netcore.protocols.tls_context import VERSIONS, offered_versions
from netcore.protocols.tls_offer import read_alpn, read_ciphers, read_group, read_sni
from web.spoken import gettext as _

GROUPS: Final = ("X25519", "P-256", "P-384", "P-521", "X448")


@dataclass(frozen=True)
class TlsForm:
    """What was typed, under the names of `Options` where there is one."""

    tls_min: str = Options().tls_min
    tls_max: str = Options().tls_max
    ciphers: str = ""
    curves: str = ""
    alpn: str = ""  # names with commas between them; "" is the version of HTTP that is spoken
    no_alpn: bool = False
    sni: str = ""  # "" is the host of the address
    no_sni: bool = False
    resume_session: bool = False
    wrong: str = ""  # which of them cannot be offered
    error: str = ""  # and why

    @property
    def changed(self) -> bool:
        """Whether anything is not as it is by default."""
        return self != UNTOUCHED

    @property
    def versions(self) -> tuple[str, ...]:
        """Those that there are."""
        return VERSIONS

    @property
    def groups(self) -> tuple[str, ...]:
        """Those that can be offered alone."""
        return GROUPS


UNTOUCHED: Final = TlsForm()


def read_tls_form(untrusted: Mapping[str, str]) -> TlsForm:
    """What a form holds; `error` says what of it cannot be offered."""
    typed: dict[str, Any] = {}
    for field in fields(TlsForm):
        if field.name in ("wrong", "error"):
            continue
        if isinstance(field.default, bool):
            typed[field.name] = field.name in untrusted
        else:
            typed[field.name] = untrusted.get(field.name, str(field.default)).strip()
    form = TlsForm(**typed)
    for name, check in _checks(form):
        try:
            check()
        except FetchError as refusal:
            return replace(form, wrong=name, error=refusal.message)
    return form


def tls_options(form: TlsForm) -> dict[str, Any]:
    """The members of `Options` that a form without an error sets."""
    return {
        "tls_min": form.tls_min,
        "tls_max": form.tls_max,
        "ciphers": form.ciphers,
        "curves": read_group(form.curves),
        "alpn": _listed(form.alpn) if form.alpn else () if form.no_alpn else None,
        "sni": read_sni(form.sni) if form.sni else "" if form.no_sni else None,
        "resume_session": form.resume_session,
    }


def _checks(form: TlsForm) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "tls_min", lambda: offered_versions(form.tls_min, form.tls_max)
    yield "ciphers", lambda: read_ciphers(form.ciphers)
    yield "curves", lambda: read_group(form.curves)
    if form.alpn:
        yield "alpn", lambda: _either(form.no_alpn, "ALPN")
        yield "alpn", lambda: _listed(form.alpn)
    if form.sni:
        yield "sni", lambda: _either(form.no_sni, "SNI")
        yield "sni", lambda: read_sni(form.sni)


def _listed(text: str) -> tuple[str, ...]:
    return read_alpn([name.strip() for name in text.split(",")])


def _either(off: bool, what: str) -> None:
    if off:
        text = _("%(what)s is switched off and has a name: take one away.", what=what)
        raise FetchError("tls.bad_option", text)
