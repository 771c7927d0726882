"""View: what the template of a comparison is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from msgspec import structs

from netcore.comparison import Difference, differences
from netcore.figures import duration, size
from netcore.marks import Mark
from netcore.timeline import Timeline
from web import words
from web.compare.bars import Aligned, aligned
from web.compare.beside import OctetsView, beside
from web.compare.pairing import counterparts, steps
from web.compare.rerun import Variant, variants, why_none
from web.compare.sentences import label_of, sentence_of, value_of
from web.compare.sides import LETTERS, Side, kind_of
from web.drawing.shapes import Drawing
from web.drawing.steps import draw_wide
from web.facts import clean
from web.phrases import outcome
from web.spoken import gettext as _
from web.store import StoredTrace
from web.tale import Tale
from web.titles import title_said
from web.views import FailureView, failure_view, status_line

SHOWN_STEPS = 300
ALIGNS, SCALES = ("stages", "time"), ("same", "each")
_SHARES = ("dns", "handshake", "sealing", "framing", "fields", "content")


@dataclass(frozen=True)
class SideView:
    """The head of one side, and its drawings."""

    letter: str
    name: str
    href: str
    url: str
    version: str
    outcome: str
    state: str
    total: str
    note: str  # which request is compared, or ""
    status: str  # what happens now, while it runs
    failure: FailureView | None
    drawing: Drawing
    marks: dict[int, str]  # the address that opens a mark here, by its number
    live: bool
    id: str


@dataclass(frozen=True)
class Link:
    """One of several ways to see it."""

    title: str
    href: str
    current: bool


@dataclass(frozen=True)
class FigureRow:
    """A row of the table of differences."""

    label: str
    values: tuple[str, ...]
    sentences: tuple[tuple[str, str], ...]  # by the name of the side, "" where there are two
    is_same: bool


@dataclass(frozen=True)
class ShareBar:
    """What the octets of one side were for."""

    name: str
    parts: tuple[tuple[str, float, float, str], ...]  # class, x and width in percent, title
    total: str


@dataclass(frozen=True)
class StepCell:
    """An event of one side in the list of steps."""

    number: int
    href: str
    title: str
    size: str
    time: str
    layer: str
    current: bool


@dataclass(frozen=True)
class StepRow:
    """Counterparts."""

    stage: str
    begins: bool  # whether the row before is of another stage
    cells: tuple[StepCell | None, ...]


@dataclass(frozen=True)
class CompareView:
    """Everything of the page."""

    sides: tuple[SideView, ...]
    title: str
    swap: str
    aligns: tuple[Link, ...]
    scales: tuple[Link, ...]
    stages: Aligned
    figures: tuple[FigureRow, ...]
    shares: tuple[ShareBar, ...]
    share_names: tuple[tuple[str, str, tuple[str, ...]], ...]  # class, title, octets by side
    sealed: str  # whose contents could not be opened, or ""
    steps: tuple[StepRow, ...]
    more_steps: int
    octets: tuple[OctetsView, ...]
    octets_note: str
    live: bool
    here: str


@dataclass(frozen=True)
class HubView:
    """What one trace can be compared with."""

    id: str
    url: str
    href: str
    why_none: str
    variants: tuple[Variant, ...]
    own: tuple[tuple[str, str, str, bool, str], ...]  # address, URL, outcome, whether good, time


def hub_view(sides: Sequence[Side], own: Sequence[StoredTrace]) -> HubView:
    """The page that offers what to compare. In: no side or one, and this session's traces."""
    side = sides[0] if sides else None
    query = f"/compare?a={side.id}&b=" if side else "/compare?a="
    return HubView(
        id=side.id if side else "",
        url=clean(side.tale.trace.url, 200) if side else "",
        href=side.base if side else "",
        why_none=why_none(side) if side else "",
        variants=variants(side) if side else (),
        own=tuple(
            (query + each.id, each.url, each.outcome, each.succeeded, duration(each.duration_ns))
            for each in own
            if side is None or each.id != side.id
        ),
    )


