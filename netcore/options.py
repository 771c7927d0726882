"""Options: what the user asked for, and the limits that hold meanwhile. All of it is saved."""

from __future__ import annotations

import msgspec

HTTP_VERSIONS = ("auto", "1.0", "1.1", "2", "h2c-upgrade", "3")
"""What can be asked for. "auto": over TLS what the server chooses by ALPN, else 1.1; "2": the same
over TLS, else HTTP/2 from the first octet; "h2c-upgrade": 1.1 that asks to switch to HTTP/2;
"3": HTTP/3 over QUIC at once, without asking over TCP first."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds on time (seconds, from the start of the stage), size (octets) and count.

    The defaults are those of the web application. None lifts a bound.
    """

    dns_s: float | None = 5
    dns_try_s: float = 2  # one question to one resolver
    connect_s: float | None = 10  # over all addresses of one hop
    tls_s: float | None = 8
    quic_s: float | None = 5  # over all addresses of one hop, to the end of the handshake
    quic_idle_s: float = 10  # without one datagram
    quic_alternative_s: float = 0.3  # for QUIC that TCP can stand in for
    datagrams: int | None = 5_000  # from the server, over one connection of QUIC
    first_byte_s: float | None = 10
    headers_s: float | None = 10  # from the end of the request
    expect_s: float = 1  # for 100 Continue, before the content goes out without it
    silence_s: float = 2  # after which a conversation without a protocol is over
    stall_s: float | None = 10  # without one octet of a body
    body_s: float | None = 15
    slow_octets_per_s: int = 1024  # a body slower than this ...
    slow_window_s: float | None = 10  # ... over this long is given up
    total_s: float | None = 30
    hops: int = 10
    header_line_octets: int = 16_384
    header_octets: int = 65_536
    header_count: int = 256
    interim: int = 10
    chunks: int = 50_000
    chunk_line_octets: int = 256
    trailer_octets: int = 16_384
    control_frames: int = 100  # of HTTP/2 (one more for each 4 KiB of content), of WebSocket
    empty_frames: int = 100  # DATA in a row
    field_block_frames: int = 64  # HEADERS and the CONTINUATION behind it
    message_octets: int = 1_048_576  # of one message of WebSocket, inflated
    messages: int = 1_000  # that a server may send, and ...
    messages_octets: int = 2_097_152  # ... of all of them together
    quiet_s: float | None = 20  # without a message, before a WebSocket is closed
    websocket_s: float | None = 30  # from its opening to its closing
    closing_s: float = 2  # for the server's Close frame, and for the end behind it
    codings: int = 2
    body_read_octets: int | None = 5_242_880
    decoded_octets: int | None = 5_242_880
    kept_octets: int = 2_097_152  # of each channel
    trace_events: int = 10_000
    captured_packets: int = 2_000
    cname_links: int = 8
    dns_queries: int = 20


COMMAND_LINE_LIMITS = Limits(
    dns_s=30,
    connect_s=300,
    tls_s=300,
    quic_s=300,
    datagrams=None,
    first_byte_s=None,
    headers_s=None,
    stall_s=None,
    body_s=None,
    slow_window_s=None,
    total_s=None,
    body_read_octets=None,
    decoded_octets=1 << 30,
    kept_octets=16 << 20,
    trace_events=1_000_000,
    captured_packets=100_000,
    hops=50,
    quiet_s=2,
)
"""What holds on the command line: there the user can wait, and can press Ctrl-C."""


class Lab(msgspec.Struct, frozen=True):
    """The lab that runs beside us: endpoints that the guard lets through in every mode."""

    dns_server: str = ""  # "127.0.0.1:5353": asked for names under lab.test
    endpoints: tuple[str, ...] = ()  # "127.0.0.1:8443", the registered (address, port) pairs
    resolvers: tuple[tuple[str, str], ...] = ()  # its names that another server answers for
    name_servers: tuple[str, ...] = ()  # of a small hierarchy, that of its root first
    services: tuple[str, ...] = ()  # its names with an HTTPS record; no other one is asked for one


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What the user asked for. Names follow curl's where curl has one."""

    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    messages: tuple[str, ...] = ()  # what a WebSocket sends once it is open
    further_urls: tuple[str, ...] = ()  # fetched after the first, as it is; one may stand again
    follow_redirects: bool = False
    http: str = "auto"  # the version that is spoken: one of HTTP_VERSIONS
    tls_min: str = "1.2"  # the lowest version of TLS that is offered: "1.0" to "1.3"
    tls_max: str = "1.3"
    verify: bool = True
    cacert: str = ""  # a PEM file that replaces the system's trust anchors
    ciphers: str = ""  # OpenSSL's notation, for TLS 1.2 and below; "" for OpenSSL's default
    curves: str = ""  # the one group that is offered; "" for all of OpenSSL's
    alpn: tuple[str, ...] | None = None  # None: the version of HTTP that is spoken; () offers none
    sni: str | None = None  # the name in SNI; None: the URL's host; "" sends none
    cert: str = ""  # a PEM file: the client's certificate and those above it
    key: str = ""  # a PEM file: its private key; "" if that is in `cert`
    socket_options: tuple[tuple[str, str], ...] = ()  # set on sockets that lead to a target
    recv_size: int = 0  # octets that each recv() asks for; 0 for what suits the stream
    resume_session: bool = False  # fetch twice, the second time with the first one's session
    raw: bytes | None = None  # for tcp:// and udp://: exactly these octets are sent
    any_port: bool = False  # lifts the guard's rule on ports, for tcp:// and udp:// alone
    resolve: tuple[str, ...] = ()  # "HOST:PORT:ADDR", as curl has it
    dns_server: str = ""  # "ADDR", "tls://ADDR:PORT", ...; "" means the system's resolvers
    dns_name: str = ""  # whom the resolver's certificate has to be for; "" for its address
    family: str = ""  # "4" or "6": only such addresses are connected to; "" for both
    dns_trace: bool = False  # walk from the root instead of asking a resolver
    dns_roots: tuple[str, ...] = ()  # "ADDR" or "ADDR:PORT": root servers in place of IANA's
    allow_private: bool = False  # lifts the guard's rules on addresses and ports
    capture: bool = False  # a helper records the packets, where it may
    path: bool = False  # probe the way to the server, hop by hop
    self_hosts: tuple[str, ...] = ()  # our own names and addresses, never fetched
    lab: Lab = Lab()
    limits: Limits = Limits()
