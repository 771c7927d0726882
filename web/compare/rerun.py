"""Rerun: the same address once more with one thing changed, and what can be changed at all.

What the user asked for is taken over from the first fetch; what this process allows, trusts and
bounds is taken from its own settings again, as for every form.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, Final

from netcore.errors import FetchError
from netcore.options import Options
from netcore.target import Target, parse
from netcore.trace import Chose
from web.compare.sides import Side
from web.spoken import gettext as _
from web.tale import Tale

VERSIONS: Final = {"h1": "1.1", "h2": "2", "h3": "3"}
SAFE: Final = ("GET", "HEAD", "OPTIONS")
KEPT: Final = (
    *("method", "headers", "further_urls", "follow_redirects", "http", "tls_min", "tls_max"),
    *("verify", "ciphers", "curves", "alpn", "sni", "socket_options", "recv_size"),
    *("family", "resume_session"),
)
"""What a fetch takes over from the one that it is compared with: the user's own wishes."""


@dataclass(frozen=True)
class Variant:
    """One thing that can be changed. `changes` are options, one dictionary for each new fetch."""

    key: str
    title: str
    about: str
    changes: tuple[dict[str, Any], ...]


def why_none(side: Side) -> str:
    """Why a fetch cannot be made again from here, "" if it can."""
    trace = side.tale.trace
    why: str = ""
    if side.standing.live:
        why = _("This fetch still runs. When it has ended, it can be made again in another way.")
    elif side.standing.brought:
        why = _("This trace was recorded elsewhere, so what it asked for is not asked again here.")
    elif _target(trace.url) is None:
        why = _("Only an address with http or https can be fetched in another way.")
    elif trace.options.method not in SAFE or trace.options.body is not None:
        why = _("A request that changes something is not sent again without being asked to.")
    return why


def variants(side: Side) -> tuple[Variant, ...]:
    """What makes sense for this trace, the most telling first."""
    target = _target(side.tale.trace.url)
    if why_none(side) or target is None:
        return ()
    found = _versions(side) + _sessions(side.tale.trace.options) if target.is_secure else []
    return (*found, *_families(side.tale, target), _once_more())


def options_of(options: Options, changes: dict[str, Any]) -> dict[str, Any]:
    """What the new fetch is asked for: the wishes of the first one, and what is changed."""
    return {name: getattr(options, name) for name in KEPT} | changes


def spoken_by(side: Side) -> str:
    """The version of HTTP of a fetch: what was spoken, else what was asked for."""
    return side.account.http_version or side.tale.trace.options.http


def _target(url: str) -> Target | None:
    try:
        target = parse(url if "://" in url else f"https://{url}")
    except FetchError:
        return None
    return target if target.scheme in ("http", "https") else None


def _versions(side: Side) -> list[Variant]:
    spoken = spoken_by(side)
    others = {key: version for key, version in VERSIONS.items() if version != spoken}
    changes = {key: {"http": version, "alpn": None} for key, version in others.items()}
    titles = {"h1": "HTTP/1.1", "h2": "HTTP/2", "h3": "HTTP/3"}
    abouts = {
        "h1": _("one request after the other, in plain lines"),
        "h2": _("streams and packed header fields, on the same TCP"),
        "h3": _("over QUIC: no TCP, and TLS inside its handshake"),
    }
    found = [Variant(key, titles[key], abouts[key], (changes[key],)) for key in others]
    if len(others) != len(VERSIONS) - 1:
        return found
    every = Variant(
        "versions",
        _("All three versions"),
        _("HTTP/1.1, 2 and 3 beside each other, two new fetches"),
        tuple(changes.values()),
    )
    return [every, *found]


def _sessions(options: Options) -> list[Variant]:
    if options.resume_session:
        about = _("a whole handshake, as for somebody who was never here")
        return [Variant("cold", _("Cold"), about, ({"resume_session": False},))]
    about = _("fetched twice; the second fetch shows the ticket of the first")
    return [Variant("resumed", _("Resumed"), about, ({"resume_session": True},))]


def _families(tale: Tale, target: Target) -> list[Variant]:
    """The other address family, where the name has an address of it."""
    used = _used(tale)
    other = next((each for each in addresses(tale) if (":" in each) != (":" in used)), "")
    if not used or not other or target.address:
        return []
    family, key = ("IPv6", "ipv6") if ":" in other else ("IPv4", "ipv4")
    about = _("to %(address)s, which the same name has too", address=other)
    change = {"resolve": (f"{target.server_name}:{target.port}:{other}",), "family": ""}
    return [Variant(key, family, about, (change,))]


def _once_more() -> Variant:
    about = _("nothing changed: how much do the times vary by themselves?")
    return Variant("same", _("The same again"), about, ({},))


def addresses(tale: Tale) -> list[str]:
    """The addresses that the first name was found to have and that may be connected to."""
    guarded = (e.value for e in tale.trace.events if isinstance(e, Chose) and e.what == "guard")
    return [value for value in dict.fromkeys(guarded) if _is_address(value)]


def _used(tale: Tale) -> str:
    places = [e.value for e in tale.trace.events if isinstance(e, Chose) and e.what == "address"]
    return places[0].rpartition(":")[0].strip("[]") if places else ""


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
