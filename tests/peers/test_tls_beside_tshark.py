"""tshark as a second opinion: where both name a field of TLS, place, length and octets are equal.

The files are those that we export, of every way to speak TLS with a peer. Which name is which,
and where tshark sees it otherwise and why, stands in `tshark_fields.toml`. Run with `-s` for the
count.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace

from netcore.exports.pcapng import pcapng
from netcore.field import Field
from netcore.pdu import Pdu, octets_of
from tests.peers.connections import CASES, REFUSALS, Connection, Connections
from tests.peers.dissected import Named, Section, read

pytestmark = [pytest.mark.peer, pytest.mark.wire, pytest.mark.slow, pytest.mark.thorough]

TABLE: Final = tomllib.loads(Path(__file__).with_name("tshark_fields.toml").read_text())
KINDS: Final = {
    "record": ("tls_record", "tls_ciphertext"),
    "handshake": ("tls_handshake",),
    "alert": ("tls_alert",),
    "change_cipher_spec": ("tls_change_cipher_spec",),
}
DER_HEADER: Final = {
    *("tag_class", "constructed", "tag_number", "long_form", "length_octets", "length"),
    "unused_bits",
}
UTC: Final = " (UTC)"
LEAST: Final = 100  # fields of one connection; a test that compares nothing proves nothing


class Comparison:
    """What tshark and we agree on, and what we do not."""

    def __init__(self) -> None:
        self.equal: Counter[str] = Counter()
        self.unlike: dict[str, list[str]] = {}  # whose it is and its name -> examples

    def connection(self, theirs: Section, ours: Connection) -> None:
        """Compare every record, message and alert of a connection, in both directions."""
        for kind, names in KINDS.items():
            for direction in ("sent", "received"):
                pdus = [
                    pdu
                    for pdu in ours.explanation.pdus
                    if pdu.name in names and pdu.origin[0].channel.endswith(direction)
                ]
                units = theirs.of(kind, direction)
                assert len(units) == len(pdus), (ours.case, kind, direction)
                for unit, pdu in zip(units, pdus, strict=True):
                    self.unit(kind, unit, pdu, str(ours.case))

    def unit(self, kind: str, theirs: list[Named], pdu: Pdu, where: str) -> None:
        """Compare one record, message or alert."""
        table = TABLE[kind]
        wanted = {name for names in table.values() for name in _listed(names)}
        ours = {
            (name, field.start // 8, (field.end + 7) // 8 - field.start // 8): field
            for name, field in _qualified(pdu.fields())
            if name in wanted and field.length
        }
        seen = set()
        for each in theirs:
            if each.name in TABLE["only_tshark"]:
                continue
            names = _listed(table.get(each.name, ()))
            places = [(name, each.start, each.length) for name in names]
            found = [place for place in places if place in ours]
            seen.update(found)
            if found and _equal(each, pdu, ours[found[0]]):
                self.equal[each.name] += 1
            elif found or not (each.name.startswith(TABLE["flags"]) and each.shown == "0"):
                self._note(pdu, each.name, f"{where}: {each} is not one of ours")
        for place in ours.keys() - seen:
            self._note(pdu, place[0], f"{where}: {place} is not one of tshark's")

    def _note(self, pdu: Pdu, name: str, example: str) -> None:
        self.unlike.setdefault(f"{pdu.name}: {name}", []).append(example)


def _listed(names: str | list[str] | tuple[str, ...]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _qualified(tree: Field, above: tuple[str, ...] = ()) -> Iterator[tuple[str, Field]]:
    """Every field under each name that the table may call it by."""
    yield tree.name, tree
    if above:
        yield f"{above[-1]}.{tree.name}", tree
    for outer in dict.fromkeys(above):
        yield f"{outer}..{tree.name}", tree
    behind = [child for child in tree.children if child.name not in DER_HEADER]
    if len(behind) < len(tree.children):
        start = behind[0].start if behind else tree.end
        contents = replace(tree, start=start, length=tree.end - start)
        yield f"{tree.name}/contents", contents
    for child in tree.children:
        yield from _qualified(child, (*above, tree.name))


def _equal(theirs: Named, pdu: Pdu, ours: Field) -> bool:
    """Whether the octets are the same, and the number or text that they were read as."""
    if theirs.octets and theirs.octets != octets_of(pdu, ours):
        return False
    if theirs.name in TABLE["choices"]:
        return True
    if theirs.shown.endswith(UTC) and isinstance(ours.value, str):
        shown = datetime.strptime(theirs.shown.replace(UTC, "Z"), "%Y-%m-%d %H:%M:%S%z")
        return shown == datetime.strptime(ours.value, "%y%m%d%H%M%S%z")
    if isinstance(ours.value, str):
        return theirs.shown == ours.value
    if isinstance(ours.value, int):
        hexadecimal = theirs.name in TABLE["hexadecimal"]
        return int(theirs.shown, 16 if hexadecimal else 0) == ours.value
    return True


def test_what_tshark_and_we_both_name_is_equal(connections: Connections, tmp_path: Path) -> None:
    made = [connections.of(case) for case in (*CASES, *REFUSALS)]
    file = tmp_path / "exported.pcapng"
    file.write_bytes(b"".join(block for each in made for block in pcapng(each.trace)))
    compared = Comparison()
    for section, connection in zip(read(file, tmp_path), made, strict=True):
        compared.connection(section, connection)
    for name, count in sorted(compared.equal.items()):
        print(f"{count:6,} {name}")  # noqa: T201
    print(f"{compared.equal.total():,} fields of {len(made)} connections are equal")  # noqa: T201
    unlike = {name: examples[0] for name, examples in compared.unlike.items()}
    assert {name: unlike[name] for name in unlike if name not in TABLE["disagreements"]} == {}
    assert compared.equal.total() > LEAST * len(made)
