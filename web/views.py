"""Views: what the templates of a trace are given. They arrange it and compute nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from netcore.errors import BUG, INTERRUPTED
from netcore.figures import duration, size
from netcore.round_trip_count import RoundTripCount
from netcore.timeline import Mark, Summary
from netcore.trace import HAR
from web import words
from web.addresses import handshake_href, quic_href, streams_href
from web.cuts import cut_line
from web.deeper import NOTHING_DEEPER, Deeper, failure_deeper
from web.drawing.ladder import draw_ladder
from web.drawing.links import NO_PAIRS
from web.drawing.shapes import MARK_BUDGET, Drawing
from web.evidence import REFUSED_CERTIFICATE, Evidence, evidence
from web.exports import ExportView, export_views, gives_away
from web.facts import clean
from web.failure import failure_facts
from web.feed import CANCELLED, FAILED, QUEUED, RUNNING, Standing
from web.look import STEPS_LOOK, Look
from web.on_streams import on_streams
from web.path import PathView, path_view
from web.phrases import LAYERS, outcome, spoken, what_kind
from web.picture import Picture, picture
from web.reused import sentences
from web.sharing.origin import origin
from web.spoken import figure, ngettext
from web.spoken import gettext as _
from web.tale import Tale
from web.talk import TalkView, talk_view
from web.titles import title_said
from web.walk import WalkStep, walk_steps

ROW_BUDGET = 500  # rows of the table in one page


@dataclass(frozen=True)
class Fact:
    """One item of the summary line: a text with its weighty part."""

    strong: str
    text: str = ""
    before: str = ""
    title: str = ""  # the exact value, where it is rounded
    minor: bool = False  # left out where there is little room
    href: str = ""  # the page that tells more


@dataclass(frozen=True)
class SummaryView:
    """The line that sums a trace up."""

    state: str  # ok, warn, err or running: which icon
    outcome: str
    facts: tuple[Fact, ...]
    remark: str  # about the queue, or about a complete answer that says no, or ""
    stage: str = ""  # where it failed: said beside the card that has the outcome as its headline


@dataclass(frozen=True)
class RowView:
    """A row of the event table."""

    number: int
    href: str
    time: str
    since: str
    way: str
    layer: str
    layer_name: str
    title: str
    size: str
    error: str
    css: str


@dataclass(frozen=True)
class FailureView:
    """A failure's card and the event that shows it."""

    card: words.Card
    number: int
    href: str
    again: str = ""  # the URL to trace again although its certificate is refused
    follow: bool = False  # whether redirects were followed
    chain: str = ""  # where the chain of a refused certificate is told of
    deeper: Deeper = NOTHING_DEEPER  # how it looks in programs, and what the standard says
    report: str = ""  # where a fault of ours can be told of
    stopped: bool = False  # whether somebody ended it, so that nothing went wrong


@dataclass(frozen=True)
class TraceView:
    """Everything of a trace page but the panes.

    What takes long of a long trace is made when it is first asked for: the head of the page is on
    its way by then, see `web.early`.
    """

    tale: Tale
    standing: Standing
    look: Look
    id: str
    base: str
    url: str
    state: str
    live: bool
    last: int
    open: int
    heading: str
    status: str
    summary: SummaryView
    failure: FailureView | None
    row_caption: str
    more: str  # what is not drawn, in words, or ""
    origin: str  # of a trace that was recorded elsewhere, or ""
    has_bytes: bool  # that crossed; a browser's log has none
    exports: tuple[ExportView, ...]
    walk: tuple[WalkStep, ...]  # from the root, where that was asked for

    @cached_property
    def picture(self) -> Picture:
        """The timeline as it is looked at."""
        return picture(self.tale, self.standing, self.base, replace(self.look, open=self.open))

    @cached_property
    def ladder(self) -> Drawing:
        """The timeline as a narrow screen has it."""
        pairs = NO_PAIRS if self.live else self.tale.paired
        return on_streams(draw_ladder(self.tale.timeline, pairs), self.tale)

    @cached_property
    def rows(self) -> tuple[RowView, ...]:
        """The rows of the table, as many as a page shows."""
        return row_views(self.tale.timeline.marks[:ROW_BUDGET], self.base)

    @cached_property
    def path(self) -> PathView | None:
        """The way to the server, where it was probed."""
        return path_view(self.tale, self.base)

    @cached_property
    def talk(self) -> TalkView | None:
        """What was said on a WebSocket; None where there is none."""
        return talk_view(self.tale, self.standing, self.base)

    @cached_property
    def gives_away(self) -> str:
        """What is in the files that it can be saved as."""
        return gives_away(self.tale.trace)


