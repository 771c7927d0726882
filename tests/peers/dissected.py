"""What tshark says of the TLS in a capture file, message by message: each field and its octets."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from tests.peers.process import program
from tests.peers.shark import PREFERENCES, READ_S

Element = ET.Element
UNITS: Final = {
    "tls.record": "record",
    "tls.handshake": "handshake",
    "tls.alert_message": "alert",
    "tls.change_cipher_spec": "change_cipher_spec",
}


@dataclass(frozen=True)
class Named:
    """One field: its place in the message in octets, what it holds, how tshark shows it."""

    name: str
    start: int
    length: int
    octets: bytes
    shown: str


@dataclass
class Section:
    """What one of the files that were put together holds: one connection."""

    units: dict[tuple[str, str], list[list[Named]]] = field(default_factory=dict)

    def of(self, kind: str, direction: str) -> list[list[Named]]:
        """The fields of each unit of that kind, in order; `direction` is "sent" or "received"."""
        return self.units.get((kind, direction), [])


def read(file: Path, directory: Path) -> list[Section]:
    """Run tshark on a file that is several exports, one behind the other.

    Raises:
        AssertionError: something in it is malformed to tshark.
    """
    command = [program("tshark", "tshark"), "-n", "-r", str(file), "-T", "pdml", "-J", "frame tls"]
    for each in PREFERENCES:
        command += ["-o", each]
    calm = os.environ | {"WIRESHARK_CONFIG_DIR": str(directory)}
    done = subprocess.run(command, capture_output=True, check=True, timeout=READ_S, env=calm)
    sections: dict[str, Section] = {}
    for packet in ET.fromstring(done.stdout).iter("packet"):
        shown = {each.get("name"): each.get("show", "") for each in packet.iter("field")}
        assert "_ws.malformed" not in {proto.get("name") for proto in packet.iter("proto")}, shown
        section = sections.setdefault(shown["frame.section_number"], Section())
        direction = ("sent", "received")[int(shown["frame.p2p_dir"])]
        for element in packet.iter("field"):
            kind = UNITS.get(element.get("name", ""))
            if kind is not None:
                section.units.setdefault((kind, direction), []).append(list(fields_of(element)))
    return list(sections.values())


def fields_of(unit: Element) -> Iterator[Named]:
    """What stands in one unit, without the units inside it."""
    inside = list(_within(unit)) or [unit]
    base = int(inside[0].get("pos", "0"))
    for element in inside:
        length = int(element.get("size", "0"))
        if element.get("name") and length:  # without octets it is a remark
            # Of a field of some bits the value is theirs alone.
            value = element.get("unmaskedvalue") or element.get("value") or ""
            start = int(element.get("pos", "0")) - base
            shown = element.get("show", "")
            yield Named(element.get("name", ""), start, length, bytes.fromhex(value), shown)


def _within(element: Element) -> Iterator[Element]:
    for child in element:
        name = child.get("name", "")
        if name not in UNITS and not name.startswith("_ws."):  # those are remarks
            yield child
            yield from _within(child)
