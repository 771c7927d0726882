"""What tshark reads in a capture file: faults, remarks on TCP, the HTTP inside, its bodies."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.peers.process import program

READ_S: Final = 30
ERROR: Final = 0x0080_0000
WARNING: Final = 0x0060_0000
COMMENT: Final = 0x0010_0000
LINE: Final = "\x1e"
REQUEST: Final = ("http.request.method", "http.request.full_uri", "http.request.line")
RESPONSE: Final = ("http.response.code", "http.response.version", "http.response.line")
STREAM: Final = ("http2.header.name", "http2.header.value")
METHOD: Final = "http2.headers.method"
STATUS: Final = "http2.headers.status"
TYPE: Final = "http2.type"
PUSH_PROMISE: Final = "5"
DNS: Final = ("dns.id", "dns.flags", "dns.qry.name", "dns.a", "dns.cname")
END: Final = ("tcp.flags.syn", "tcp.flags.fin", "tcp.flags.reset")
QUIC: Final = ("quic.decryption_failed", "http3.frame_type")
ADDRESS: Final = ("ip.src", "tcp.srcport", "ip.dst", "tcp.dstport")
FIELDS: Final = (
    *("frame.time_epoch", "_ws.malformed", "_ws.expert.severity", "_ws.expert.message"),
    *("tcp.analysis.flags", "tls.handshake.type", *ADDRESS, *END, *REQUEST, *RESPONSE, *DNS),
    *(*STREAM, METHOD, STATUS, TYPE),
    *QUIC,
)
# A port of the OS can be one that some protocol has registered: what is inside decides then.
PREFERENCES: Final = ("tcp.try_heuristic_first:TRUE", "tls.keylog_file:")
# Two cores can put the packets of a loopback capture in another order than they were sent in.
IN_ANY_ORDER: Final = ("tcp.reassemble_out_of_order:TRUE",)
CHECKSUMS: Final = ("ip.check_checksum:TRUE", "tcp.check_checksum:TRUE", "udp.check_checksum:TRUE")


@dataclass
class Reading:
    """What one run of tshark said."""

    packets: int = 0
    errors: list[str] = field(default_factory=list)  # malformed packets, wrong checksums
    warnings: set[str] = field(default_factory=set)
    analysis: set[str] = field(default_factory=set)  # what tcp.analysis.flags stands for
    requests: list[tuple[str, ...]] = field(default_factory=list)
    responses: list[tuple[str, ...]] = field(default_factory=list)
    dns: list[tuple[str, ...]] = field(default_factory=list)
    handshakes: list[str] = field(default_factory=list)  # types of TLS messages, also encrypted
    bodies: list[str] = field(default_factory=list)  # SHA-256 of each, sorted
    ends: set[tuple[str, str]] = field(default_factory=set)  # who sent SYN, FIN or RST
    sealed: list[str] = field(default_factory=list)  # why packets of QUIC were not opened
    frames: list[str] = field(default_factory=list)  # types of frames of HTTP/3
    times: dict[tuple[str, str], float] = field(default_factory=dict)  # the first of those


def read(
    file: Path, directory: Path, *, captured: bool, key_log: str = "", options: Sequence[str] = ()
) -> Reading:
    """Run tshark on a file.

    In: `key_log`, lines that are not in the file, for a capture. Its checksums are not looked at:
    on the loopback device nobody computes them.
    """
    tshark = program("tshark", "tshark")
    objects = directory / f"{file.name}.objects"
    objects.mkdir()
    command = [tshark, "-n", "-r", str(file), "--export-objects", f"http,{objects}"]
    for each in (*PREFERENCES, *(IN_ANY_ORDER if captured else CHECKSUMS)):
        command += ["-o", each]
    if key_log:
        secrets = directory / f"{file.name}.keys"
        secrets.write_text(key_log)
        command += ["-o", f"tls.keylog_file:{secrets}"]
    command += ["-T", "fields", "-E", "separator=/t", "-E", "occurrence=a"]
    command += ["-E", f"aggregator={LINE}", *options]
    for each in FIELDS:
        command += ["-e", each]
    # The settings of whoever runs the tests stay out of it.
    calm = os.environ | {"WIRESHARK_CONFIG_DIR": str(directory)}
    done = subprocess.run(command, capture_output=True, check=True, timeout=READ_S, env=calm)
    reading = Reading()
    for line in done.stdout.decode().split("\n")[:-1]:
        _take(reading, dict(zip(FIELDS, line.split("\t"), strict=True)))
    reading.bodies = sorted(
        hashlib.sha256(each.read_bytes()).hexdigest() for each in objects.iterdir()
    )
    return reading


def _take(reading: Reading, row: dict[str, str]) -> None:
    reading.packets += 1
    severities = [int(each) for each in row["_ws.expert.severity"].split(LINE) if each]
    # A message may be missing where a severity is not; then what there is goes with the highest.
    said = row["_ws.expert.message"].split(LINE)
    highest = max(severities, default=0)
    if row["_ws.malformed"] or highest >= ERROR:
        reading.errors.append(f"packet {reading.packets}: {' '.join(said)}")
    remarks = {text for level, text in zip(severities, said, strict=False) if level > COMMENT}
    reading.warnings |= {
        text for level, text in zip(severities, said, strict=False) if level >= WARNING
    }
    if row["tcp.analysis.flags"]:
        reading.analysis |= remarks
    reading.handshakes += filter(None, row["tls.handshake.type"].split(LINE))
    if row["http.request.method"]:
        reading.requests.append(tuple(row[each] for each in REQUEST))
    if row["http.response.code"]:
        reading.responses.append(tuple(row[each] for each in RESPONSE))
    if row[METHOD] and PUSH_PROMISE not in row[TYPE].split(LINE):
        reading.requests.append(tuple(row[each] for each in STREAM))
    if row[STATUS]:
        reading.responses.append(tuple(row[each] for each in STREAM))
    reading.sealed += filter(None, row[QUIC[0]].split(LINE))
    reading.frames += filter(None, row[QUIC[1]].split(LINE))
    if row["dns.id"]:
        reading.dns.append(tuple(row[each] for each in DNS))
    way = " ".join(row[each] for each in ADDRESS)
    for name in END:
        if row[name] == "1":
            reading.ends.add((name, way))
            reading.times.setdefault((name, way), float(row["frame.time_epoch"]))
