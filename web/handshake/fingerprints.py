"""JA3 and JA4 of the ClientHello, and the fields that they are put together from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from netcore.field import Field, find, find_all
from netcore.handshake.conversations import CLIENT_HELLO, Conversation
from netcore.handshake.fingerprints import Fingerprint, Part, ja3, ja4
from netcore.pdu import Pdu
from web import words
from web.addresses import unit_href
from web.facts import Raw, clean
from web.fieldtree import paths
from web.tale import Tale

_READABLE_PARTS = 6  # of JA4, in front of the lists that are hashed


@dataclass(frozen=True)
class PartView:
    """A piece of a fingerprint."""

    text: str
    what: words.Text
    href: str  # to the field in the hello, "" where it has none


@dataclass(frozen=True)
class FingerprintView:
    """One fingerprint."""

    name: str
    value: str
    text: str  # what was hashed
    words: words.Explanation
    parts: tuple[PartView, ...]


@dataclass(frozen=True)
class FingerprintsView:
    """The section."""

    intro: words.Explanation
    ours: words.Explanation
    fingerprints: tuple[FingerprintView, ...]


def fingerprints_view(conversation: Conversation, tale: Tale, base: str) -> FingerprintsView | None:
    """The fingerprints of the first ClientHello; None if no whole one was sent.

    In: `base`, the path of the trace, which links begin with.
    """
    said = next(conversation.messages(CLIENT_HELLO, "sent"), None)
    if said is None or said.pdu.size != 4 + int.from_bytes(said.pdu.octets[1:4], "big"):
        return None
    pdu, tree = said.pdu, said.pdu.fields()
    agent = _user_agent(conversation, tale)
    return FingerprintsView(
        intro=words.handshake("fingerprints", {"octets": pdu.size}),
        ours=words.handshake("fingerprints_ours", _ours(conversation, agent)),
        fingerprints=(
            _view("ja3", ja3(tree), pdu, tale, base),
            _view("ja4", ja4(tree, pdu.octets, is_quic=conversation.is_quic), pdu, tale, base),
        ),
    )


def _ours(conversation: Conversation, agent: str) -> Mapping[str, Raw]:
    return {"quic": conversation.is_quic, "seen": bool(agent), "user_agent": agent}


def _view(name: str, fingerprint: Fingerprint, pdu: Pdu, tale: Tale, base: str) -> FingerprintView:
    places = _Places(pdu, tale, base)
    first = fingerprint.value.partition("_")[0]
    said = words.handshake(f"fingerprint_{name}", {"first": first})
    return FingerprintView(
        name=said.ask,
        value=fingerprint.value,
        text=fingerprint.text,
        words=said,
        parts=tuple(
            PartView(part.text, _about(name, at, part), places.href(part))
            for at, part in enumerate(fingerprint.parts)
        ),
    )


def _about(name: str, at: int, part: Part) -> words.Text:
    is_list = name == "ja4" and at >= _READABLE_PARTS
    facts = {"text": part.text}
    return words.handshake(f"{name}_{'sorted_' if is_list else ''}{part.field}", facts).what


class _Places:
    """Where the fields of a hello are opened: in the unit that shows it."""

    def __init__(self, pdu: Pdu, tale: Tale, base: str) -> None:
        units = tale.explanation.of_event(pdu.events[0])
        outer = (unit for unit in units if unit is pdu or pdu in tuple(unit.inside))
        self._keyed = paths(tale.explanation.tree(next(outer, pdu)))
        self._href = unit_href(pdu, tale, base)

    def href(self, part: Part) -> str:
        """The link of the field that a part is read from."""
        found = (key for key, path in self._keyed.items() if _is_at(path, part))
        key = next(found, "")
        return f"{self._href}&f={key}" if key and "?" in self._href else ""


def _is_at(path: Iterable[Field], part: Part) -> bool:
    *above, field = path
    if field.name != part.field:
        return False
    extensions = [each for each in above if each.name == "extension"]
    return part.extension < 0 or any(
        each.value == part.extension
        for extension in extensions
        for each in find_all(extension, "extension_type")
    )


def _user_agent(conversation: Conversation, tale: Tale) -> str:
    """What the first request on this connection says, "" if none was read."""
    channel = f"tls:{conversation.number}.sent"
    for pdu in tale.explanation.pdus:
        if pdu.name == "http1_request_head" and pdu.origin[0].channel == channel:
            for line in find_all(pdu.fields(), "field_line"):
                name, value = find(line, "field_name"), find(line, "field_value")
                if name and value and str(name.value).lower() == "user-agent":
                    return clean(str(value.value))
    return ""
