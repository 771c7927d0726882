"""Rows of the stage dns that need no TCP: DNS-17 and DNS-19 are in dns_tcp.py."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

from netcore import Trace
from netcore.field import find_all
from netcore.pdus import explain
from netcore.trace import Called
from tests.faults.case import Case, Scene, chosen, options
from tests.faults.hostile import Answer, Datagram, HostileResolver, HostileServer, reply

ARRIVED: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
NAME: Final = "victim.example.com"
MARKUP: Final = b"<script>alert(1)</script>"
A: Final = 1
CNAME: Final = 5
SOA: Final = 6
AAAA: Final = 28
OPT: Final = 41
HTTPS: Final = 65
OWNER: Final = b"\xc0\x0c"  # a pointer to the name of the question


def record(kind: int, data: bytes, owner: bytes = OWNER) -> bytes:
    return owner + struct.pack("!HHIH", kind, 1, 60, len(data)) + data


LOCALHOST: Final = record(A, b"\x7f\x00\x00\x01")
DENIAL: Final = record(
    SOA, b"\x02ns\xc0\x0c\x05admin\xc0\x0c" + struct.pack("!IIIII", 1, 2, 3, 4, 5), OWNER
)


def question(query: bytes) -> bytes:
    """The question section as it was asked, whatever stands behind it."""
    at = 12
    while query[at]:
        at += query[at] + 1
    return query[12 : at + 5]


def kind_of(query: bytes) -> int:
    kind: int = struct.unpack_from("!H", question(query), len(question(query)) - 4)[0]
    return kind


def response(
    query: bytes,
    answers: Sequence[bytes] = (),
    *,
    rcode: int = 0,
    authority: Sequence[bytes] = (),
    additional: Sequence[bytes] = (),
    count: int | None = None,
) -> bytes:
    """A response with these records; `count` is an ANCOUNT that does not fit them."""
    counts = (1, len(answers) if count is None else count, len(authority), len(additional))
    header = query[:2] + struct.pack("!H4H", 0x8180 | rcode, *counts)
    return header + question(query) + b"".join((*answers, *authority, *additional))


def to_a(answer: Callable[[bytes], list[Datagram]]) -> Answer:
    """Answer an A query in this way, and any other with "no such record"."""

    def both(query: bytes) -> Sequence[Datagram]:
        if kind_of(query) == A:
            return answer(query)
        return [Datagram(response(query, authority=[DENIAL]))]

    return both


def good(query: bytes) -> bytes:
    return response(query, [LOCALHOST] if kind_of(query) == A else [])


def resolver_that_denies() -> HostileResolver:
    return HostileResolver(lambda q: [Datagram(response(q, rcode=3, authority=[DENIAL]))])


def case(row: str, title: str, answer: Answer, code: str, *, port: int = 0, **more: Any) -> Case:
    """A resolver, and a server that would answer if the name led to it, but for its `port`."""

    def scene(stack: contextlib.ExitStack) -> Scene:
        resolver = stack.enter_context(HostileResolver(answer))
        server = stack.enter_context(HostileServer(reply(ARRIVED)))
        wanted = options(server, dns_server=resolver.address)
        return Scene(f"http://{NAME}:{port or server.port}/", wanted, [server], resolver)

    stage = "" if code == "ok" else "dns"
    return Case(row, title, scene, code, stage, **more)


def silent(query: bytes) -> Sequence[Datagram]:
    return []


def each_query_is_there(scene: Scene, trace: Trace) -> None:
    """Two tries for each of A and AAAA, each sent and waited for, and one for HTTPS."""
    assert scene.resolver
    kinds = [kind_of(query) for query in scene.resolver.queries]
    assert sorted(kinds) == [A, A, AAAA, AAAA, HTTPS]
    sends = [e for e in trace.events if isinstance(e, Called) and e.channel.endswith(".sent")]
    assert sorted(e.data for e in sends) == sorted(scene.resolver.queries)


def ignored(scene: Scene, trace: Trace) -> None:
    """The wrong datagram is in the channel, and a decision says that it was ignored."""
    assert chosen(trace, "dns answer")
    shown(scene, trace)


def never_delivered(scene: Scene, trace: Trace) -> None:
    assert not [
        e for e in trace.events if isinstance(e, Called) and e.channel.endswith(".received")
    ]


def shown(scene: Scene, trace: Trace) -> None:
    """What the resolver sent as an answer about A is in the trace, also where it was useless."""
    assert scene.resolver
    received = [e.data for e in trace.events if isinstance(e, Called) and e.call == "recv"]
    about_a = [each for each in scene.resolver.delivered if len(each) < 12 or kind_of(each) == A]
    assert about_a
    assert set(about_a) <= set(received)


def nothing_was_connected(scene: Scene, trace: Trace) -> None:
    calls = [e for e in trace.events if isinstance(e, Called)]
    assert not [e for e in calls if e.socket.startswith("tcp:")]


def wrong_id(query: bytes) -> bytes:
    return bytes((query[0] ^ 0xFF,)) + response(query, [LOCALHOST])[1:]


def other_case(query: bytes) -> bytes:
    return good(query).replace(b"victim", b"vIcTiM")


def aaaa_lost(query: bytes) -> Sequence[Datagram]:
    return [Datagram(good(query))] if kind_of(query) == A else []


def label(text: str) -> bytes:
    return bytes((len(text),)) + text.encode()


def name(number: int) -> bytes:
    return label(f"n{number}") + label("example") + label("com") + b"\0"


def chain(length: int, *, inside: bool) -> Callable[[bytes], list[Datagram]]:
    """A chain of CNAMEs: all of it in one response, or one link a response."""

    def answer(query: bytes) -> list[Datagram]:
        if not inside:
            asked = question(query)[1:3]
            now = int(asked[1:2]) if asked[:1] == b"n" else 0
            return [Datagram(response(query, [record(CNAME, name(now + 1))]))]
        links = [record(CNAME, name(1))]
        links += [record(CNAME, name(n + 1), name(n)) for n in range(1, length)]
        links.append(record(A, b"\x7f\x00\x00\x01", name(length)))
        return [Datagram(response(query, links))]

    return answer


def to_any(answer: Callable[[bytes], list[Datagram]]) -> Answer:
    return answer


def ends_at_itself(query: bytes) -> list[Datagram]:
    return [Datagram(response(query, [record(CNAME, OWNER)]))]


def five_hundred(query: bytes) -> list[Datagram]:
    """Addresses that the guard lets through, as fits a datagram, and one that it does not."""
    public = [record(A, bytes((93, 184, n // 250 + 1, n % 250 + 1))) for n in range(200)]
    return [Datagram(response(query, [*public, record(A, b"\x0a\x00\x00\x05")]))]


def markup(query: bytes) -> list[Datagram]:
    """An extended error (RFC 8914) of 2,000 octets of markup, and an option of 600 octets."""
    text = MARKUP * 80
    data = struct.pack("!HHH", 15, len(text) + 2, 0) + text + struct.pack("!HH", 65001, 600)
    data += b"x" * 600
    opt = b"\0" + struct.pack("!HHIH", OPT, 1232, 0, len(data)) + data
    return [Datagram(response(query, [LOCALHOST], additional=[opt]))]


def read_out_to_1_kib(scene: Scene, trace: Trace) -> None:
    """The text of the error is read out up to 1 KiB; what is behind it stays octets."""
    shown(scene, trace)
    trees = [pdu.fields() for pdu in explain(trace.events).pdus if pdu.name == "dns_message"]
    texts = [field for tree in trees for field in find_all(tree, "extra_text")]
    rests = [field for tree in trees for field in find_all(tree, "extra_text_rest")]
    assert [str(field.value) for field in texts] == [(MARKUP * 80)[:1024].decode()]
    assert [(field.length // 8, field.value) for field in rests] == [(2000 - 1024, None)]


def large(size: int) -> Callable[[bytes], list[Datagram]]:
    """A response of exactly this many octets: TXT records behind the address."""

    def answer(query: bytes) -> list[Datagram]:
        octets = response(query, [LOCALHOST])
        texts = []
        while len(octets) + sum(map(len, texts)) < size:
            room = size - len(octets) - sum(map(len, texts)) - 13
            texts.append(record(16, bytes((min(room, 255),)) + b"t" * min(room, 255)))
        return [Datagram(response(query, [LOCALHOST], additional=texts))]

    return answer


def one(build: Callable[[bytes], bytes]) -> Callable[[bytes], list[Datagram]]:
    return lambda query: [Datagram(build(query))]


def malformed(row: str, title: str, build: Callable[[bytes], bytes]) -> Case:
    return case(row, title, to_a(one(build)), "dns.malformed", check=shown)


def long_name(query: bytes) -> bytes:
    """Labels of 63 octets, four before a pointer to the question's name."""
    owner = label("a" * 63) * 4 + OWNER
    return response(query, [record(A, b"\x7f\x00\x00\x01", owner)])


