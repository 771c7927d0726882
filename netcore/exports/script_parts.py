"""What a stand-alone script is put together from: each part only where a trace needs it.

These are lines of the script, not of this program. Only our own words are in them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

READ_HEAD: Final = """
def read_head(answer):  # RFC 9112 §2.1: lines, up to an empty one
    lines = []
    while (line := answer.readline(65536)) not in (b"\\r\\n", b"\\n", b""):
        lines.append(line)
        if len(lines) > 256:
            sys.exit("The head of the answer does not end.")
    if not lines:
        sys.exit("The server closed the connection and answered nothing.")
    sys.stderr.buffer.write(b"".join(lines) + b"\\r\\n")
    return lines
"""
FIELD: Final = """
def field(head, name):  # RFC 9110 §5.1: upper or lower case, a name is the same
    for line in head[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name:
            return value.strip()
    sys.exit(f"This time the answer has no {name.decode()}.")
"""
READ_LENGTH: Final = """
def read_length(answer, head):  # RFC 9112 §6.2: the head says how many octets follow
    length = int(field(head, b"content-length"))
    body = answer.read(length)  # one recv() may bring less: this goes on until all are there
    if len(body) < length:
        print(f"Only {len(body)} of {length} octets came.", file=sys.stderr)
    return body
"""
READ_CHUNKS: Final = """
def read_chunks(answer):  # RFC 9112 §7.1: each chunk says its own size, in hexadecimal
    body = b""
    while True:
        line = answer.readline(65536)
        try:
            size = int(line.split(b";")[0], 16)
        except ValueError:
            sys.exit(f"This is not the size of a chunk: {line!r}")
        if size == 0:
            break
        body += answer.read(size)
        answer.readline()  # the line end behind the data
    while answer.readline(65536) not in (b"\\r\\n", b"\\n", b""):
        pass  # fields behind the last chunk: the trailer section
    return body
"""
HTTP2: Final = """
class Http2:  # RFC 9113: the streams of one connection, cut into frames
    def __init__(self, conn, answer):
        self.conn, self.answer = conn, answer
        self.ended, self.bodies, self.frames, self.octets = set(), {{}}, 0, 0
{state}
    def read_frame(self):  # §4.1: nine octets say how long it is, what it is, and whose
        head = self.answer.read(9)
        if len(head) < 9:
            sys.exit("The server closed the connection.")
        length, kind, flags = int.from_bytes(head[:3], "big"), head[3], head[4]
        stream = int.from_bytes(head[5:], "big") & 0x7FFFFFFF
        payload = self.answer.read(length)
        self.frames += 1
        if kind == 4 and not flags & 1:  # §6.5: SETTINGS, to be acknowledged
{settings}            self.conn.sendall(bytes.fromhex("000000 04 01 00000000"))
        elif kind == 0:  # §6.1: DATA
{padding}            self.bodies[stream] = self.bodies.get(stream, b"") + payload
            self.octets += len(payload)
        elif kind == 3:  # §6.4: RST_STREAM
            print(f"RST_STREAM: error {{payload.hex()}}", file=sys.stderr)
            self.ended.add(stream)
{more}        if kind in (0, 1) and flags & 1:  # END_STREAM: the answer is over
            self.ended.add(stream)

    def read_until(self, done):
        while not done():
            self.read_frame()
{methods}"""
SETTINGS: Final = """            for at in range(0, length, 6):
                if payload[at : at + 2] == b"\\0\\4":  # SETTINGS_INITIAL_WINDOW_SIZE
                    self.initial = int.from_bytes(payload[at + 2 : at + 6], "big")
"""
PADDING: Final = """            if flags & 8:  # PADDED: the first octet says by how many
                payload = payload[1 : len(payload) - payload[0]]
"""
PINGED: Final = """        elif kind == 6 and not flags & 1:  # §6.7: PING, to be sent back
            self.conn.sendall(bytes.fromhex("000008 06 01 00000000") + payload)
"""
TOLD: Final = """        elif kind == 1:  # §6.2: HEADERS, here those of 100 (Continue)
            self.told.add(stream)
"""
WINDOWS: Final = """        elif kind == 8:  # §6.9: WINDOW_UPDATE
            more = int.from_bytes(payload, "big") & 0x7FFFFFFF
            self.windows[stream] = self.windows.get(stream, 0) + more
"""
SEND_DATA: Final = """
    def send_data(self, stream, octets, frame):  # §5.2: no more than both windows allow
        self.read_until(
            lambda: min(self.windows[0], self.initial + self.windows.get(stream, 0)) >= octets
        )
        self.windows[0] -= octets
        self.windows[stream] = self.windows.get(stream, 0) - octets
        self.conn.sendall(frame)
"""
DECODE: Final[Mapping[str, str]] = {
    "gzip": "body = zlib.decompress(body, wbits=31)  # gzip, RFC 1952\n",
    "deflate": (
        "# deflate, RFC 9110 §8.4.1.2: in the format of zlib, but some servers leave that out\n"
        'body = zlib.decompress(body, wbits=15 if body[:1] == b"\\x78" else -15)\n'
    ),
}
"""Content coding -> the line that undoes it."""
CLOSE: Final = """
def close(conn, answer):
    answer.close()
{goodbye}    conn.close()
"""
CLOSE_TLS: Final = """    conn.settimeout(1)
    try:
        conn.unwrap().close()  # RFC 8446 §6.1: close_notify, so that nobody can forge the end
    except OSError:
        pass  # the server did not wait for it
"""
CHECK_NAME: Final = """
def check_name(conn, host):  # Python compares the certificate to SNI alone, which is another name
    names = [value for _, value in conn.getpeercert()["subjectAltName"]]
    if host not in names and "*." + host.partition(".")[2] not in names:
        sys.exit(f"The certificate is for {names}, not for {host}.")
"""
