"""TLS-09: a server that sends session tickets without end, behind the beginning of an answer.

OpenSSL sends the tickets that it was told to at the end of its handshake and no others, so these
are sealed here, with the secret that the server's own key log has (RFC 8446 §5.2, §7.3).
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from lab import Authority
from lab.by_hand import ByHand
from netcore import Trace
from netcore.decrypt.keys import hkdf_expand_label
from netcore.pdus import explain
from netcore.trace import Failed
from tests.faults.case import Case, Scene, octets_of
from tests.faults.certificates import HOST
from tests.faults.hostile import Converse
from tests.faults.rows.tls import scene_of

BEGINNING: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nas far as it came"
TICKET: Final = bytes(200)
SUITE: Final = ("TLS_AES_256_GCM_SHA384", "sha384", 32)
RECORDS: Final = 32
OCTETS: Final = 65_536
READ: Final = 262_144  # what one read takes at most, and so what may come beyond the cap


def new_session_ticket() -> bytes:
    """RFC 8446 §4.6.1, without a nonce and without extensions."""
    body = struct.pack("!IIB", 7200, 0, 0) + struct.pack("!H", len(TICKET)) + TICKET + b"\0\0"
    return b"\x04" + len(body).to_bytes(3, "big") + body


class Sealer:
    """Records of handshake messages under the server's application traffic keys."""

    def __init__(self, key_log: Path, sent: int) -> None:
        """`sent` counts the records that went out under these keys before."""
        lines = (line.split() for line in key_log.read_text("ascii").splitlines())
        (secret,) = (
            bytes.fromhex(line[2]) for line in lines if line[0] == "SERVER_TRAFFIC_SECRET_0"
        )
        _, digest, key_octets = SUITE
        self._aead = AESGCM(hkdf_expand_label(secret, "key", key_octets, digest))
        self._iv = int.from_bytes(hkdf_expand_label(secret, "iv", 12, digest), "big")
        self._sequence = sent

    def seal(self, messages: bytes) -> bytes:
        """One record."""
        header = b"\x17\x03\x03" + (len(messages) + 17).to_bytes(2, "big")
        nonce = (self._iv ^ self._sequence).to_bytes(12, "big")
        self._sequence += 1
        return header + self._aead.encrypt(nonce, messages + b"\x16", header)


def endless_tickets(in_a_record: int, beginning: bytes) -> Callable[[Authority], Converse]:
    """So many tickets in each record, behind the beginning of an answer if there is one."""

    def converse(authority: Authority) -> Converse:
        context = authority.server_context(authority.identity(HOST), minimum=ssl.TLSVersion.TLSv1_3)
        context.num_tickets = 0
        key_log = authority.write(b"")
        context.keylog_filename = str(key_log)
        return lambda connection: flood(connection, context, key_log)

    def flood(connection: socket.socket, context: ssl.SSLContext, key_log: Path) -> None:
        tls = ByHand(connection, context, lambda flight: [flight])
        tls.do_handshake()
        tls.recv(65_536)
        if beginning:
            tls.sendall(beginning)
        sealer = Sealer(key_log, sent=1 if beginning else 0)
        context.keylog_filename = None  # type: ignore[assignment]  # closes the file
        while True:
            connection.sendall(sealer.seal(new_session_ticket() * in_a_record))

    return converse


def was_stopped_at_the_cap(scene: Scene, trace: Trace) -> None:
    """The message says how much was taken: more than the cap allows, and one read more at most."""
    end = trace.events[-1]
    assert isinstance(end, Failed)
    told = re.search(r"sent ([\d,]+) records \(([\d,]+) octets\) without one octet", end.message)
    assert told
    records, octets = (int(number.replace(",", "")) for number in told.groups())
    assert records > RECORDS or octets > OCTETS
    assert octets <= OCTETS + READ
    assert scene.servers[0].sent[0].startswith(octets_of(trace, "tcp:1.received"))


def keeps_the_beginning(scene: Scene, trace: Trace) -> None:
    """What came of the answer can be read, and so can the tickets."""
    was_stopped_at_the_cap(scene, trace)
    pdus = explain(trace.events).pdus
    assert [pdu.octets for pdu in pdus if pdu.name == "message_body"] == [b"as far as it came"]
    assert any(new_session_ticket() in pdu.octets for pdu in pdus)


def case(title: str, in_a_record: int, beginning: bytes, stage: str) -> Case:
    check = keeps_the_beginning if beginning else was_stopped_at_the_cap
    scene = scene_of(endless_tickets(in_a_record, beginning))
    return Case("TLS-09", title, scene, "tls.flood", stage, check=check)


CASES: Final = [
    case("a ticket a record, behind half an answer", 1, BEGINNING, "response"),
    case("70 tickets a record, behind half an answer", 70, BEGINNING, "response"),
    case("a ticket a record, in place of an answer", 1, b"", "waiting"),
]
