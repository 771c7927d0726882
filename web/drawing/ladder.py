"""Ladder: the timeline by steps as shapes, standing: what a phone shows.

Theory of operation. Time runs down, one row a mark: the client on the left, its peers on the right.
A row is as high as its lines of text, and the row with which a peer comes in has the peer's name
above it, where its line begins. All that depends on nothing but the marks so far, so those of a
running trace are appended and do not move.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap

from netcore.figures import duration
from netcore.timeline import Lane, Mark, Timeline
from web.drawing.links import NO_PAIRS, End, Pairs, draw_links
from web.drawing.shapes import (
    MARK_BUDGET,
    Drawing,
    DrawnLane,
    DrawnMark,
    Label,
    Line,
    arrow,
    cross,
    css_of,
    is_arrow,
    lane_css,
    lane_title,
    members,
    party,
    sign,
)
from web.facts import clean, in_bytes
from web.overlay import by_engine, spoken_in
from web.phrases import mark_label, why_lost
from web.spoken import figure
from web.spoken import gettext as _
from web.titles import title_said

LADDER_WIDTH = 358
CLIENT_X = 70
PEER_X = 330  # the last peer's lane
PEER_STEP = 14  # between the lanes of two peers
TOP = 44
HEAD = 22  # of a lane's name above the row with which it begins
ROW = 52  # the least height of a row
LINE = 15  # between two lines of a title
DETAIL = 13  # between two lines of a detail
TIME_GAP = 16  # between a time and the middle of a sign
BESIDE = 18  # between the client's lane and a text that no arrow is under
BOWS = 22  # between the client's lane and a text over an arrow, where links bow
TEXT = 33  # characters of a line that no arrow is under
MOST_LINES = 4  # of a text
CHARACTER = 6.7  # the width of a character of a title
HEAD_CHARACTER = 7.2


@dataclass(frozen=True)
class _Row:
    """A mark with its place and its texts."""

    mark: Mark
    y: float
    head: bool  # whether its lane begins here
    title: tuple[str, ...]
    detail: tuple[str, ...]

    @property
    def top(self) -> float:
        """Where its texts begin."""
        return self.y + (HEAD if self.head else 0)

    @property
    def shift(self) -> int:
        """How much farther down all is that stands under its title."""
        return LINE * (len(self.title) - 1)

    @property
    def bottom(self) -> float:
        below = 0 if is_arrow(self.mark) else DETAIL * max(0, len(self.detail) - 1)
        return self.top + self.shift + ROW + below


def draw_ladder(timeline: Timeline, pairs: Pairs = NO_PAIRS) -> Drawing:
    """The timeline, standing. In: what to draw, and pairs of events that belong together."""
    peers = [lane for lane in timeline.lanes if lane.kind != "client"]
    places: dict[str, float] = {
        lane.key: PEER_X - PEER_STEP * at for at, lane in enumerate(reversed(peers))
    }
    places["client"] = CLIENT_X
    rows = list(_rows(timeline.marks[:MARK_BUDGET], places))
    height = round(rows[-1].bottom if rows else TOP) + 12
    lanes = [_client(timeline.lanes[0], height - 12)]
    lanes += [_peer(lane, peers, rows, places[lane.key]) for lane in peers]
    drawn = tuple(_mark(row, places) for row in rows)
    links = draw_links(pairs, [_end(row) for row in rows], lying=False)
    return Drawing(LADDER_WIDTH, height, tuple(lanes), drawn, links=links)


def _rows(marks: Sequence[Mark], places: dict[str, float]) -> Iterator[_Row]:
    y: float = TOP
    begun = {"client"}
    for mark in marks:
        room = TEXT
        if is_arrow(mark):
            room = int((places[mark.lane] - 6 - CLIENT_X - BOWS) / CHARACTER)
        title = wrap(clean(title_said(mark.title), room * MOST_LINES), room, max_lines=MOST_LINES)
        said = (
            figure(f"{mark.octets:,} B")
            if mark.octets
            else clean(in_bytes(mark.detail), TEXT * MOST_LINES)
        )
        most = 1 if is_arrow(mark) else MOST_LINES
        detail = wrap(said, room, max_lines=most, placeholder=" …")
        head = mark.lane in places and mark.lane not in begun
        row = _Row(mark, y, head, tuple(title) or ("",), tuple(detail))
        begun.add(mark.lane)
        y = row.bottom
        yield row


def _client(lane: Lane, bottom: float) -> DrawnLane:
    line = Line("lane-line", CLIENT_X, TOP - 12, CLIENT_X, bottom)
    name = Label("lane-name", CLIENT_X, 24, party(lane), "middle")
    return DrawnLane(lane_css(lane), lane_title(lane), (line,), (name,))


def _peer(lane: Lane, peers: Sequence[Lane], rows: Sequence[_Row], x: float) -> DrawnLane:
    """A peer's lane from the first of its rows to the last, under its name.

    Of several of one kind each has its address too.
    """
    said = party(lane) if lane.measured else _("%(party)s (est.)", party=party(lane))
    if sum(other.kind == lane.kind for other in peers) > 1:
        said = f"{said} {clean(lane.note, 24)}"
    own = [row for row in rows if row.mark.lane == lane.key]
    top, bottom = (own[0].top, own[-1].bottom) if own else (TOP, TOP)
    middle = min(x, LADDER_WIDTH - len(said) * HEAD_CHARACTER / 2)
    line = Line("lane-line", x, top, x, bottom)
    name = Label("lane-name", round(middle, 1), top - 5, said, "middle")
    return DrawnLane(lane_css(lane), lane_title(lane), (line,), (name,) if own else ())


def _end(row: _Row) -> End:
    """Where links begin: at the client's end."""
    at = 20 if row.mark.direction == "sent" else 32
    return End(row.mark, members(row.mark), CLIENT_X, row.top + row.shift + at)


