"""Facts: what a text about a field or an event may ask for, and how numbers are written.

A text names a fact in braces: `{value}`. A fact of another field is written `{in:name}`,
`{near:name}` or `{near:name.label}`. A fact that is not there is None, and then the text that
wanted it is not used: see `web.words`. content/README.md lists the facts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Protocol

from netcore.dissect.x509 import common_name
from netcore.field import Field
from netcore.timeline import BREAKING
from netcore.trace import (
    AnyEvent,
    Called,
    KernelTimestamp,
    SecretLogged,
    SocketOptionsRead,
    Truncated,
    TrustAnchorFound,
)
from web.numerals import numeral

Raw = int | float | str | bool | None

TEXT_LIMIT = 80  # characters of a value that came from outside
SENTENCES = ("message", "why")  # facts that the engine wrote as whole sentences
SENTENCE_LIMIT = 400
_OCTETS = re.compile(r"\b(an|no|one|these|[\d,]*\d) octet(s?)\b")
_CODE = re.compile(r"^[a-z0-9]+\.[a-z_]+: ")  # "chunk.bad_size: ", in front of an error
_DOMAIN_NAME = "RFC 1035 §4.1.4"  # by which a name is read
LIST_LIMIT = 6  # members of a list that are named before "and 12 more"
LONG_SPAN = 120  # seconds from which a span is also said in minutes or more
_ABOUT_OTHERS = ("length", "length_octets", "long_form", "tag_class", "constructed", "tag_number")
LAST_MOMENT = 253_402_300_800_000  # milliseconds: the year 10000


class Facts(Protocol):
    """Raw for conditions, shown for texts. None: there is no such fact."""

    def raw(self, name: str) -> Raw: ...

    def shown(self, name: str) -> str | None: ...


class PlainFacts:
    """Facts from a mapping. Keys that end in `_ns` are durations, other numbers are counts."""

    def __init__(self, values: Mapping[str, Raw]) -> None:
        self._values = values

    def raw(self, name: str) -> Raw:
        return self._values.get(name)

    def shown(self, name: str) -> str | None:
        value = self._values.get(name)
        if value is None or value == "":
            return None
        if name.endswith("_ns") and isinstance(value, int):
            return duration(value)
        if name in SENTENCES:
            return in_bytes(clean(str(value), SENTENCE_LIMIT))
        return show(value)


class FieldFacts:
    """The facts of one field of a tree, seen from the field itself."""

    def __init__(self, path: Sequence[Field], octets: bytes) -> None:
        self._path = path
        self._field = path[-1]
        self._octets = octets

    def raw(self, name: str) -> Raw:
        relative, fact = self._resolve(name)
        if relative is None:
            return None
        if fact == "value":
            return relative.value
        if fact in ("octets", "bits", "start"):
            return _measures(relative)[fact]
        derived = _RAW.get(fact)
        if derived:
            return derived(relative)
        return getattr(relative, fact, None)

    def shown(self, name: str) -> str | None:
        relative, fact = self._resolve(name)
        if relative is None:
            return None
        maker = _SHOWN.get(fact)
        text = maker(relative, self._octets) if maker else None
        return text or None

    def _resolve(self, name: str) -> tuple[Field | None, str]:
        """The field that a name speaks of, and the fact of it."""
        scope, _, rest = name.partition(":")
        wanted, _, fact = rest.partition(".")
        if scope == "in":
            return self._within(self._field, wanted), fact or "value"
        if scope == "near":
            return self._near(wanted), fact or "value"
        if scope == "next":
            return self._next(), wanted
        if name.startswith("parent"):
            parent = self._path[-2] if len(self._path) > 1 else None
            return parent, name.removeprefix("parent").lstrip("_") or "name"
        return self._field, name

    def _within(self, outer: Field, wanted: str) -> Field | None:
        fields = (field for field in outer.walk() if field is not self._field)
        return next((field for field in fields if field.name == wanted), None)

    def _near(self, wanted: str) -> Field | None:
        """The first field of that name below this one, else below the nearest ancestor with one."""
        found = (self._within(ancestor, wanted) for ancestor in reversed(self._path))
        return next((field for field in found if field is not None), None)

    def _next(self) -> Field | None:
        """The field that follows this one within the same parent."""
        around = self._path[-2].children if len(self._path) > 1 else ()
        after = [field for field in around if field.start >= self._field.end]
        return after[0] if after else None


def broken_before(events: Sequence[AnyEvent], number: int) -> str:
    """The error by which the connection of a call had ended before that call, "" if none had."""
    event = events[number - 1]
    if not isinstance(event, Called) or not event.socket.startswith("tcp:"):
        return ""
    for before in events[: number - 1]:
        if not isinstance(before, Called) or before.errno not in BREAKING:
            continue
        if before.socket == event.socket and before.call in ("send", "recv"):
            return before.errno
    return ""


def event_facts(event: AnyEvent, broken: str = "") -> PlainFacts:
    """Every member of the event under its own name, and what a text needs besides."""
    values: dict[str, Raw] = {"kind": type(event).__name__}
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if isinstance(value, int | float | str):
            values[name] = value
    if isinstance(event, Called):
        values |= _call_facts(event) | ({"broken": broken} if broken else {})
    if isinstance(event, KernelTimestamp | SocketOptionsRead):
        # `what` is the name of a text, and `when` begins a variant.
        values["moment"] = event.what if isinstance(event, KernelTimestamp) else event.when
    if isinstance(event, SecretLogged):
        values |= _secret_facts(event.line)
    if isinstance(event, TrustAnchorFound):
        values["certificate_size"] = size(len(event.certificate))
        values["certificate_name"] = common_name(event.certificate) or None
    if isinstance(event, Truncated):
        values["limit_size"] = size(event.limit)
    return PlainFacts(values)


def _call_facts(event: Called) -> dict[str, Raw]:
    values: dict[str, Raw] = {"size": size(event.length), "kept": len(event.data)}
    values["protocol"] = event.socket.partition(":")[0]
    values["end"] = event.offset + event.length
    for number, argument in enumerate(event.arguments, start=1):
        values[f"argument{number}"] = argument
    return values


def _secret_facts(line: str) -> dict[str, Raw]:
    """An NSS key log line: label, client random, secret. The secret itself is not shown."""
    label, _, rest = line.partition(" ")
    client_random, _, secret = rest.partition(" ")
    return {"label": label, "random4": client_random[:8], "secret_size": size(len(secret) // 2)}


def show(value: Raw) -> str:
    """A value as a text has it: thousands separated, a flag as one bit, strings escaped."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, int):
        return f"{value:,}"
    return clean(str(value))