def trace_view(
    tale: Tale, standing: Standing, trace_id: str, open_number: int, look: Look = STEPS_LOOK
) -> TraceView:
    """The view of a trace, running or finished.

    Args:
        tale: the trace as it is now.
        standing: how its fetch stands.
        trace_id: its id.
        open_number: of the event that the panes show, 0 for none.
        look: how to draw the timeline.
    """
    base = f"/t/{trace_id}"
    marks = tale.timeline.marks
    return TraceView(
        tale=tale,
        standing=standing,
        look=look,
        id=trace_id,
        base=base,
        url=tale.trace.url,
        state=standing.state,
        live=standing.live,
        last=len(tale.trace.events),
        open=open_number,
        heading=heading(tale),
        status=status_line(tale, standing),
        summary=summary_view(tale, standing, base),
        failure=failure_view(tale, base),
        row_caption=_("%(count)s, in order of time", count=count(len(marks), "mark")),
        more=_not_drawn(len(marks)),
        origin=origin(tale) if standing.brought else "",
        has_bytes=tale.trace.origin != HAR,
        exports=export_views(base, running=standing.live),
        walk=walk_steps(tale, base),
    )


def heading(tale: Tale) -> str:
    """What a trace is called: "Trace of plain.lab.test/, 200 OK"."""
    url = clean(tale.trace.url, 200)
    address = url.partition("://")[2] or url
    return _(
        "Trace of %(address)s, %(outcome)s", address=address, outcome=outcome(tale.timeline.summary)
    )


def opening(tale: Tale) -> Evidence:
    """What a page opens by itself: what shows the failure, else the first octets; 0: nothing."""
    marks = tale.timeline.marks
    failure = tale.timeline.summary.failure
    if failure is not None:
        return evidence(tale.trace.events, failure, tale.explanation)
    moved = (mark.number for mark in marks if mark.octets)
    return Evidence(next(moved, marks[0].number if marks else 0))


def summary_view(tale: Tale, standing: Standing, base: str) -> SummaryView:
    """The summary line, which also tells a running trace's state."""
    summary = tale.timeline.summary
    so_far = max(summary.total_ns, standing.elapsed_ns)
    facts = [
        Fact(figure(duration(so_far)), _("so far"))
        if summary.running
        else Fact(figure(duration(summary.total_ns)), _("in total"))
    ]
    facts.append(_amount(_("sent"), summary.sent_octets, minor=True))
    facts.append(_amount(_("received"), summary.received_octets))
    href = handshake_href(tale, base)
    if summary.tls_version or href:
        # Of a capture, and of a handshake that failed, no version is known to have been chosen.
        cipher = f", {clean(summary.cipher_suite)}" if summary.cipher_suite else ""
        version = clean(summary.tls_version) or "TLS"
        facts.append(Fact(version, cipher, minor=not href, href=href))
    if summary.round_trips is not None:
        facts.append(Fact(_round_trips(summary.round_trips), _("before the response"), minor=True))
    if tale.explanation.http2:
        facts.append(
            Fact(_("Streams and windows"), before="HTTP/2:", href=streams_href(tale, base))
        )
    if tale.explanation.quic:
        facts.append(Fact(_("Packets and keys"), before="QUIC:", href=quic_href(tale, base)))
    if tale.explanation.http3:
        facts.append(Fact(_("Streams and QPACK"), before="HTTP/3:", href=f"{base}/http3"))
    if summary.hops > 1:
        facts.append(Fact(str(summary.hops), _("requests"), minor=True))
    remark = queue_line(standing.ahead) if standing.state == QUEUED else ""
    if summary.status_code >= 400:
        remark = words.explain_event(tale.trace.events[-1]).what
    said = [remark, *sentences(tale.timeline.reuses), cut_line(tale)]
    remark = " ".join(each for each in said if each)
    state = standing.state
    failure = summary.failure
    stage = words.stage(failure.stage).title if failure and failure.code != INTERRUPTED else ""
    return SummaryView(_icon(summary, state), _outcome(tale, state), tuple(facts), remark, stage)


def _round_trips(found: RoundTripCount) -> str:
    return ngettext(
        "%(count)s round trip of %(time)s",
        "%(count)s round trips of %(time)s",
        found.round_trips,
        count=found.round_trips,
        time=duration(found.round_trip_ns),
    )


def _icon(summary: Summary, state: str) -> str:
    if state in (QUEUED, RUNNING):
        return "running"
    if state in (FAILED, CANCELLED):
        return "err" if state == FAILED else "note"
    return "warn" if summary.status_code >= 400 else "ok"


