"""Lines between marks that belong together."""

from __future__ import annotations

from msgspec.structs import replace

from tests.web.drawing.marks import mark
from web.drawing.links import End, Pair, draw_links

ENDS = [
    End(mark(3, "sent", 0), "3-3", 10.0, 80.0),
    End(replace(mark(7, "received", 9), members=(7, 8, 9)), "7-9", 90.0, 80.0),
    End(mark(12, "sent", 20), "12-12", 400.0, 80.0),
]


def by_event(*pairs: Pair) -> dict[int, list[Pair]]:
    return {n: [each for each in pairs if n in each[:2]] for each in pairs for n in each[:2]}


def test_a_pair_of_marks_is_joined_once_whatever_joins_them() -> None:
    pairs = by_event((3, 7, "answer"), (3, 8, "stream"), (7, 12, "again"))
    links = draw_links(pairs, ENDS, lying=True)
    assert [(link.css, link.numbers, link.members) for link in links] == [
        ("bow answer", (3, 7), "3-3 7-9"),
        ("bow again", (7, 12), "7-9 12-12"),
    ]


def test_what_is_not_drawn_or_stands_in_one_mark_is_not_joined() -> None:
    pairs = by_event((3, 4, "answer"), (1, 2, "again"), (7, 9, "stream"))
    assert draw_links(pairs, ENDS, lying=True) == ()


def test_a_line_bows_away_from_the_lane_and_leads_from_end_to_end() -> None:
    (lying,) = draw_links(by_event((3, 12, "again")), ENDS, lying=True)
    assert lying.d.startswith("M10.0 80.0m")
    assert "C10.0 40.0 400.0 40.0 400.0 80.0m" in lying.d
    standing = [
        End(mark(3, "sent", 0), "3-3", 70.0, 20.0),
        End(mark(4, "sent", 0), "4-4", 70.0, 80.0),
    ]
    (link,) = draw_links(by_event((3, 4, "again")), standing, lying=False)
    assert "M70.0 20.0C94.0 20.0 94.0 80.0 70.0 80.0m" in link.d