def clean(untrusted: str, limit: int = TEXT_LIMIT) -> str:
    """Text from outside: what does not print is written \\x0d, and long text is cut."""
    text = untrusted[: limit + 1]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else _escaped(c) for c in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def in_bytes(sentence: str) -> str:
    """A sentence of the engine, which counts octets as the RFCs do. The page says bytes."""
    return _OCTETS.sub(lambda found: f"{found[1].replace('an', 'a')} byte{found[2]}", sentence)


def size(count: int) -> str:
    """A number of octets with its unit."""
    return "1 byte" if count == 1 else f"{count:,} bytes"


def duration(ns: int) -> str:
    """Nanoseconds with three significant digits: 0.42 µs, 11.2 ms, 1.38 s."""
    for unit, scale in (("s", 1e9), ("ms", 1e6)):
        if ns >= scale:
            return f"{_three_digits(ns / scale)} {unit}"
    return f"{_three_digits(ns / 1e3)} µs"


def seconds(count: int) -> str:
    """A number of seconds, with its larger unit where that is exact enough to help."""
    plain = "1 second" if count == 1 else f"{count:,} seconds"
    if count < LONG_SPAN:
        return plain
    for unit, scale in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if count >= scale:
            whole, exact = count // scale, count % scale == 0
            about = "" if exact else "about "
            return f"{plain} ({about}{whole:,} {unit}{'s' if whole > 1 else ''})"
    return plain


