"""Tree and bytes agree, whatever the tree."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.dissect import DISSECTORS
from netcore.field import Field
from netcore.reader import dissect
from tools.vectors import VECTORS, read_octets
from web.fieldtree import HEADER, MOST_ITEMS, Item, Row, cover, items, paths, rows


@st.composite
def trees(draw: st.DrawFn, start: int = 0, depth: int = 3) -> Field:
    """A field tree whose children partition their parent; leaves may be bits, or empty."""
    count = draw(st.integers(0, 4)) if depth else 0
    if not count:
        length = draw(st.sampled_from([0, 1, 3, 4, 8, 16, 24, 160]))
        return Field("leaf", start, length, value=draw(st.sampled_from([None, 7, "a"])))
    children = []
    at = start
    for _ in range(count):
        children.append(draw(trees(at, depth - 1)))
        at = children[-1].end
    return Field("group", start, at - start, children=tuple(children))


def octets_for(tree: Field) -> bytes:
    return bytes(at % 251 for at in range((tree.end + 7) // 8))


def all_items(item: Item) -> list[Item]:
    return [item, *(below for child in item.children for below in all_items(child))]


def hex_of(shown: list[Row], css: str = "") -> str:
    runs = [run for row in shown for half in row.hex for run in half]
    return " ".join(run.text for run in runs if css in run.css.split() or not css)


@settings(max_examples=60, deadline=None)
@given(trees())
def test_every_field_has_a_key_of_its_own_and_the_tree_uses_the_same(tree: Field) -> None:
    keyed = paths(tree)
    assert [path[-1] for path in keyed.values()] == list(tree.walk())
    item = items(tree, keyed, octets_for(tree), "?f=", "")
    assert [each.key for each in all_items(item)] == list(keyed)


@settings(max_examples=60, deadline=None)
@given(trees())
def test_rows_show_every_octet_once(tree: Field) -> None:
    octets = octets_for(tree)
    shown = list(rows(octets, paths(tree), 0, len(octets), None))
    assert hex_of(shown) == octets.hex(" ")
    assert sum(len(run.text) for row in shown for half in row.text for run in half) == len(octets)


@settings(max_examples=60, deadline=None)
@given(trees(), st.data())
def test_a_selection_marks_exactly_the_octets_that_it_touches(
    tree: Field, data: st.DataObject
) -> None:
    octets, keyed = octets_for(tree), paths(tree)
    field = keyed[data.draw(st.sampled_from(list(keyed)))][-1]
    shown = list(rows(octets, keyed, 0, len(octets), field))
    touched = octets[field.start // 8 : (field.end + 7) // 8]
    assert hex_of(shown, "sel") == touched.hex(" ")


@settings(max_examples=60, deadline=None)
@given(trees())
def test_an_octet_belongs_to_the_leaf_with_its_first_bit(tree: Field) -> None:
    octets, keyed = octets_for(tree), paths(tree)
    at = 0
    for row in rows(octets, keyed, 0, len(octets), None):
        for half in row.hex:
            for run in half:
                count = len(run.text.split())
                leaf = keyed[run.key][-1]
                assert not leaf.children
                for octet in range(at, at + count):
                    assert leaf.start <= octet * 8 < leaf.end
                at += count


def test_fields_of_one_range_have_the_plain_key_innermost() -> None:
    inner = Field("inner", 0, 8)
    tree = Field("outer", 0, 8, children=(Field("middle", 0, 8, children=(inner,)),))
    assert {key: path[-1].name for key, path in paths(tree).items()} == {
        "0-8~2": "outer",
        "0-8~1": "middle",
        "0-8": "inner",
    }


def long_list(count: int, bad: int = -1) -> Field:
    """A field with so many parts of one name behind another one."""
    first = Field("first", 0, 8)
    parts = [Field("part", 8 + 8 * n, 8, error="x.y" if n == bad else "") for n in range(count)]
    return Field("list", 0, 8 + 8 * count, children=(first, *parts))


def shown_list(tree: Field, key: str = "") -> Item:
    return items(tree, paths(tree), octets_for(tree), "?f=", key)


def test_more_than_a_hundred_parts_of_one_name_are_grouped_by_hundreds() -> None:
    item = shown_list(long_list(250))
    assert [(child.name, child.is_group, len(child.children)) for child in item.children] == [
        ("first", False, 0),
        ("part 1 to 100", True, 100),
        ("part 101 to 200", True, 100),
        ("part 201 to 250", True, 50),
    ]
    assert [child.is_open for child in item.children[1:]] == [False, False, False]
    assert item.children[2].size == "100 B"
    keys = [each.key for each in all_items(item) if not each.is_group]
    assert keys == list(paths(long_list(250)))


def test_a_hundred_parts_are_not_grouped() -> None:
    assert not any(child.is_group for child in shown_list(long_list(100)).children)


def test_the_group_that_holds_the_selected_field_is_open_and_one_with_a_fault_says_so() -> None:
    item = shown_list(long_list(250, bad=240), "1600-1608")
    assert [group.is_open for group in item.children[1:]] == [False, True, False]
    assert ["error" in group.css.split() for group in item.children[1:]] == [False, False, True]


def test_cover_counts_what_is_not_explained_and_not_kept() -> None:
    tree = Field("u", 0, 24, children=(Field("a", 0, 8), Field("not_explained", 8, 16)))
    assert cover(tree, 0) == "1 field covers 1 of 3 bytes. 2 bytes are not explained."
    assert cover(Field("u", 0, 8), 1_000) == (
        "1 field covers 1 of 1 byte. 1,000 bytes more belong to it and were not kept."
    )


CERTIFICATE = read_octets(VECTORS / "x509_certificate" / "ed25519.hex")


def certificate(key: str = "") -> Item:
    tree = dissect(DISSECTORS["x509_certificate"], CERTIFICATE, "x509_certificate")
    return items(tree, paths(tree), CERTIFICATE, "?f=", key)


def groups_of(item: Item) -> list[Item]:
    below = [group for child in item.children for group in groups_of(child)]
    return ([item] if item.is_group else []) + below


def test_headers_of_der_are_folded_and_named_by_their_tag() -> None:
    found = groups_of(certificate())
    assert len(found) > 20
    assert {group.name for group in found} == {"tag and length"}
    assert found[0].label == "SEQUENCE"
    assert not any(group.is_open for group in found)
    for group in found:
        assert [item.name for item in group.children][:3] == list(HEADER[:3])


def test_a_selected_part_of_a_header_opens_it() -> None:
    first = groups_of(certificate())[0]
    tag = first.children[2]
    opened = [group for group in groups_of(certificate(tag.key)) if group.is_open]
    assert [group.start for group in opened] == [first.start]


def test_no_field_is_lost_in_groups() -> None:
    def keys(item: Item) -> list[str]:
        own = [] if item.is_group else [item.key]
        return own + [key for child in item.children for key in keys(child)]

    tree = dissect(DISSECTORS["x509_certificate"], CERTIFICATE, "x509_certificate")
    assert keys(certificate()) == list(paths(tree))


def test_of_a_tree_with_too_many_items_closed_groups_lead_elsewhere() -> None:
    lines = b"".join(b"x-%d: value\r\n" % at for at in range(900)) + b"\r\n"
    head = b"HTTP/1.1 200 OK\r\n" + lines
    tree = dissect(DISSECTORS["http1_response_head"], head, "http1_response_head")
    keyed = paths(tree)
    chosen = next(key for key, path in keyed.items() if path[-1].value == "x-450")
    whole = items(tree, keyed, head, "?f=", chosen)
    shown = [item for item in whole.children if item.css.startswith("item group")]
    assert len(keyed) > MOST_ITEMS
    assert [group.is_elsewhere for group in shown].count(False) == 1
    for group in shown:
        assert group.is_elsewhere != bool(group.children)
        if group.is_elsewhere:
            assert group.href == f"?f={group.key}"
            again = items(tree, keyed, head, "?f=", group.key)
            opened = next(each for each in again.children if each.children and each.is_group)
            assert opened.name == group.name