def _outcome(tale: Tale, state: str) -> str:
    summary = tale.timeline.summary
    if summary.failure is not None:
        return failure_card(tale).headline.removesuffix(".")
    if state == QUEUED:
        return _("waiting for a worker")
    if state == RUNNING and not summary.running:
        return _("ending")
    return outcome(summary)


def _amount(verb: str, octets: int, *, minor: bool = False) -> Fact:
    shown = figure(size(octets))
    exact = f"{octets:,} B"
    return Fact(shown, before=verb, title=exact if exact != shown else "", minor=minor)


def queue_line(ahead: int) -> str:
    """What is said to somebody whose fetch waits."""
    if not ahead:
        return _("Waiting for a free worker. You are the next.")
    return _("Waiting for a free worker. %(ahead)s ahead of you.", ahead=ahead)


def status_line(tale: Tale, standing: Standing) -> str:
    """What the page says aloud: one sentence a stage, and how it ended."""
    summary = tale.timeline.summary
    if standing.live:
        stages = tale.timeline.stages
        return words.stage(stages[-1].name).status if stages else ""
    if summary.failure is not None:
        return _("Ended: %(headline)s", headline=failure_card(tale).headline)
    marks = count(len(tale.timeline.marks), "mark")
    done = _(
        "Done: %(outcome)s, %(marks)s, %(time)s.",
        outcome=outcome(summary),
        marks=marks,
        time=spoken(summary.total_ns),
    )
    return f"{done} {cut_line(tale)}".strip()


def failure_card(tale: Tale) -> words.Card:
    """The card of a trace that failed."""
    failure = tale.timeline.summary.failure
    assert failure is not None
    return words.failure_card(failure.code, failure_facts(tale.trace, tale.explanation))


def failure_view(tale: Tale, base: str) -> FailureView | None:
    """The card above a partial trace; None if nothing failed."""
    failure = tale.timeline.summary.failure
    if failure is None:
        return None
    known = failure_facts(tale.trace, tale.explanation)
    card, added = words.failure_card(failure.code, known), failure_deeper(failure.code, known)
    shown = evidence(tale.trace.events, failure, tale.explanation)
    if failure.code not in REFUSED_CERTIFICATE:
        stopped = failure.code == INTERRUPTED
        address = shown.address(base)
        report = f"{base}/report" if failure.code == BUG else ""
        return FailureView(card, shown.event, address, deeper=added, report=report, stopped=stopped)
    page = handshake_href(tale, base, shown.event)
    return FailureView(
        card=card,
        number=shown.event,
        href=shown.address(base),
        again=tale.trace.url,
        follow=tale.trace.options.follow_redirects,
        chain=f"{page}/trust" if page else "",
        deeper=added,
    )


def row_views(
    marks: Sequence[Mark], base: str, before_ns: int | None = None
) -> tuple[RowView, ...]:
    """Rows of the event table.

    Args:
        marks: in order.
        base: the path of the trace.
        before_ns: the time of the mark before the first one; None if there is none.
    """
    rows: list[RowView] = []
    for mark in marks:
        since = "" if before_ns is None else f"+{duration(max(0, mark.time_ns - before_ns))}"
        rows.append(_row(mark, base, since))
        before_ns = mark.time_ns
    return tuple(rows)


def _row(mark: Mark, base: str, since: str) -> RowView:
    return RowView(
        number=mark.number,
        href=f"{base}/e/{mark.number}",
        time=duration(mark.time_ns),
        since=since,
        way=what_kind(mark),
        layer=mark.layer,
        layer_name=_(LAYERS[mark.layer]),
        title=clean(title_said(mark.title), 120),
        size=figure(f"{mark.octets:,} B") if mark.octets else "",
        error=_("packet lost (derived)") if mark.lost else mark.error * (mark.error != mark.title),
        css=f"L-{mark.layer}" + (" failure" if mark.error else ""),
    )


def _not_drawn(count: int) -> str:
    if count <= MARK_BUDGET:
        return ""
    return _(
        "The drawing stops after %(most)s marks; %(more)s more are listed.",
        most=MARK_BUDGET,
        more=f"{count - MARK_BUDGET:,}",
    )


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 mark" of the timeline, "1,204 events" that were recorded."""
    shown = f"{number:,}"
    if noun == "mark":
        return ngettext("1 mark", "%(count)s marks", number, count=shown)
    return ngettext("1 event", "%(count)s events", number, count=shown)
