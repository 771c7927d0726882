"""The field tree and the rows of octets beside it, joined by keys.

A key names a field within its unit: "24-40" for the bits that it covers. Where several fields
have the same range (a parent and its only child, two empty fields) the last of them, which is the
innermost, has the plain key and the others are "24-40~1", "24-40~2" from there outwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from netcore.field import NOT_EXPLAINED, Field
from web.facts import clean
from web.numerals import numeral
from web.spoken import figure, ngettext, number
from web.spoken import gettext as _

OPAQUE = frozenset({"encrypted_record", "message_body", "chunk_data", "not_kept"})
VALUE_LENGTH = 60  # characters of a value in the tree
HEX_LENGTH = 4  # octets of a value that is shown in hex
GROUPED = 100  # parts of one name in a row: more of them are shown in groups of as many
MOST_ITEMS = 4_000  # of a tree in one page, as far as closed groups can be left out
HEADER = ("tag_class", "constructed", "tag_number", "long_form", "length_octets", "length")
"""The fields in front of the contents of an element of DER, in order."""

Path = tuple[Field, ...]
"""The fields from the root to one of them, the root first."""


@dataclass(frozen=True)
class Item:
    """A field in the tree, or a group of fields in a row. `start` and `length` are bits."""

    key: str  # "" for a group, which no URL selects
    name: str
    label: str
    value: str
    size: str  # "2 B" or "3 bits"
    start: int
    length: int
    error: str
    css: str
    href: str
    selected: bool
    children: tuple[Item, ...] = ()
    is_open: bool = True  # whether its children are shown at first
    is_elsewhere: bool = False  # a group whose children are on the page that its link leads to

    @property
    def is_group(self) -> bool:
        """Whether it stands for fields in a row, and is none itself."""
        return not self.key


@dataclass(frozen=True)
class Run:
    """Neighbouring octets of one leaf in one half of a row."""

    css: str
    key: str
    text: str


@dataclass(frozen=True)
class Row:
    """A row of octets, sixteen in hex: two halves, and the same two as text."""

    offset: int
    digits: str  # the offset as it is written
    hex: tuple[tuple[Run, ...], tuple[Run, ...]]
    text: tuple[tuple[Run, ...], tuple[Run, ...]]


def paths(tree: Field) -> dict[str, Path]:
    """Every field's path by its key, parents first."""
    walked = list(_walk((tree,)))
    left = Counter(_range(path[-1]) for path in walked)
    keyed: dict[str, Path] = {}
    for path in walked:
        field = path[-1]
        left[_range(field)] -= 1
        later = left[_range(field)]
        key = f"{field.start}-{field.end}" + (f"~{later}" if later else "")
        keyed[key] = path
    return keyed


def items(tree: Field, keyed: Mapping[str, Path], octets: bytes, href: str, key: str) -> Item:
    """The tree as it is shown.

    Args:
        tree: the root.
        keyed: its `paths`.
        octets: of the unit.
        href: what a field's key is appended to, to make its link.
        key: of the selected field, or "".
    """
    whole = _item(tree, iter(keyed), octets, href, key)
    return whole if len(keyed) <= MOST_ITEMS else _without_closed(whole)


def cover(tree: Field, missing: int) -> str:
    """How much of a unit is named: "14 fields cover 517 of 517 bytes."."""
    leaves = [leaf for leaf in tree.leaves() if leaf.length]
    named = [leaf for leaf in leaves if leaf.name != NOT_EXPLAINED]
    covered, total = sum(leaf.length for leaf in named) / 8, tree.length // 8
    text = ngettext(
        "%(count)s field covers %(covered)s of %(size)s.",
        "%(count)s fields cover %(covered)s of %(size)s.",
        len(named),
        count=f"{len(named):,}",
        covered=f"{covered:,.0f}",
        size=_bytes(total),
    )
    if len(leaves) > len(named):
        text += " " + _("%(size)s are not explained.", size=_bytes(int(total - covered)))
    if missing:
        text += " " + _("%(size)s more belong to it and were not kept.", size=_bytes(missing))
    return text


