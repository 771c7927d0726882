"""What tshark says of QUIC in a capture file, and what we say: field by field, in its words."""

from __future__ import annotations

import os
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple
from xml.etree import ElementTree as ET

from netcore.dissect.quic_packet import ONE_RTT, RETRY, ZERO_RTT
from netcore.field import Field
from netcore.framing.quic_connection import Connection, Packet
from netcore.pdu import Pdu, octets_of
from netcore.pdus import Explanation
from tests.peers.dissected import Named, fields_of
from tests.peers.process import program
from tests.peers.shark import READ_S

TABLE: Final = tomllib.loads(Path(__file__).with_name("tshark_quic_fields.toml").read_text())
_QUIC: Final = {
    one: theirs
    for theirs, ours in TABLE["quic"].items()
    for one in ([ours] if isinstance(ours, str) else ours)
}
_HTTP3: Final = {ours: theirs for theirs, ours in TABLE["http3"].items()}
_PADDING: Final = "quic.padding_length"
_TYPE: Final = "quic.frame_type"
DIRECTIONS: Final = ("sent", "received")


class Said(NamedTuple):
    """One field: its octets where it has whole ones, and the number that was read in them."""

    octets: str  # in hexadecimal; "" of a field of some bits
    number: int | None

    def agrees(self, other: Said) -> bool:
        """Whether both say the same, as far as both say it."""
        same = not (self.octets and other.octets) or self.octets == other.octets
        return same and (None in (self.number, other.number) or self.number == other.number)


@dataclass
class Way:
    """One direction of one connection."""

    quic: dict[str, list[Said]] = field(default_factory=dict)  # by tshark's name, in order
    http3: Counter[tuple[str, int]] = field(default_factory=Counter)  # its streams interleave
    only_here: Counter[str] = field(default_factory=Counter)  # by the reason
    handshakes: list[list[Named]] = field(default_factory=list)

    def take(self, name: str, said: Said) -> None:
        """Note one more field."""
        self.quic.setdefault(name, []).append(said)


Ways = dict[tuple[int, str], Way]
"""By the connection, counted from 0, and the direction."""


def theirs(file: Path, directory: Path, ports: Iterable[str]) -> Ways:
    """Run tshark on a file that we exported.

    In: `ports`, those that are QUIC's, whatever else may be registered for them.

    Raises:
        AssertionError: something in it is malformed to tshark.
    """
    command = [program("tshark", "tshark"), "-n", "-r", str(file), "-T", "pdml"]
    command += ["-J", "frame quic http3"]
    command += [word for port in ports for word in ("-d", f"udp.port=={port},quic")]
    calm = os.environ | {"WIRESHARK_CONFIG_DIR": str(directory)}
    done = subprocess.run(command, capture_output=True, check=True, timeout=READ_S, env=calm)
    ways: Ways = {}
    for packet in ET.fromstring(done.stdout).iter("packet"):
        shown = {each.get("name"): each.get("show", "") for each in packet.iter("field")}
        assert "_ws.malformed" not in {proto.get("name") for proto in packet.iter("proto")}, shown
        if "quic.connection.number" in shown:
            direction = DIRECTIONS[int(shown["frame.p2p_dir"])]
            key = int(shown["quic.connection.number"]), direction
            _their_packet(packet, ways.setdefault(key, Way()))
    return ways


def _their_packet(packet: ET.Element, way: Way) -> None:
    for each in packet.iter("field"):
        name, shown = each.get("name", ""), each.get("show", "")
        if each.get("size") == "0" and name != _PADDING:
            continue  # a remark, or a field without octets
        if name in TABLE["quic"] and not (name == _TYPE and shown == "0"):  # PADDING has a length
            unclear = each.get("unmaskedvalue") or name in TABLE["protected"]
            octets = "" if unclear else each.get("value", "")
            way.take(name, Said(octets, _number(shown)))
        elif name in TABLE["http3"]:
            way.http3[name, _number_in(each.get("value", ""))] += 1
        elif name == "tls.handshake":
            way.handshakes.append(list(fields_of(each)))


def _number_in(octets: str) -> int:
    """The number of variable length that is all of these octets."""
    return int(octets, 16) & (1 << (len(octets) * 4 - 2)) - 1


def _number(shown: str) -> int | None:
    try:
        return int(shown, 0)
    except ValueError:
        return None  # octets, or text


def ours(explanation: Explanation) -> Ways:
    """The same of a recording."""
    ways: Ways = {}
    for at, (number, connection) in enumerate(explanation.quic.items()):
        for direction in DIRECTIONS:
            ways[at, direction] = way = Way()
            for unit, pdu in _units(explanation, connection, number, direction):
                for name, each in _named(unit, pdu.fields(), _QUIC):
                    way.take(name, _said(name, pdu, each))
    for pdu in explanation.pdus:
        place = pdu.origin[0].channel
        if pdu.protocol.startswith("http3_") and place.startswith("quic:"):
            number = place.partition(":")[2].partition("/")[0]
            way = ways[list(explanation.quic).index(number), place.rpartition(".")[2]]
            _our_http3(pdu, explanation.quic[number], way)
    return ways


def _our_http3(pdu: Pdu, connection: Connection, way: Way) -> None:
    early = {each.event for each in connection.packets if each.kind == ZERO_RTT}
    if len(pdu.events) > 1 or early.intersection(pdu.events):
        way.only_here["split" if len(pdu.events) > 1 else "early"] += 1
        return
    for name, each in _named("http3", pdu.fields(), _HTTP3):
        assert isinstance(each.value, int)
        way.http3[name, each.value] += 1


def _units(
    explanation: Explanation, connection: Connection, number: str, direction: str
) -> Iterator[tuple[str, Pdu]]:
    """Packets without their protection, then the frames, by what the table calls them."""
    for packet in connection.packets:
        if packet.direction == direction:
            yield _kind(packet), packet.plain or packet.pdu
    for pdu in explanation.pdus:
        if pdu.origin[0].channel == f"quic:{number}.{direction}":
            yield pdu.protocol.removeprefix("quic_frame_"), pdu


def _kind(packet: Packet) -> str:
    kinds = {ONE_RTT: "short", RETRY: "retry"}
    return kinds.get(packet.kind, "packet")


def _named(unit: str, tree: Field, table: dict[str, str]) -> Iterator[tuple[str, Field]]:
    """The fields that the table has, by tshark's names."""
    for each in (one for one in tree.walk() if one.length):
        name = table.get(f"{unit}.{each.name}") or table.get(each.name)
        if name:
            yield name, each


def _said(name: str, pdu: Pdu, each: Field) -> Said:
    if name == _PADDING:
        return Said("", each.length // 8)
    whole = not each.start % 8 and not each.length % 8
    number = int(each.value) if isinstance(each.value, int) else None
    return Said(octets_of(pdu, each).hex() if whole else "", number)
