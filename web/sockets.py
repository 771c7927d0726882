"""The page of a trace's sockets: options before and after, TCP_INFO over time, kernel waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint
from flask import render_template as render

from netcore.figures import duration
from netcore.socket_options import BY_NAME
from netcore.titles import title_of
from netcore.trace import AnyEvent, Called, SocketOptionsRead, TcpInfoSampled
from web import words
from web.facts import clean
from web.pages import find_tale
from web.spoken import N_
from web.spoken import gettext as _
from web.tale import Tale
from web.views import heading

sockets = Blueprint("sockets", __name__)

ROWS = 60  # of the samples, in one page: of more, some are left out evenly
COLUMNS = (
    "state",
    "rtt_us",
    "rttvar_us",
    "rcv_rtt_us",
    "snd_cwnd",
    "unacked",
    "total_retrans",
    "snd_mss",
    "rcv_space",
    "delivery_rate",
    "pacing_rate",
    "bytes_received",
)
_DRAWN = (
    ("rtt_us", N_("Round trip, µs")),
    ("snd_cwnd", N_("Congestion window, segments")),
)
WIDTH, HEIGHT = 480, 80


@dataclass(frozen=True)
class OptionRow:
    """One option: as it was, as asked, as it is."""

    name: str
    before: str
    asked: str
    after: str
    text: words.Explanation


@dataclass(frozen=True)
class Column:
    """The head of a column of TCP_INFO, and what it means."""

    name: str
    text: words.Text


@dataclass(frozen=True)
class Sample:
    """A row of TCP_INFO."""

    href: str
    time: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Graph:
    """One member over time, as the points of a line."""

    title: str
    points: str
    least: str
    most: str


@dataclass(frozen=True)
class SocketView:
    """All that is known of one socket."""

    name: str
    peer: str
    purpose: str  # what it was opened for, "" where its bytes do not say
    options: tuple[OptionRow, ...]
    samples: tuple[Sample, ...]
    left_out: int
    graphs: tuple[Graph, ...]
    waits: str  # what the kernel's clock says of reads, or ""


@sockets.get("/t/<trace_id>/sockets")
def show(trace_id: str) -> str:
    """Every socket of a trace."""
    tale, _ = find_tale(trace_id)
    base = f"/t/{trace_id}"
    columns = [Column(name, words.socket(name).what) for name in COLUMNS]
    return render(
        "pages/sockets.html",
        base=base,
        url=tale.trace.url,
        heading=heading(tale),
        sockets=socket_views(tale, base),
        columns=columns,
        size=(WIDTH, HEIGHT),
    )


def socket_views(tale: Tale, base: str) -> list[SocketView]:
    """The sockets in the order in which they were opened."""
    calls = [event for event in tale.trace.events if isinstance(event, Called)]
    names = dict.fromkeys(call.socket for call in calls if call.socket)
    return [_view(tale, base, name) for name in names]


def _view(tale: Tale, base: str, name: str) -> SocketView:
    events = tale.trace.events
    samples = [
        (number, event)
        for number, event in enumerate(events, start=1)
        if isinstance(event, TcpInfoSampled) and event.socket == name
    ]
    step = max(1, -(-len(samples) // ROWS))
    shown = samples[::step]
    if samples and shown[-1] is not samples[-1]:
        shown.append(samples[-1])
    calls = [e for e in events if isinstance(e, Called) and e.socket == name]
    peers = [e.peer for e in calls if e.peer]
    return SocketView(
        name=name,
        peer=clean(peers[0]) if peers else "",
        purpose=_purpose(tale, name),
        options=_options(events, name),
        samples=tuple(_sample(number, event, base) for number, event in shown),
        left_out=len(samples) - len(shown),
        graphs=_graphs([event for _, event in samples]),
        waits=_waits(tale, calls),
    )


def _purpose(tale: Tale, name: str) -> str:
    """What DNS was asked on a socket."""
    asked = {
        title_of(pdu).partition(": ")[2]
        for number, event in enumerate(tale.trace.events, start=1)
        if isinstance(event, Called) and (event.socket, event.call) == (name, "send")
        for pdu in tale.explanation.of_event(number)
        if pdu.name == "dns_message"
    }
    what = ", ".join(clean(each) for each in sorted(asked))
    return _("It asked DNS for %(what)s.", what=what) if what else ""


def _options(events: Sequence[AnyEvent], name: str) -> tuple[OptionRow, ...]:
    read = {
        e.when: e.values for e in events if isinstance(e, SocketOptionsRead) and e.socket == name
    }
    asked = {
        str(e.arguments[1]): e.arguments[2]
        for e in events
        if isinstance(e, Called) and e.socket == name and e.call == "setsockopt"
        if len(e.arguments) > 2
    }
    before, after = read.get("opened", {}), read.get("closed", {})
    rows = []
    for option in BY_NAME.values():
        if option.name not in before and option.name not in after:
            continue
        wanted = asked.get(option.name, asked.get(option.over_ipv6().option))
        rows.append(
            OptionRow(
                option.name,
                _shown(before.get(option.name)),
                _shown(wanted),
                _shown(after.get(option.name)),
                words.socket(option.name),
            )
        )
    return tuple(rows)


def _sample(number: int, event: TcpInfoSampled, base: str) -> Sample:
    values = tuple(_shown(getattr(event, column)) for column in COLUMNS)
    return Sample(f"{base}/e/{number}", duration(event.time_ns), values)


def _shown(value: object) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else clean(str(value))


def _graphs(samples: Sequence[TcpInfoSampled]) -> tuple[Graph, ...]:
    """Lines of what changes; of one or two samples there is nothing to draw."""
    found = []
    for member, title in _DRAWN:
        known = [(e.time_ns, getattr(e, member)) for e in samples if getattr(e, member) is not None]
        if len(known) < 3:
            continue
        first_ns, values = known[0][0], [value for _, value in known]
        least, most = min(values), max(values)
        span_ns, height = max(1, known[-1][0] - first_ns), max(1, most - least)
        points = " ".join(
            f"{(at_ns - first_ns) * WIDTH / span_ns:.1f},"
            f"{HEIGHT - (value - least) * HEIGHT / height:.1f}"
            for at_ns, value in known
        )
        found.append(Graph(_(title), points, f"{least:,}", f"{most:,}"))
    return tuple(found)


def _waits(tale: Tale, calls: Sequence[Called]) -> str:
    """How long what arrived lay in the kernel, in a sentence."""
    reads = [call for call in calls if call.call == "recv" and call.length]
    waits = [tale.kernel.waited_ns(call) for call in reads if tale.kernel.of(call).arrived_ns]
    if not waits:
        return ""
    if len(reads) == 1:
        once = duration(waits[0])
        return _(
            "By the kernel's clock, the bytes of its one read waited %(time)s in the kernel "
            "before we read them.",
            time=once,
        )
    middle = sorted(waits)[len(waits) // 2]
    return _(
        "By the kernel's clock, the bytes of %(count)s of %(all)s reads waited in the kernel "
        "before we read them: %(median)s in the median and %(most)s at most.",
        count=f"{len(waits):,}",
        all=f"{len(reads):,}",
        median=duration(middle),
        most=duration(max(waits)),
    )