def _mark(row: _Row, places: dict[str, float]) -> DrawnMark:
    """A row: its places are the same in all rows of as many lines, which packs well."""
    mark, down = row.mark, row.shift
    drawn = DrawnMark(
        number=mark.number,
        members=members(mark),
        css=css_of(mark),
        label=mark_label(mark),
        lane=mark.lane,
        lines=(Line("hit", 0, 26 + down, LADDER_WIDTH, 26 + down),),
        labels=_labels(row, places),
        title=why_lost(mark),
        y=row.top,
    )
    if not is_arrow(mark):
        return replace(drawn, glyphs=(sign(mark, CLIENT_X, 24, standing=True),))
    lane = places[mark.lane]
    x1, x2 = (CLIENT_X, lane) if mark.direction == "sent" else (lane, CLIENT_X)
    # The other drawing is not displayed, and heads in there would not be seen.
    flight = arrow(mark, x1, 20 + down, x2, 32 + down, True)
    lines = tuple(replace(line, head=line.head and f"{line.head}-l") for line in flight)
    glyphs = cross(mark, x1, 20 + down, x2, 32 + down)
    return replace(drawn, lines=(*drawn.lines, *lines), glyphs=glyphs)


def _labels(row: _Row, places: dict[str, float]) -> tuple[Label, ...]:
    """What a row says: a title, what is below it, the time."""
    mark, anchor = row.mark, "middle"
    if is_arrow(mark):
        x = (CLIENT_X + BOWS + places[mark.lane] - 6) / 2
        first, below = 15, 47 + row.shift
        at = (24 if mark.direction == "sent" else 36) + row.shift
    else:
        x, anchor = float(CLIENT_X + BESIDE), "start"
        first, below, at = 22, 38 + row.shift, 28
    lang = "" if mark.octets or mark.kind == "connect" else spoken_in(by_engine(mark.detail))
    title = (Label("title", x, first + LINE * n, line, anchor) for n, line in enumerate(row.title))
    detail = (
        Label("detail", x, below + DETAIL * n, line, anchor, lang)
        for n, line in enumerate(row.detail)
    )
    when = Label("when", CLIENT_X - TIME_GAP, at, duration(mark.time_ns), "end")
    return (*title, *detail, when)
