"""Sentences: what differs between two fetches, each figure with a whole sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from netcore.comparison import Account, Difference, Fields
from netcore.figures import duration
from web.facts import clean, size
from web.spoken import gettext as _
from web.words import failure_card

NEAR: Final = 0.25  # of the longer time: what two runs differ by without any reason


def label_of(kind: str) -> str:
    """What a figure is called."""
    labels = {
        "outcome": _("Outcome"),
        "http": _("Version of HTTP"),
        "tls": _("Security"),
        "session": _("Session"),
        "family": _("Address family"),
        "connections": _("Connections"),
        "round_trips": _("Round trips, by the rules"),
        "measured": _("Round trips, by the clock"),
        "sent": _("Bytes sent"),
        "received": _("Bytes received"),
        "request": _("Request header fields"),
        "response": _("Response header fields"),
        "handshake": _("Bytes of the handshake"),
        "overhead": _("Bytes around the content"),
        "content": _("Content"),
        "calls": _("Writes and reads"),
        "packets": _("Captured packets"),
        "time": _("Time in total"),
    }
    return str(labels[kind])


def value_of(kind: str, account: Account) -> str:
    """A figure of one fetch."""
    show = _VALUES.get(kind)
    return str(show(account)) if show else ""


def sentence_of(difference: Difference, at: int, accounts: tuple[Account, ...]) -> str:
    """How the fetch of a place differs from the first one in a figure."""
    one, other = accounts[0], accounts[at]
    if one.running or other.running:
        return str(_("Not all is known yet: a fetch still runs."))
    if difference.is_same(at):
        return str(_same(difference.kind, one, other))
    return str(_DIFFERENT[difference.kind](one, other))


def _octets(count: int) -> str:
    return f"{count:,}"


def _fields(fields: Fields) -> str:
    if fields.packed == fields.written:
        return _octets(fields.packed)
    return str(_("%(a)s, packed to %(b)s", a=_octets(fields.written), b=_octets(fields.packed)))


def _outcome(account: Account) -> str:
    if account.failure:
        return failure_card(account.failure, {}).headline.removesuffix(".")
    return str(account.status_code or (_("running") if account.running else _("ended")))


def _tls(account: Account) -> str:
    if not account.tls_version:
        return str(_("none"))
    return clean(account.tls_version)


def _session(account: Account) -> str:
    names = {"resumed": _("resumed"), "not resumed": _("offered and not taken")}
    return str(names.get(account.session, _("new") if account.tls_version else _("none")))


def _connections(account: Account) -> str:
    return f"{account.connections:,}"


_VALUES: Final[dict[str, Callable[[Account], str]]] = {
    "outcome": _outcome,
    "http": lambda one: f"HTTP/{one.http_version}" if one.http_version else "–",
    "tls": _tls,
    "session": _session,
    "family": lambda one: one.family or "–",
    "connections": _connections,
    "round_trips": lambda one: f"{one.needed:,}" if one.needed else "–",
    "measured": lambda one: str(one.measured or "–"),
    "sent": lambda one: _octets(one.sent),
    "received": lambda one: _octets(one.received),
    "request": lambda one: _fields(one.request),
    "response": lambda one: _fields(one.response),
    "handshake": lambda one: _octets(one.shares.handshake),
    "overhead": lambda one: _octets(one.shares.total - one.shares.content),
    "content": lambda one: _octets(one.shares.content),
    "calls": lambda one: _octets(one.calls),
    "packets": lambda one: _octets(one.packets) if one.packets else "–",
    "time": lambda one: duration(one.total_ns),
}


def _same(kind: str, one: Account, other: Account) -> str:
    versions = {one.http_version, other.http_version}
    if kind == "connections" and one.connections == 1 and one.requests == 1:
        return str(_("The same: one fetch, one connection."))
    if kind == "round_trips" and versions == {"1.1", "2"}:
        return str(_("The same: HTTP/2 saves none on the first request."))
    if kind == "round_trips":
        return str(_("The same: the handshakes and requests take as many, wherever the server is."))
    if kind in ("request", "response") and one.request.packed != one.request.written:
        return str(_("The same: both were packed alike."))
    return str(_("The same."))


def _differs_outcome(one: Account, other: Account) -> str:
    if one.failure and other.failure:
        return str(_("Both failed, each in its own way."))
    if one.failure:
        return str(_("A failed, the other fetch did not: below A, nothing more was recorded."))
    if other.failure:
        return str(_("This one failed and A did not. Its card says where, and why."))
    return str(_("The server answered both, and not in the same way."))


def _differs_http(one: Account, other: Account) -> str:
    if not one.http_version or not other.http_version:
        return str(_("One of them came to no answer, so it has no version."))
    return str(
        _(
            "A spoke HTTP/%(a)s, this one HTTP/%(b)s: the same meaning, written in another way.",
            a=one.http_version,
            b=other.http_version,
        )
    )


def _differs_tls(one: Account, other: Account) -> str:
    if not one.tls_version or not other.tls_version:
        return str(_("One was secured, the other came to no TLS or needed none."))
    if one.tls_version != other.tls_version:
        return str(
            _(
                "%(a)s and %(b)s: two versions, with other steps in the handshake.",
                a=clean(one.tls_version),
                b=clean(other.tls_version),
            )
        )
    return str(
        _(
            "The same version with other ciphers: %(a)s and %(b)s.",
            a=clean(one.cipher_suite),
            b=clean(other.cipher_suite),
        )
    )


def _differs_session(one: Account, other: Account) -> str:
    if "resumed" not in (one.session, other.session):
        return str(_("No session was resumed: both made a whole handshake."))
    resumed, whole = (one, other) if one.session == "resumed" else (other, one)
    saved = whole.shares.handshake - resumed.shares.handshake
    if saved > 0:
        return str(
            _(
                "Resuming saved %(octets)s of the handshake: no certificate had to be shown again.",
                octets=size(saved),
            )
        )
    return str(_("Resuming saved no bytes here: the ticket is longer than what it stands for."))


def _differs_family(one: Account, other: Account) -> str:
    if not one.family or not other.family:
        return str(_("One of them came to no address."))
    return str(_("Another protocol below, and perhaps another way there. All above it is alike."))


def _differs_connections(one: Account, other: Account) -> str:
    if one.connections == other.connections:
        return str(
            _(
                "As many connections, for %(a)s and %(b)s requests.",
                a=one.requests,
                b=other.requests,
            )
        )
    more, less = max(one.connections, other.connections), min(one.connections, other.connections)
    if not less:
        return str(_("One of them sent nothing to a server."))
    return str(_("%(more)s connections instead of %(less)s.", more=more, less=less))


def _differs_trips(one: Account, other: Account) -> str:
    if not one.needed or not other.needed:
        return str(_("One of them came to no answer, so its round trips were not counted."))
    saved = one.needed - other.needed
    if other.is_early and saved > 0:
        return str(
            _("%(count)s fewer: the request went along with the first datagram.", count=saved)
        )
    if saved > 0 and other.http_version == "3":
        return str(_("%(count)s fewer: QUIC connects and agrees on keys in one trip.", count=saved))
    if saved > 0:
        return str(_("%(count)s fewer to wait for before the answer.", count=saved))
    return str(_("%(count)s more to wait for before the answer.", count=-saved))


def _differs_measured(one: Account, other: Account) -> str:
    return str(
        _("Seen in the times of one run: where a server is near, thinking looks like a trip.")
    )


def _differs_sent(one: Account, other: Account) -> str:
    return _more_or_less(one.sent, other.sent)


def _differs_received(one: Account, other: Account) -> str:
    return _more_or_less(one.received, other.received)


def _more_or_less(one: int, other: int) -> str:
    if other > one:
        return str(_("%(octets)s more than A.", octets=size(other - one)))
    return str(_("%(octets)s fewer than A.", octets=size(one - other)))


def _differs_fields(one: Fields, other: Fields) -> str:
    if not one.written or not other.written:
        return str(_("One of them has none."))
    if other.packed < other.written:
        return str(
            _(
                "Header fields were packed: %(a)s to %(b)s bytes.",
                a=_octets(other.written),
                b=_octets(other.packed),
            )
        )
    if one.packed < one.written:
        return str(_("Here they stand as text, which A packed."))
    return _more_or_less(one.packed, other.packed)


def _differs_handshake(one: Account, other: Account) -> str:
    if not one.shares.handshake or not other.shares.handshake:
        return str(_("One of them made no handshake."))
    if other.http_version == "3" and one.http_version != "3":
        return str(
            _("QUIC pads a client's first datagrams to 1,200 bytes, against forged addresses.")
        )
    return _more_or_less(one.shares.handshake, other.shares.handshake)


def _differs_overhead(one: Account, other: Account) -> str:
    difference = _overhead(other) - _overhead(one)
    if difference > 0:
        return str(
            _("%(octets)s more to carry what was asked for. See the bars.", octets=size(difference))
        )
    return str(
        _("%(octets)s fewer to carry what was asked for. See the bars.", octets=size(-difference))
    )


def _overhead(account: Account) -> int:
    return account.shares.total - account.shares.content


def _differs_content(one: Account, other: Account) -> str:
    if not one.shares.content or not other.shares.content:
        return str(_("One of them brought none."))
    return str(_("The server sent another body, so other figures differ for that reason too."))


def _differs_calls(one: Account, other: Account) -> str:
    return str(_("How bytes fall into calls is chance for a good part: it varies by itself."))


def _differs_packets(one: Account, other: Account) -> str:
    if not one.packets or not other.packets:
        return str(_("Packets were captured of one of them alone."))
    return str(_("Small packets, such as acknowledgements, come and go with the timing."))


def _differs_time(one: Account, other: Account) -> str:
    longer, shorter = max(one.total_ns, other.total_ns), min(one.total_ns, other.total_ns)
    if longer - shorter < NEAR * longer:
        return str(
            _("Too near to tell: two runs of the same fetch differ by as much. Run it again.")
        )
    return str(
        _(
            "%(time)s apart in this one run. One run cannot tell the reason: run it again.",
            time=duration(longer - shorter),
        )
    )


_DIFFERENT: Final[dict[str, Callable[[Account, Account], str]]] = {
    "outcome": _differs_outcome,
    "http": _differs_http,
    "tls": _differs_tls,
    "session": _differs_session,
    "family": _differs_family,
    "connections": _differs_connections,
    "round_trips": _differs_trips,
    "measured": _differs_measured,
    "sent": _differs_sent,
    "received": _differs_received,
    "request": lambda one, other: _differs_fields(one.request, other.request),
    "response": lambda one, other: _differs_fields(one.response, other.response),
    "handshake": _differs_handshake,
    "overhead": _differs_overhead,
    "content": _differs_content,
    "calls": _differs_calls,
    "packets": _differs_packets,
    "time": _differs_time,
}
