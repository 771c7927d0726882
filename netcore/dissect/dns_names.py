"""Domain names as DNS messages carry them: labels, and pointers to labels (RFC 1035 §4.1.4).

A compression pointer is a reference: the name that it stands for is looked up among the names
that were read earlier in this message, and becomes the value of the whole name. Nothing is read
a second time, so the fields still partition the message, and no pointer can make a loop.
"""

from __future__ import annotations

from netcore.reader import Reader

NAME_OCTETS = 255  # RFC 1035 §2.3.4
LABEL_OCTETS = 63  # RFC 1035 §2.3.4
POINTER = 0b11


class Names:
    """The names of one message that were read so far, by the octet at which each begins.

    In: `base`, where in the unit the message begins, in octets: behind its length over TCP.
    """

    def __init__(self, base: int = 0) -> None:
        self.found: dict[int, str] = {}
        self._base = base

    def here(self, r: Reader) -> int:
        """Octets from the start of the message to where the reader stands."""
        return r.offset - self._base


def read_domain_name(r: Reader, name: str, names: Names) -> str:
    """RFC 1035 §4.1.4."""
    start = r.offset
    labels: list[tuple[int, str]] = []
    with r.group(name, "RFC 1035 §4.1.4") as group:
        tail = "."
        while (first := r.peek(1)) and first != b"\0":
            if first[0] >> 6 == POINTER:
                labels.append((names.here(r), ""))
                tail = _read_pointer(r, names)
                break
            labels.append((names.here(r), _read_label(r)))
            if r.offset - start > NAME_OCTETS:
                r.malformed(f"dns.malformed: this name is longer than {NAME_OCTETS} octets")
        else:
            r.uint("root", 8)
        for offset, label in reversed(labels):
            if label:
                tail = f"{label}." if tail == "." else f"{label}.{tail}"
            names.found[offset] = tail
        group.value = tail
    return tail


def _read_label(r: Reader) -> str:
    """RFC 1035 §3.1. The label, escaped as in a zone file (RFC 1035 §5.1)."""
    length = r.uint("label_length", 8)
    if length > LABEL_OCTETS:
        kind = length >> 6
        r.malformed(f"dns.malformed: a label cannot begin with the bits {kind:02b} (RFC 6891 §5)")
    return _escape(r.text("label", length))


def _read_pointer(r: Reader, names: Names) -> str:
    """RFC 1035 §4.1.4. The name that the pointer stands for."""
    here = names.here(r)
    r.uint("pointer_marker", 2, label="pointer")
    target = r.uint("pointer_offset", 14)
    expanded = names.found.get(target)
    if expanded is not None and len(expanded) <= 4 * NAME_OCTETS:  # escapes take four characters
        return expanded
    if expanded is not None:
        r.blame(f"dns.malformed: with what it points to this name exceeds {NAME_OCTETS} octets")
    elif target >= here:
        r.blame(f"dns.malformed: a pointer must go back; octet {target:,} is not before it")
    else:
        r.blame(f"dns.malformed: no name of this message begins at octet {target:,}")
    return f"(octet {target})."


def _escape(text: str) -> str:
    if text.isalnum() and text.isascii():
        return text
    return "".join(_ESCAPES[ord(character)] for character in text)


_ESCAPES = [
    f"\\{chr(octet)}"
    if chr(octet) in '.\\";()@$'
    else chr(octet)
    if 0x21 <= octet < 0x7F
    else f"\\{octet:03d}"
    for octet in range(256)
]
