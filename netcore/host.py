"""The host of a URL: a name of A-labels, a canonical IPv4 address or an IPv6 address in brackets.

An address has one spelling here. The C library reads more (`0x7f.1`, `017700000001`, `127.1`) and
Unicode's mapping makes digits and dots of other characters; a host that comes to an address in
such a way is refused, with the canonical spelling in the sentence. So the last label of a name is
letters only, or an A-label: then nothing can read the name as a number.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Final, NoReturn

import ada_url

from netcore.errors import Refused

MAX_NAME_OCTETS: Final = 253  # RFC 1035 §2.3.4, without the root label
MAX_LABEL_OCTETS: Final = 63

_CANONICAL_QUAD = re.compile(r"(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){3}")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9_.-]")
_A_LABEL = re.compile(r"xn--[a-z0-9-]*[a-z0-9]")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LETTERS = re.compile(r"[a-z]+")


def read_host(written: str) -> tuple[str, str]:
    """Read the host as it stands in a URL, brackets included.

    Out: the host (A-labels in lower case, or the address without brackets), and that again if it
    is an address, else "".
    Raises: Refused guard.bad_host.
    """
    if written.startswith("["):
        address = _ipv6(written[1:-1])
        return address, address
    if not written:
        _refuse("The host is empty: nothing stands before the port.")
    if _is_quad(written):
        return written, written
    name = _mapped(written)
    _refuse_number(written, name)
    _check_name(name)
    return name, ""


def _ipv6(written: str) -> str:
    if "%" in written:
        _refuse(
            f"{shown(f'[{written}]')} has a zone after the %; a zone means something on one "
            "machine only."
        )
    try:
        address = ipaddress.IPv6Address(written)
    except ValueError as error:
        raise Refused(
            "guard.bad_host",
            f"{shown(f'[{written}]')} is no IPv6 address in brackets (RFC 4291 §2.2).",
        ) from error
    # WHATWG's spelling: Python writes the end of some addresses in dotted decimals.
    return ada_url.URL(f"http://[{address.exploded}]/").hostname[1:-1]


def _is_quad(written: str) -> bool:
    if not _CANONICAL_QUAD.fullmatch(written):
        return False
    return all(int(octet) <= 255 for octet in written.split("."))


def _mapped(written: str) -> str:
    """The name in lower case, its Unicode labels mapped once to A-labels (UTS #46)."""
    if "%" in written:
        position = written.index("%") + 1
        _refuse(
            f"There is a % in the host, at its character {position}; a host is written without "
            "percent-encoding."
        )
    if written.isascii():
        return written.lower()
    for position, character in enumerate(written, start=1):
        if not character.isascii() and _stands_for_a_digit(character):
            _refuse(
                f"Character {position} of the host, {shown(character)}, stands for a digit; "
                "digits are written 0 to 9 there."
            )
    mapped = _by_ada(written)
    if mapped is None:
        _refuse(f"{shown(written)} has no form that DNS could be asked for (UTS #46).")
    return mapped


def _stands_for_a_digit(character: str) -> bool:
    if unicodedata.digit(character, None) is not None:
        return True
    return any("0" <= each <= "9" for each in unicodedata.normalize("NFKC", character))


def _by_ada(written: str) -> str | None:
    """The host as ada-url reads it, None where it refuses."""
    try:
        return ada_url.URL(f"http://{written}/").hostname
    except ValueError:
        return None


def _refuse_number(written: str, name: str) -> None:
    """Refuse what the C library, WHATWG or a person could take for an IPv4 address."""
    read = _by_ada(written)
    if read and _is_quad(read):
        _refuse(f"{shown(written)} is another spelling of an IPv4 address; write {read}.")
    if _NUMBER.fullmatch(last_label(name)):
        _refuse(
            f"{shown(name)} ends in a number and is no IPv4 address: that is four numbers from 0 "
            "to 255 with dots between them."
        )


def last_label(name: str) -> str:
    """The last label of a name, its trailing dot put aside: "com"."""
    return name.removesuffix(".").rpartition(".")[2]


def _check_name(name: str) -> None:
    found = _NOT_IN_A_NAME.search(name)
    if found:
        _refuse(
            f"There is {shown(found[0])} in the host {shown(name)}, at its character "
            f"{found.start() + 1}; names are letters, digits, hyphens, underscores and dots."
        )
    bare = name.removesuffix(".")
    if len(bare) > MAX_NAME_OCTETS:
        _refuse(f"The name has {len(bare)} octets; names in DNS have {MAX_NAME_OCTETS} at most.")
    labels = bare.split(".")
    for number, label in enumerate(labels, start=1):
        _check_label(number, label)
    last = labels[-1]
    if not _LETTERS.fullmatch(last) and not _A_LABEL.fullmatch(last):
        _refuse(f"The name ends in {last}; the last part of a name is letters only.")


def _check_label(number: int, label: str) -> None:
    if not label:
        _refuse(f"Part {number} of the name is empty: two dots touch, or one stands in front.")
    if len(label) > MAX_LABEL_OCTETS:
        _refuse(
            f"Part {number} of the name has {len(label)} octets; a label in DNS has "
            f"{MAX_LABEL_OCTETS} at most."
        )
    if label.startswith("-") or label.endswith("-"):
        end = "begins" if label.startswith("-") else "ends"
        _refuse(f"Part {number} of the name, {label}, {end} with a hyphen (RFC 1123 §2.1).")
    if label.startswith("xn--"):
        _check_a_label(number, label)


def _check_a_label(number: int, label: str) -> None:
    """The label that Punycode gives must be the one that is encoded so, and fit DNS in UTF-8 as
    well: software that sends it unencoded (RFC 6762 §16) has the same 63 octets for it."""
    try:
        decoded = label.removeprefix("xn--").encode("ascii").decode("punycode")
        octets = len(decoded.encode())
    except UnicodeError:
        decoded = ""
    if not decoded or decoded.isascii() or _by_ada(decoded) != label:
        _refuse(f"Part {number} of the name, {label}, is no valid A-label (RFC 5891 §4.2).")
    if decoded.startswith("-") or decoded.endswith("-"):
        _refuse(
            f"Part {number} of the name, {shown(decoded)}, begins or ends with a hyphen "
            "(RFC 5891 §4.2.3.1)."
        )
    if octets > MAX_LABEL_OCTETS:
        _refuse(
            f"Part {number} of the name has {octets} octets as UTF-8; a label in DNS has "
            f"{MAX_LABEL_OCTETS} at most."
        )


def _refuse(message: str) -> NoReturn:
    raise Refused("guard.bad_host", message)


def unicode_form(name: str) -> str:
    """The name as people write it, for a sentence: A-labels decoded, invisible characters named."""
    return shown(ada_url.idna.decode(name)) if "xn--" in name else name


def shown(text: str) -> str:
    """Text from outside for a sentence: cut at 60 characters, invisible ones as code points."""
    cut = text if len(text) <= 60 else f"{text[:60]}…"
    return "".join(
        f"<U+{ord(each):04X}>" if unicodedata.category(each)[0] in "CZ" else each for each in cut
    )