def moment(milliseconds: int) -> str:
    """Milliseconds since 1970 as a date and time, "" beyond the year 9999."""
    if milliseconds >= LAST_MOMENT:
        return ""
    at = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{at.day} {at:%B %Y, %H:%M:%S} UTC"


def _with(write: Callable[[int], str], field: Field) -> str | None:
    """A number, or the digits of one, as `write` has it."""
    value = field.value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < TEXT_LIMIT:
        value = int(value)
    return write(value) if isinstance(value, int) else None


def _three_digits(number: float) -> str:
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"


def _escaped(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _measures(field: Field) -> dict[str, int]:
    return {"octets": field.length // 8, "bits": field.length, "start": field.start // 8}


_RAW: dict[str, Callable[[Field], Raw]] = {
    "grease": lambda field: field.label.startswith("GREASE"),
    "count": lambda field: len(_members(field)),
    "lower": lambda field: field.value.lower() if isinstance(field.value, str) else None,
}


def _said(field: Field) -> Raw:
    """The value as a sentence has it: a name of DNS without the dot of the root at its end."""
    if field.spec == _DOMAIN_NAME and isinstance(field.value, str):
        return field.value.rstrip(".") or "."
    is_number = isinstance(field.value, int) and not isinstance(field.value, bool)
    return numeral(field) if is_number else field.value


def _text(field: Field, octets: bytes) -> str:
    """The octets as they are written: "1a0" of a chunk size."""
    return clean(octets[field.start // 8 : field.end // 8].decode("latin-1"))


def _hex(field: Field, octets: bytes) -> str:
    """An integer of whole octets as 0x0303, else the octets themselves, the first eight of them."""
    if isinstance(field.value, int) and not isinstance(field.value, bool) and field.length % 8 == 0:
        return f"0x{field.value:0{field.length // 4}x}"
    return _first(field, octets, 8)


def _first(field: Field, octets: bytes, count: int) -> str:
    own = octets[field.start // 8 : field.end // 8]
    return own[:count].hex(" ") + (" …" if len(own) > count else "")


def _list(field: Field, _: bytes) -> str:
    """The parts of a list, each by its label, else its value, else what it holds."""
    named = [text for text in map(_member, _members(field)) if text]
    more = len(named) - LIST_LIMIT
    shown = ", ".join(named[:LIST_LIMIT])
    return f"{shown} and {more:,} more" if more > 0 else shown


def _members(field: Field) -> list[Field]:
    """The parts that are not the lengths of others, nor the head of an element of DER."""
    return [part for part in field.children if not part.name.endswith(_ABOUT_OTHERS)]


def _member(field: Field) -> str:
    if field.label:
        return clean(field.label)
    if field.value is not None:
        return show(field.value)
    leaves = [leaf for leaf in field.leaves() if leaf is not field and leaf.value is not None]
    return _member(leaves[-1]) if leaves else ""


_SHOWN: dict[str, Callable[[Field, bytes], str | None]] = {
    "name": lambda field, _: field.name,
    "value": lambda field, _: None if field.value is None else show(_said(field)),
    "label": lambda field, _: clean(field.label),
    "error": lambda field, _: in_bytes(clean(_CODE.sub("", field.error), SENTENCE_LIMIT)),
    "hex": _hex,
    "first4": lambda field, octets: _first(field, octets, 4),
    "octets": lambda field, _: f"{field.length // 8:,}",
    "size": lambda field, _: size(field.length // 8),
    "bits": lambda field, _: f"{field.length:,}",
    "start": lambda field, _: f"{field.start // 8:,}",
    "count": lambda field, _: f"{len(_members(field)):,}",
    "list": _list,
    "text": _text,
    "digits": lambda field, _: None if field.value is None else str(field.value),
    "sized": lambda field, _: _with(size, field),
    "seconds": lambda field, _: _with(seconds, field),
    "moment": lambda field, _: _with(moment, field),
}
