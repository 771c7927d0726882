"""Rewrite the golden trees beside the vectors: `make vectors`, then review the diff.

A vector is `tests/vectors/<dissector>/<name>.hex`: octets in hexadecimal, with comments behind
"#" that say where they come from. Its tree is `<name>.tree`: one line a field, with offset and
length in octets (".n" for n bits more), name, value, label and error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
VECTORS = ROOT / "tests" / "vectors"
sys.path.insert(0, str(ROOT))

from netcore.dissect import DISSECTORS  # noqa: E402
from netcore.field import Field  # noqa: E402
from netcore.reader import dissect  # noqa: E402


def read_octets(path: Path) -> bytes:
    """The octets of a .hex file."""
    lines = (line.partition("#")[0] for line in path.read_text("utf-8").splitlines())
    return bytes.fromhex(" ".join(lines))


def tree_of(path: Path) -> Field:
    """The tree of the vector in a .hex file; its folder's name is the dissector's."""
    name = path.parent.name
    return dissect(DISSECTORS[name], read_octets(path), name.partition(".")[0])


def render(tree: Field) -> str:
    """The text of a .tree file."""
    return "".join(f"{line}\n" for line in _lines(tree, 0))


def _lines(field: Field, depth: int) -> Iterator[str]:
    line = f"{_size(field.start):>8} {_size(field.length):>8}  {'  ' * depth}{field.name}"
    if field.value is not None:
        line += f" = {field.value!r}"
    if field.label:
        line += f" ({field.label})"
    if field.error:
        line += f"  ! {field.error}"
    yield line
    for child in field.children:
        yield from _lines(child, depth + 1)


def _size(bits: int) -> str:
    return f"{bits // 8}.{bits % 8}" if bits % 8 else f"{bits // 8}"


def main() -> None:
    """Write every tree; say which ones changed."""
    for path in sorted(VECTORS.glob("*/*.hex")):
        text = render(tree_of(path))
        golden = path.with_suffix(".tree")
        if not golden.exists() or golden.read_text("utf-8") != text:
            golden.write_text(text, "utf-8")
            sys.stdout.write(f"{golden.relative_to(ROOT)}\n")


if __name__ == "__main__":
    main()
