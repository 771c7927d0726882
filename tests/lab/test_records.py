"""Flights that are cut anew."""

from itertools import accumulate, islice

import pytest

from lab.records import (
    alert_behind_certificate,
    fibonacci,
    in_growing_pieces,
    in_odd_pieces,
    in_one_record,
    refusal_to_begin_again,
    weak_and_over,
    with_another_cipher,
    with_broken_certificate,
)

HELLO = b"\x02\0\0\x20" + bytes(range(0x20))
CERTIFICATE = b"\x0b\0\x02\0" + bytes(512)
DONE = b"\x0e\0\0\0"


def record(fragment: bytes, kind: int = 22) -> bytes:
    return bytes((kind, 3, 3)) + len(fragment).to_bytes(2, "big") + fragment


FLIGHT = record(HELLO) + record(CERTIFICATE) + record(DONE)


def fragments(octets: bytes) -> list[bytes]:
    found = []
    while octets:
        length = int.from_bytes(octets[3:5], "big")
        assert octets[:3] == b"\x16\3\3"
        found.append(octets[5 : 5 + length])
        octets = octets[5 + length :]
    return found


def test_one_record_takes_all_messages() -> None:
    assert in_one_record(FLIGHT) == [record(HELLO + CERTIFICATE + DONE)]


def test_odd_pieces_are_records_that_grow_and_segments_that_end_inside_their_headers() -> None:
    segments = in_odd_pieces(FLIGHT)
    octets = b"".join(segments)
    found = fragments(octets)
    assert b"".join(found) == HELLO + CERTIFICATE + DONE
    assert [len(each) for each in found][:8] == [1, 2, 3, 5, 8, 13, 21, 34]
    assert all(segments)
    assert len(segments[0]) == 3
    starts = {0, *accumulate(5 + len(each) for each in found)}
    inside = [end for end in accumulate(map(len, segments)) if end not in starts]
    assert len(inside) == len(segments) - 1


@pytest.mark.parametrize("length", range(12))
def test_growing_pieces_lose_nothing(length: int) -> None:
    octets = bytes(range(length))
    pieces = in_growing_pieces(octets)
    assert b"".join(pieces) == octets
    assert all(pieces)


def test_the_numbers_are_fibonaccis() -> None:
    assert list(islice(fibonacci(), 7)) == [1, 2, 3, 5, 8, 13, 21]


def test_an_alert_takes_the_place_of_what_follows_the_certificate() -> None:
    kept, alert = alert_behind_certificate(FLIGHT)
    assert kept == record(HELLO) + record(CERTIFICATE)
    assert alert == record(b"\x02\x50", kind=21)


def test_one_octet_of_the_certificate_is_another() -> None:
    (octets,) = with_broken_certificate(FLIGHT)
    differ = [at for at, pair in enumerate(zip(octets, FLIGHT, strict=True)) if pair[0] != pair[1]]
    assert differ == [len(record(HELLO)) + 5 + 23]


def test_the_cipher_suite_of_the_hello_is_another() -> None:
    hello = b"\x02\0\0\x2a" + bytes(34) + b"\x02id" + b"\xc0\x2b\0" + bytes(2)
    (octets,) = with_another_cipher(record(hello) + record(DONE))
    assert octets == record(hello.replace(b"\xc0\x2b", b"\0\x05")) + record(DONE)


def test_alerts_stand_behind_the_hello_or_in_its_place() -> None:
    assert weak_and_over(FLIGHT) == [record(b"\x02\x47", 21)]
    assert refusal_to_begin_again(FLIGHT) == [record(HELLO), record(b"\x01\x64", 21)]
