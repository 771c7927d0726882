"""Where on Earth a machine stands: LOC records (RFC 1876).

An angle is counted in thousandths of a second of arc from 2^31, which is the equator or the prime
meridian; a height in centimetres from 100,000 m below the WGS 84 spheroid; a length as one digit
and a power of ten, in centimetres.
"""

from __future__ import annotations

from netcore.dissect.dns_names import Names
from netcore.dissect.dns_records import Rdata
from netcore.reader import Reader

_MIDDLE = 1 << 31
_SEA_LEVEL_CM = 10_000_000
_SECOND = 1_000
_MINUTE = 60 * _SECOND
_DEGREE = 60 * _MINUTE


def read_loc(r: Reader, _: Names) -> None:
    """RFC 1876 §2."""
    if r.uint("loc_version", 8):
        r.malformed("dns.malformed: RFC 1876 defines version 0 and no other")
    for name in ("size", "horizontal_precision", "vertical_precision"):
        read_length(r, name)
    _read_angle(r, "latitude", "NS", 90)
    _read_angle(r, "longitude", "EW", 180)
    height_cm = int.from_bytes(r.peek(4), "big") - _SEA_LEVEL_CM
    r.uint("altitude", 32, label=_metres(height_cm))


def read_length(r: Reader, name: str) -> None:
    """RFC 1876 §2, SIZE. Digits beyond 9, and none at all with a power of ten, are undefined."""
    with r.group(name) as group:
        base = r.uint("digit", 4)
        power = r.uint("power_of_ten", 4)
        if base > 9 or power > 9 or (power and not base):
            r.blame(f"dns.malformed: {base} × 10^{power} centimetres is not defined")
            return
        group.label = _metres(base * 10**power)


def _read_angle(r: Reader, name: str, sides: str, most: int) -> None:
    angle = int.from_bytes(r.peek(4), "big") - _MIDDLE
    degrees, rest = divmod(abs(angle), _DEGREE)
    minutes, rest = divmod(rest, _MINUTE)
    side = sides[angle < 0]
    label = f"{degrees}° {minutes}′ {rest // _SECOND}.{rest % _SECOND:03}″ {side}"
    r.uint(name, 32, label=label)
    if abs(angle) > most * _DEGREE:
        r.blame(f"dns.malformed: {name} ends at {most}°")


def _metres(length_cm: int) -> str:
    """ "30 m", "0.25 m", "-24 m"."""
    whole, rest = divmod(abs(length_cm), 100)
    sign = "-" if length_cm < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:02}" if rest else "") + " m"


RDATA: dict[int, Rdata] = {
    29: ("RFC 1876 §2", read_loc),
}
