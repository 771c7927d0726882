from netcore.channels import Piece, Span, collect, derive
from netcore.trace import Called, StageStarted


def recv(offset: int, data: bytes, length: int | None = None) -> Called:
    return Called(
        1,
        "tcp:1",
        "recv",
        channel="tcp:1.received",
        offset=offset,
        length=len(data) if length is None else length,
        data=data,
    )


def test_a_channel_joins_the_octets_of_its_calls() -> None:
    channels = collect([StageStarted(0, "response"), recv(0, b"ab"), recv(2, b"cde")])
    channel = channels["tcp:1.received"]
    assert channel.octets == b"abcde"
    assert channel.stage == "response"
    assert channel.socket == "tcp:1"
    assert channel.pieces == [Piece(0, 2, 2), Piece(2, 5, 3)]


def test_octets_after_the_cap_are_counted() -> None:
    channel = collect([recv(0, b"ab", length=5), recv(5, b"", length=7)])["tcp:1.received"]
    assert channel.octets == b"ab"
    assert channel.length == 12
    assert channel.missing == 10


def test_the_calls_under_a_range_are_found() -> None:
    channel = collect([recv(0, b"ab"), recv(2, b"cd"), recv(4, b"ef")])["tcp:1.received"]
    assert channel.events(0, 2) == (1,)
    assert channel.events(1, 3) == (1, 2)
    assert channel.events(2, 6) == (2, 3)
    assert channel.events(6, 9) == ()


def test_a_derived_channel_knows_where_each_octet_comes_from() -> None:
    channel = derive("http1:1/1.received", [(Span("a", 3, 5), b"xy"), (Span("a", 9, 10), b"z")])
    assert channel.octets == b"xyz"
    assert [piece.below for piece in channel.pieces] == [Span("a", 3, 5), Span("a", 9, 10)]
    assert [(piece.start, piece.end) for piece in channel.pieces] == [(0, 2), (2, 3)]


def test_what_was_decrypted_comes_from_its_ranges_as_a_whole() -> None:
    pieces = [(Span("a", 3, 30), b"xy"), (Span("a", 30, 50), b"z")]
    channel = derive("tls:1.received", pieces, whole=True)
    assert [piece.under(1, 3) for piece in channel.cover(1, 3)] == [pieces[0][0], pieces[1][0]]
    assert channel.direction == "received"
    assert channel.number == "1"


def test_what_was_cut_out_comes_from_its_own_octets() -> None:
    channel = derive("http1:1/1.received", [(Span("a", 3, 5), b"xy"), (Span("a", 9, 12), b"zzz")])
    under = [piece.under(1, 4) for piece in channel.cover(1, 4)]
    assert under == [Span("a", 4, 5), Span("a", 9, 11)]