def compare_view(sides: list[Side], asked: Mapping[str, str]) -> CompareView:
    """The view of two or three sides. In: `asked`, the query; what is not understood is default."""
    align = asked["align"] if asked.get("align") in ALIGNS else ALIGNS[0]
    scale = asked["scale"] if asked.get("scale") in SCALES else SCALES[0]
    look = {"align": align, "scale": scale}
    chosen = _chosen(sides, asked)
    marks = counterparts(sides, *chosen) if chosen else [None] * len(sides)
    event = {f"e{chosen[0].letter}": str(chosen[1])} if chosen else {}
    every = steps(sides)
    address = _Address(sides, look)
    octets, note = beside(sides, marks) if chosen else ((), "")
    accounts = tuple(side.account for side in sides)
    return CompareView(
        sides=tuple(_side(side, address, sides) for side in sides),
        title=_title(sides),
        swap=_Address([sides[-1], *sides[1:-1], sides[0]], look).of({}),
        aligns=_links(address, "align", align, event),
        scales=_links(address, "scale", scale, event),
        stages=aligned(sides, by_time=align == "time", same_scale=scale == "same"),
        figures=tuple(_figure(each, sides) for each in differences(accounts)),
        shares=_share_bars(sides),
        share_names=_share_names(sides),
        sealed=_sealed(sides),
        steps=_step_rows(sides, address, marks),
        more_steps=max(0, len(every) - SHOWN_STEPS),
        octets=octets,
        octets_note=note,
        live=any(side.standing.live for side in sides),
        here=address.of(event),
    )


class _Address:
    """Addresses of this comparison."""

    def __init__(self, sides: Sequence[Side], look: Mapping[str, str]) -> None:
        self._ids = {letter: side.id for letter, side in zip(LETTERS, sides, strict=False)}
        self._look = {key: value for key, value in look.items() if value not in ("stages", "same")}

    def of(self, more: Mapping[str, str], anchor: str = "") -> str:
        """With something else in the query."""
        return f"/compare?{urlencode({**self._ids, **self._look, **more})}{anchor}"


def _title(sides: Sequence[Side]) -> str:
    """What is compared, in the order of the sides: each with its own place, unless all have one."""
    places = [clean(side.tale.trace.url, 120).partition("://")[2] for side in sides]
    kinds = [kind_of(side, sides) for side in sides]
    if len(set(places)) == 1:
        what = ", ".join(dict.fromkeys(kinds))
        return str(_("Compared: %(place)s, %(what)s", place=places[0], what=what))
    each = (f"{place}, {kind}" for place, kind in zip(places, kinds, strict=True))
    return str(_("Compared: %(sides)s", sides="; ".join(each)))


def _side(side: Side, address: _Address, sides: Sequence[Side]) -> SideView:
    tale, account = side.tale, side.account
    failure = failure_view(tale, side.base)
    state = side.standing.state
    if state == "done" and account.status_code >= 400:
        state = "warn"
    icons = {"done": "ok", "failed": "err", "queued": "running", "cancelled": "note"}
    drawing = draw_wide(_part(tale, side.hop), fitted=not side.standing.live)
    return SideView(
        letter=side.letter,
        name=side.name,
        href=side.base,
        url=clean(tale.trace.url, 200),
        version=kind_of(side, sides),
        outcome=failure.card.headline.removesuffix(".")
        if failure
        else outcome(tale.timeline.summary),
        state=icons.get(state, state),
        total=duration(side.total_ns),
        note=_note(side),
        status=status_line(tale, side.standing) if side.standing.live else "",
        failure=failure,
        drawing=drawing,
        marks={
            mark.number: address.of({f"e{side.letter}": str(mark.number)}, "#octets")
            for mark in drawing.marks
        },
        live=side.standing.live,
        id=side.id,
    )


def _note(side: Side) -> str:
    account = side.account
    if account.hop:
        return str(_("fetched twice; request %(number)s is compared", number=account.hop))
    if side.tale.trace.options.http in ("2", "3") and account.http_version not in (
        "",
        side.tale.trace.options.http,
    ):
        return str(
            _("HTTP/%(version)s was wanted and not agreed on", version=side.tale.trace.options.http)
        )
    return ""


def _part(tale: Tale, hop: int) -> Timeline:
    """The timeline of what is compared."""
    line = tale.timeline
    if not hop:
        return line
    marks = tuple(mark for mark in line.marks if mark.hop == hop)
    used = {mark.lane for mark in marks} | {"client"}
    return structs.replace(
        line, marks=marks, lanes=tuple(lane for lane in line.lanes if lane.key in used)
    )


