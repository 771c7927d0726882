"""The Huffman code of HPACK: octets -> symbols, each with its own bits (RFC 7541 §5.2)."""

from __future__ import annotations

from typing import Final, NamedTuple

from netcore.registries.hpack import EOS, HUFFMAN_CODE

_LENGTHS: Final = sorted({bits for bits, _ in HUFFMAN_CODE})


class Symbol(NamedTuple):
    """One octet of a string, and the bits that stood for it."""

    octet: int
    bits: int  # how many they are
    code: int

    @property
    def path(self) -> str:
        """The bits, most significant first: the way from the root of the code's tree."""
        return f"{self.code:0{self.bits}b}"


class Decoded(NamedTuple):
    """What a string stands for."""

    symbols: list[Symbol]
    padding: int  # bits behind the last symbol
    error: str  # a sentence; "" if the string is right

    @property
    def text(self) -> str:
        """The string, an octet a character (ISO 8859-1)."""
        return bytes(symbol.octet for symbol in self.symbols).decode("latin-1")


def decode(octets: bytes) -> Decoded:
    """Read symbols as far as they go; what is left is padding, which the error may speak of."""
    symbols: list[Symbol] = []
    rest, count = 0, 0  # bits that no symbol was made of yet
    for octet in octets:
        rest, count = rest << 8 | octet, count + 8
        while (symbol := _next(rest, count)) is not None:
            if symbol.octet == EOS:
                end = len(octets) * 8 - sum(each.bits for each in symbols)
                return Decoded(symbols, end, "hpack.huffman: EOS stands inside a string")
            symbols.append(symbol)
            count -= symbol.bits
            rest &= (1 << count) - 1
    error = ""
    if count > 7:
        error = f"hpack.huffman: {count} bits are left, padding has at most 7"
    elif rest != (1 << count) - 1:
        error = "hpack.huffman: padding is the beginning of EOS, so its bits are ones"
    return Decoded(symbols, count, error)


def _next(rest: int, count: int) -> Symbol | None:
    """The symbol that the first of these bits are, if they are one already."""
    for bits in _LENGTHS:
        if bits > count:
            return None
        code = rest >> (count - bits)
        octet = HUFFMAN_CODE.get((bits, code))
        if octet is not None:
            return Symbol(octet, bits, code)
    return None
