"""A tree of fields: where a field ends, in which order it is walked, what is found in it."""

from netcore.field import Field, find, find_all

TREE = Field(
    "message",
    0,
    40,
    children=(
        Field("header", 0, 16, children=(Field("type", 0, 8, 1), Field("length", 8, 8, 3))),
        Field("body", 16, 24, children=(Field("length", 16, 0), Field("data", 16, 24))),
    ),
)


def test_a_field_ends_where_the_next_one_begins() -> None:
    header, body = TREE.children
    assert header.end == body.start
    assert TREE.end == body.end == 40


def test_leaves_come_in_wire_order_and_empty_ones_are_among_them() -> None:
    assert [(leaf.name, leaf.length) for leaf in TREE.leaves()] == [
        ("type", 8),
        ("length", 8),
        ("length", 0),
        ("data", 24),
    ]
    assert list(TREE.children[0].children[0].leaves()) == [TREE.children[0].children[0]]


def test_a_walk_meets_parents_before_their_parts() -> None:
    names = [field.name for field in TREE.walk()]
    assert names == ["message", "header", "type", "length", "body", "length", "data"]


def test_a_name_is_found_first_in_wire_order_and_then_everywhere() -> None:
    first = find(TREE, "length")
    assert first is not None
    assert first.start == 8
    assert [field.start for field in find_all(TREE, "length")] == [8, 16]
    assert find(TREE, "message") is TREE
    assert find(TREE, "trailer") is None
