"""TLS rules: what is worth saying of records, handshake messages and alerts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from netcore.field import Field, find, find_all
from web.player.found import Found, Place, found, value_at
from web.spoken import gettext as _

Rule = Callable[[Place, Field], Iterator[Found]]


def record(place: Place) -> Iterator[Found]:
    """A record in the clear: its length, then the messages in it."""
    length = find(place.tree, "length")
    if place.sent and length is not None and find(place.tree, "client_hello"):
        yield found("client_hello", size=place.pdu.size)
        yield found("record_length", length, hex=place.hex(length), value=length.value)
    yield from messages(place)


def sealed(place: Place) -> Iterator[Found]:
    """A record whose content is encrypted."""
    kind = find(place.tree, "type")
    if kind is not None and not place.sent:
        yield found("sealed", kind, label=kind.label)


def messages(place: Place) -> Iterator[Found]:
    """The handshake messages and alerts of a unit, in their order."""
    for message in find_all(place.tree, "tls_handshake"):
        kind = find(message, "msg_type")
        rule = _MESSAGES.get(kind.label if kind is not None else "")
        if rule is not None:
            yield from rule(place, message)
    alert = find(place.tree, "tls_alert")
    if alert is not None:
        yield from _alert(alert)


def _client_hello(place: Place, message: Field) -> Iterator[Found]:
    if place.pdu.name == "tls_handshake":  # over QUIC, where no record holds it
        yield found("client_hello", message, size=message.length // 8)
    name = value_at(message, "host_name") or value_at(message, "server_name")
    if name is not None and isinstance(name.value, str):
        yield found("server_name", name, name=name.value)
    legacy, versions = find(message, "legacy_version"), _extension(message, "supported_versions")
    if legacy is not None and versions is not None:
        yield found("supported_versions", versions, legacy=legacy.label)
    alpn = _extension(message, "application_layer_protocol_negotiation")
    if alpn is not None:
        names = [str(each.value) for each in find_all(alpn, "protocol_name")]
        yield found("alpn_offer", alpn, protocols=", ".join(names[:3]))
    share = _extension(message, "key_share")
    group = find(share, "group") if share is not None else None
    if share is not None and group is not None:
        yield found("key_share", find(share, "key_exchange") or share, group=group.label)


def _server_hello(place: Place, message: Field) -> Iterator[Found]:
    suite = find(message, "cipher_suite")
    if suite is not None:
        yield found("server_hello", suite, suite=suite.label)
    version = find(message, "selected_version")
    if version is not None:
        yield found("selected_version", version, hex=place.hex(version), version=version.label)
    psk = _extension(message, "pre_shared_key")
    if psk is not None:
        yield found("resumed", psk)
    yield from _alpn_choice(place, message)


def _alpn_choice(place: Place, message: Field) -> Iterator[Found]:
    name = value_at(message, "protocol_name")
    if name is not None:
        yield found("alpn_choice", name, protocol=name.value)


def _certificate(place: Place, message: Field) -> Iterator[Found]:
    first = find(message, "cert_data")
    if first is not None and not place.sent:
        yield found("certificate", first, subject=first.label or _("its owner"))


def _certificate_verify(place: Place, message: Field) -> Iterator[Found]:
    if not place.sent:
        yield found("certificate_verify", find(message, "signature"))


def _server_key_exchange(place: Place, message: Field) -> Iterator[Found]:
    share = find(message, "public") or find(message, "dh_ys")
    if share is not None:
        yield found("server_key_exchange", share, size=share.length // 8)


def _client_key_exchange(place: Place, message: Field) -> Iterator[Found]:
    yield found("client_key_exchange", message, size=message.length // 8)


def _finished(place: Place, message: Field) -> Iterator[Found]:
    data = find(message, "verify_data")
    if data is not None:
        kind = "client_finished" if place.sent else "server_finished"
        yield found(kind, data, size=data.length // 8)


def _ticket(place: Place, message: Field) -> Iterator[Found]:
    lifetime = find(message, "ticket_lifetime") or find(message, "ticket_lifetime_hint")
    if lifetime is not None:
        yield found("ticket", lifetime, lifetime=lifetime.value)


def _alert(alert: Field) -> Iterator[Found]:
    description = find(alert, "description")
    if description is None:
        return
    if description.value == 0:
        yield found("close_notify", description)
    else:
        yield found("alert", description, code=description.value, label=description.label)


def _extension(message: Field, name: str) -> Field | None:
    extensions = find_all(message, "extension")
    return next((each for each in extensions if each.label == name), None)


_MESSAGES: dict[str, Rule] = {
    "client_hello": _client_hello,
    "server_hello": _server_hello,
    "encrypted_extensions": _alpn_choice,
    "certificate": _certificate,
    "certificate_verify": _certificate_verify,
    "server_key_exchange": _server_key_exchange,
    "client_key_exchange": _client_key_exchange,
    "finished": _finished,
    "new_session_ticket": _ticket,
}