def rows(
    octets: bytes,
    keyed: Mapping[str, Path],
    first: int,
    last: int,
    selected: Field | None,
    cursor: int = -1,
    width: int = 16,
) -> Iterator[Row]:
    """The rows that hold octets `first` (a multiple of `width`) to before `last`; `cursor` is the
    octet that has a mark of its own, and a run for it."""
    owners = _owners(keyed, first, last)
    digits = 6 if len(octets) > 0x10000 else 4
    chosen = range(selected.start // 8, (selected.end + 7) // 8) if selected else range(0)
    for start in range(first, last, width):
        middle, end = min(start + width // 2, last), min(start + width, last)
        (hex_1, text_1), (hex_2, text_2) = (
            _columns(tuple(_runs(octets, span, owners, first, chosen, cursor)))
            for span in (range(start, middle), range(middle, end))
        )
        yield Row(start, f"{start:0{digits}x}", (hex_1, hex_2), (text_1, text_2))


def _walk(path: Path) -> Iterator[Path]:
    yield path
    for child in path[-1].children:
        yield from _walk((*path, child))


def _range(field: Field) -> tuple[int, int]:
    return field.start, field.end


def _item(field: Field, keys: Iterator[str], octets: bytes, href: str, selected: str) -> Item:
    key = next(keys)
    children = tuple(_item(child, keys, octets, href, selected) for child in field.children)
    css = ["item"]
    if not children:
        css.append("leaf")
    if field.name in OPAQUE:
        css.append("opaque")
    if field.error or field.name == NOT_EXPLAINED:
        css.append("error")
    return Item(
        key=key,
        name=field.name,
        label=clean(field.label),
        value=value_of(field, octets),
        size=size_of(field),
        start=field.start,
        length=field.length,
        error=field.error,
        css=" ".join(css),
        href=href + key,
        selected=key == selected,
        children=_in_groups(children),
    )


def _in_groups(children: tuple[Item, ...]) -> tuple[Item, ...]:
    """What only a few want to see as one item that opens: headers of DER, and long runs."""
    shown = tuple(_headers_folded(children))
    if len(shown) <= GROUPED:
        return shown
    return tuple(_by_hundreds(shown))


def _headers_folded(children: tuple[Item, ...]) -> Iterator[Item]:
    """The tag and the length in front of the contents of an element as one item (X.690 §8.1)."""
    at = 0
    while at < len(children):
        if children[at].name != HEADER[0]:
            yield children[at]
            at += 1
            continue
        end = at + 1
        while end < len(children) and children[end].name in HEADER[1:]:
            end += 1
        header = children[at:end]
        tag = next((item for item in header if item.name == "tag_number"), header[0])
        yield _group(header, _("tag and length"), tag.label or f"[{tag.value}]")
        at = end


def _by_hundreds(children: tuple[Item, ...]) -> Iterator[Item]:
    """Long runs of children of one name in groups, the others as they are."""
    for _name, run in groupby(children, lambda child: child.name):
        alike = tuple(run)
        if len(alike) <= GROUPED:
            yield from alike
            continue
        for at in range(0, len(alike), GROUPED):
            part = alike[at : at + GROUPED]
            name = _(
                "%(name)s %(first)s to %(last)s",
                name=part[0].name,
                first=f"{at + 1:,}",
                last=f"{at + len(part):,}",
            )
            yield _group(part, name)


def _group(items: tuple[Item, ...], name: str, label: str = "") -> Item:
    """Fields in a row as one item, closed if none of them is selected."""
    start, last = items[0].start, items[-1]
    end = last.start + last.length
    faulty = any("error" in item.css.split() for item in _all(items))
    return Item(
        key="",
        name=name,
        label=label,
        value="",
        size=size_of(Field("", start, end - start)),
        start=start,
        length=end - start,
        error="",
        css="item group error" if faulty else "item group",
        href="",
        selected=False,
        children=items,
        is_open=any(item.selected for item in _all(items)),
    )


def _without_closed(item: Item) -> Item:
    """The same without what is in closed groups: each leads to a page where it is open."""
    if item.is_group and not item.is_open:
        first = next(each for each in _all(item.children) if not each.is_group)
        css = f"{item.css} leaf"
        elsewhere = replace(item, key=first.key, href=first.href, css=css, children=())
        return replace(elsewhere, is_elsewhere=True)
    return replace(item, children=tuple(map(_without_closed, item.children)))


def _all(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        yield item
        yield from _all(item.children)


def value_of(field: Field, octets: bytes) -> str:
    """The value as a reader sees it: as read, else the octets if they are few."""
    if isinstance(field.value, bool):
        return "1" if field.value else "0"
    if isinstance(field.value, int):
        return number(numeral(field))
    if field.value is not None:
        return clean(field.value, VALUE_LENGTH)
    if field.children or field.length == 0 or field.length % 8:
        return ""
    own = octets[field.start // 8 : field.end // 8]
    return own[:HEX_LENGTH].hex(" ") + (" …" if len(own) > HEX_LENGTH else "")


def size_of(field: Field) -> str:
    """Its length: whole octets as "2 B", else bits."""
    if field.length % 8 == 0:
        return figure(f"{field.length // 8:,} B")
    return ngettext("%(count)s bit", "%(count)s bits", field.length, count=field.length)


def _bytes(count: int) -> str:
    return "1 byte" if count == 1 else f"{count:,} bytes"


@dataclass(frozen=True)
class _Owner:
    """The leaf that an octet belongs to: the one with its first bit."""

    key: str
    css: str


def _owners(keyed: Mapping[str, Path], first: int, last: int) -> list[_Owner | None]:
    """The owner of each octet from `first` to before `last`."""
    owners: list[_Owner | None] = [None] * (last - first)
    number = 0
    for key, path in keyed.items():
        leaf = path[-1]
        if leaf.children or not leaf.length:
            continue
        css = "run b" if number % 2 else "run a"
        number += 1
        css += " opaque" if leaf.name in OPAQUE else ""
        css += " error" if leaf.name == NOT_EXPLAINED else ""
        css += " bits" if leaf.start % 8 or leaf.end % 8 else ""
        owner = _Owner(key, css)
        low, high = (leaf.start + 7) // 8, (leaf.end + 7) // 8
        for at in range(max(low, first), min(high, last)):
            owners[at - first] = owner
    return owners


def _runs(
    octets: bytes,
    span: range,
    owners: list[_Owner | None],
    first: int,
    chosen: range,
    cursor: int,
) -> Iterator[tuple[str, str, bytes]]:
    """(classes, key, octets) for each run in a half row."""
    for _owner, run in groupby(
        span, lambda at: (id(owners[at - first]), at in chosen, at == cursor)
    ):
        run_octets = list(run)
        start = run_octets[0]
        owner = owners[start - first]
        css = (owner.css if owner else "run") + (" sel" if start in chosen else "")
        css += " at" if start == cursor else ""
        yield css, owner.key if owner else "", octets[start : run_octets[-1] + 1]


def _columns(
    runs: tuple[tuple[str, str, bytes], ...],
) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
    return (
        tuple(Run(css, key, data.hex(" ")) for css, key, data in runs),
        tuple(Run(css, key, _printable(data)) for css, key, data in runs),
    )


def _printable(data: bytes) -> str:
    return "".join(chr(octet) if 32 <= octet < 127 else "·" for octet in data)