def _links(address: _Address, key: str, current: str, event: Mapping[str, str]) -> tuple[Link, ...]:
    titles = {
        "stages": _("Stages"),
        "time": _("Time"),
        "same": _("the same"),
        "each": _("each its own"),
    }
    values = ALIGNS if key == "align" else SCALES
    return tuple(
        Link(titles[value], address.of({**event, key: value}), value == current) for value in values
    )


def _figure(difference: Difference, sides: Sequence[Side]) -> FigureRow:
    accounts = tuple(side.account for side in sides)
    said = [(sides[at].name, sentence_of(difference, at, accounts)) for at in range(1, len(sides))]
    if len({sentence for _name, sentence in said}) == 1:
        said = [("", said[0][1])]
    return FigureRow(
        label=label_of(difference.kind),
        values=tuple(value_of(difference.kind, account) for account in accounts),
        sentences=tuple(said),
        is_same=all(difference.is_same(at) for at in range(len(sides))),
    )


def _share_titles() -> dict[str, tuple[str, str]]:
    """The class and the title of each share."""
    return {
        "dns": ("L-dns", _("Name lookup")),
        "handshake": ("L-tls", _("Handshake of TLS or QUIC")),
        "sealing": ("L-tls second", _("Records, packets and tickets")),
        "framing": ("L-http second", _("Frames and chunks")),
        "fields": ("L-http", _("Header fields")),
        "content": ("content", _("Content")),
    }


def _share_bars(sides: Sequence[Side]) -> tuple[ShareBar, ...]:
    titles = _share_titles()
    most = max(side.account.shares.total for side in sides) or 1
    bars = []
    for side in sides:
        x, parts = 0.0, []
        for name in _SHARES:
            octets = getattr(side.account.shares, name)
            width = octets / most * 100
            if octets:
                css, title = titles[name]
                parts.append((css, round(x, 2), round(width, 2), f"{title}, {octets:,} B"))
            x += width
        bars.append(ShareBar(side.name, tuple(parts), size(side.account.shares.total)))
    return tuple(bars)


def _share_names(sides: Sequence[Side]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    return tuple(
        (css, title, tuple(f"{getattr(side.account.shares, name):,}" for side in sides))
        for name, (css, title) in _share_titles().items()
    )


def _sealed(sides: Sequence[Side]) -> str:
    names = ", ".join(side.name for side in sides if side.account.is_sealed)
    if not names:
        return ""
    return str(
        _(
            "%(names)s holds no secrets, so what TLS sealed was not opened: header fields and "
            "content are counted among the records.",
            names=names,
        )
    )


def _step_rows(
    sides: Sequence[Side], address: _Address, chosen: Sequence[Mark | None]
) -> tuple[StepRow, ...]:
    rows: list[StepRow] = []
    before: object = None
    for step in steps(list(sides))[:SHOWN_STEPS]:
        here = (step.hop, step.stage)
        cells = tuple(
            _cell(side, mark, address, chosen[at])
            for at, (side, mark) in enumerate(zip(sides, step.marks, strict=True))
        )
        rows.append(StepRow(words.stage(step.stage).title, here != before, cells))
        before = here
    return tuple(rows)


def _cell(side: Side, mark: Mark | None, address: _Address, chosen: Mark | None) -> StepCell | None:
    if mark is None:
        return None
    begun = _begin(side) if side.hop else 0
    return StepCell(
        number=mark.number,
        href=address.of({f"e{side.letter}": str(mark.number)}, "#octets"),
        title=clean(title_said(mark.title)),
        size=f"{mark.octets:,} B" if mark.octets else "",
        time=duration(max(0, mark.time_ns - begun)),
        layer=mark.layer,
        current=chosen is not None and chosen.number == mark.number,
    )


def _begin(side: Side) -> int:
    """When the request began that is compared."""
    spans = [span for span in side.tale.timeline.stages if span.hop == side.hop]
    return spans[0].start_ns if spans else 0


def _chosen(sides: Sequence[Side], asked: Mapping[str, str]) -> tuple[Side, int] | None:
    for side in sides:
        text = asked.get(f"e{side.letter}", "")
        if text.isascii() and text.isdigit() and side.tale.mark_of(int(text)):
            return side, int(text)
    return None