CASES = [
    case("DNS-01", "silence", silent, "dns.timeout", check=each_query_is_there),
    case(
        "DNS-03",
        "only a wrong id",
        to_a(one(wrong_id)),
        "dns.timeout",
        noted="dns answer",
        check=ignored,
    ),
    case(
        "DNS-03",
        "a wrong id, then the right one",
        to_a(lambda q: [Datagram(wrong_id(q)), Datagram(good(q))]),
        "ok",
        noted="dns answer",
        check=ignored,
    ),
    case(
        "DNS-05",
        "only from another port",
        lambda q: [Datagram(good(q), from_elsewhere=True)],
        "dns.timeout",
        check=never_delivered,
    ),
    case(
        "DNS-05",
        "from another port, then from the right one",
        to_a(lambda q: [Datagram(wrong_id(q), from_elsewhere=True), Datagram(good(q))]),
        "ok",
    ),
    case("DNS-07", "another case of the name", to_a(one(other_case)), "ok", noted="dns answer"),
    case(
        "DNS-09",
        "five octets",
        to_a(lambda q: [Datagram(q[:2] + b"\x81\x80\x00")]),
        "dns.timeout",
        noted="dns answer",
        check=ignored,
    ),
    malformed(
        "DNS-11",
        "a pointer past the end",
        lambda q: response(q, [record(A, b"\x7f\0\0\1", b"\xff\xff")]),
    ),
    malformed(
        "DNS-11",
        "a pointer forward",
        lambda q: response(q, [record(A, b"\x7f\0\0\1", b"\xc0\x50"), LOCALHOST, LOCALHOST]),
    ),
    malformed(
        "DNS-11",
        "a pointer to itself",
        lambda q: response(
            q, [record(A, b"\x7f\0\0\1", struct.pack("!H", 0xC000 | 12 + len(question(q))))]
        ),
    ),
    malformed(
        "DNS-13", "65,535 records, 3 there", lambda q: response(q, [LOCALHOST] * 3, count=65535)
    ),
    malformed("DNS-13", "data cut short", lambda q: response(q, [LOCALHOST])[:-2]),
    case(
        "DNS-13",
        "cut short, then whole",
        to_a(lambda q: [Datagram(response(q, [LOCALHOST])[:-2]), Datagram(good(q))]),
        "ok",
        noted="dns answer",
        check=shown,
    ),
    malformed("DNS-15", "a name of more than 255 octets", long_name),
    case(
        "DNS-21",
        "NXDOMAIN with SOA",
        lambda q: [Datagram(response(q, rcode=3, authority=[DENIAL]))],
        "dns.nxdomain",
        check=nothing_was_connected,
    ),
    case(
        "DNS-21",
        "neither A nor AAAA",
        lambda q: [Datagram(response(q, authority=[DENIAL]))],
        "dns.nodata",
        check=nothing_was_connected,
    ),
    case(
        "DNS-21",
        "SERVFAIL",
        lambda q: [Datagram(response(q, rcode=2))],
        "dns.rcode",
        check=nothing_was_connected,
    ),
    case("DNS-23", "AAAA times out", aaaa_lost, "ok"),
    case(
        "DNS-25",
        "50 links in one response",
        to_a(chain(50, inside=True)),
        "dns.chain_too_long",
    ),
    case("DNS-25", "7 links in one response", to_a(chain(7, inside=True)), "ok"),
    case(
        "DNS-25",
        "links without end, one a response",
        to_any(chain(50, inside=False)),
        "dns.chain_too_long",
    ),
    case("DNS-25", "a link to itself", to_a(ends_at_itself), "dns.cname_loop"),
    case(
        "DNS-27",
        "one private address among 200",
        to_a(five_hundred),
        "guard.blocked_address",
        port=80,
        check=nothing_was_connected,
    ),
    case("DNS-29", "an error with markup", to_a(markup), "ok", check=read_out_to_1_kib),
    case("DNS-31", "4,096 octets though 1,232 were offered", to_a(large(4096)), "ok", check=shown),
    case("DNS-31", "5,000 octets", to_a(large(5000)), "ok", check=shown),
    case("DNS-31", "the most that a datagram holds", to_a(large(65_507)), "ok", check=shown),
]
