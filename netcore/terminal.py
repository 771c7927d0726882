"""The timeline in a terminal: 80 columns, colour only where the caller says that it is one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from textwrap import wrap

from netcore.dns_steps import Step
from netcore.figures import duration, size
from netcore.path import Path
from netcore.reuse import sentences
from netcore.timeline import Lane, Mark, StageSpan, Summary, Timeline

WIDTH = 80
_BAR = 30  # columns of a stage's bar
_COLOUR = {"dns": "36", "tcp": "33", "tls": "35", "quic": "95", "http": "34", "ws": "32"}
_STAGE_LAYER = {"dns": "dns", "connect": "tcp", "tls": "tls", "messages": "ws", "path": "tcp"}
_SIGN = {"decision": "◆", "key": "⚷", "truncated": "≈", "failure": "✗"}
_STAGE_TITLES = {"dns": "DNS", "connect": "connect", "tls": "TLS handshake"}


def draw(
    timeline: Timeline,
    path: Path | None = None,
    *,
    colour: bool,
    start_of_body: bytes = b"",
    walk: Sequence[Step] = (),
) -> str:
    """The timeline as text.

    Args:
        timeline: of a finished trace.
        path: the hops to the server, if they were probed.
        colour: whether to use ANSI colours; direction and layer are told without them too.
        start_of_body: octets of the content to show at the end, if any.
        walk: the steps of a walk from the root, to show before everything that happened.

    Returns:
        Lines of at most 80 columns, each ended by a line feed. Octets from the wire are shown
        with control characters escaped, so that they cannot drive the terminal.
    """
    pen = _Pen(colour)
    lines = [*_head(timeline.summary, pen), "", *_stages(timeline, pen), ""]
    lines += _walk(walk, pen)
    lines += [*_reuses(timeline), ""] if timeline.reuses else []
    lines += _marks(timeline, pen)
    lines += _path(path, pen)
    lines += _kernel_wait(timeline.summary)
    lines += _unverified(timeline, pen)
    lines += _failure(timeline.summary, pen)
    lines += _body(timeline.summary, start_of_body)
    return "".join(line.rstrip() + "\n" for line in lines)


class _Pen:
    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def __call__(self, text: str, layer: str) -> str:
        code = {"bold": "1", "error": "31;1", "quiet": "2"}.get(layer) or _COLOUR.get(layer)
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour and code else text


def visible(text: str) -> str:
    """The text with everything that is not a printable character escaped."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _fit(text: str, columns: int) -> str:
    """The text in so many columns, cut with "…" if it is longer."""
    text = visible(text)
    if _columns(text) <= columns:
        return text + " " * (columns - _columns(text))
    while _columns(text) > columns - 1:
        text = text[:-1]
    return text + "…" + " " * (columns - 1 - _columns(text))


def _head(summary: Summary, pen: _Pen) -> Iterator[str]:
    yield pen(_fit(summary.url, WIDTH), "bold")
    status = f"{summary.status_code or 'answered'} {summary.reason_phrase}".strip()
    if summary.failure is not None:
        status = f"failed: {summary.failure.code}"
    facts = [
        status,
        f"{duration(summary.total_ns)} in total",
        f"sent {size(summary.sent_octets)}",
        f"received {size(summary.received_octets)}",
        summary.tls_version,
    ]
    yield _fit(" · ".join(fact for fact in facts if fact), WIDTH)
    if summary.round_trips is not None:
        yield _fit(f"{summary.round_trips} before the response began", WIDTH)


def _stages(timeline: Timeline, pen: _Pen) -> Iterator[str]:
    total = max(timeline.summary.total_ns, 1)
    for stage in timeline.stages:
        end = stage.end_ns if stage.end_ns is not None else total
        is_told = stage.name == "target" and stage.hop > 1  # by the URL that was chosen there
        if (is_told or end == stage.start_ns) and not stage.error:
            continue
        first = min(stage.start_ns * _BAR // total, _BAR - 1)
        last = min(max(-(-end * _BAR // total), first + 1), _BAR)
        fill = "░" if stage.name == "waiting" else "█"
        bar = " " * first + fill * (last - first) + " " * (_BAR - last)
        bar = pen(bar, _STAGE_LAYER.get(stage.name, "http"))
        yield f"  {_fit(_stage_title(stage), 18)}{bar}  {duration(end - stage.start_ns):>9}" + (
            f"  ✗ {visible(stage.error)}" if stage.error else ""
        )


def _reuses(timeline: Timeline) -> Iterator[str]:
    """What requests on a connection that was there already did not need."""
    for sentence in sentences(timeline.reuses):
        yield from wrap(sentence, WIDTH, initial_indent="  ", subsequent_indent="    ")


def _stage_title(stage: StageSpan) -> str:
    title = _STAGE_TITLES.get(stage.name, stage.name)
    return title if stage.hop == 1 else f"{title}, hop {stage.hop}"


def _walk(steps: Sequence[Step], pen: _Pen) -> Iterator[str]:
    """Three lines for each question: who was asked, what, and what came of it."""
    if not steps:
        return
    yield pen(f"{'event':>5} {'took':>9}  The walk from the root", "quiet")
    for step in steps:
        zone = "the root" if step.zone == "." else step.zone
        server = step.server if step.server == step.endpoint else f"{step.server} {step.endpoint}"
        asked = pen(_fit(f"{zone}: {server}", WIDTH - 17), "dns")
        yield f"{step.number:>5} {duration(step.took_ns):>9}  {asked}"
        glue = f" ({', '.join(step.glue[:2])})" if step.glue else ""
        for line in (f"{step.question}?", f"{step.outcome}{glue}"):
            yield f"{'':19}{_fit(line, WIDTH - 19)}"
    yield ""


def _marks(timeline: Timeline, pen: _Pen) -> Iterator[str]:
    lanes = {lane.key: lane for lane in timeline.lanes}
    many = sum(lane.kind == "server" for lane in timeline.lanes) > 1
    yield pen(f"{'event':>5} {'at':>9}  {'':24} {'bytes':>9}", "quiet")
    for mark in _in_order(timeline.marks):
        if mark.kind == "failure":
            continue  # told in full below
        yield _mark(mark, lanes[mark.lane], pen)
        if mark.kind == "connect" and many:
            yield f"{'':17}{_fit('to ' + lanes[mark.lane].note, WIDTH - 17)}"


def _in_order(marks: Sequence[Mark]) -> Sequence[Mark]:
    """In order of time where packets were captured: they are learnt after they have passed."""
    if not any(mark.kind == "segment" for mark in marks):
        return marks
    return sorted(marks, key=lambda mark: mark.time_ns)


def _mark(mark: Mark, lane: Lane, pen: _Pen) -> str:
    octets = size(mark.octets) if mark.octets else ""
    layer = "error" if mark.error else mark.layer
    way = pen(_fit(_way(mark, lane), 21), layer)
    title = _fit(f"lost (derived): {mark.title}" if mark.lost else mark.title, WIDTH - 50)
    return f"{mark.number:>5} {duration(mark.time_ns):>9}  {way} {octets:>9}  {title}"


def _way(mark: Mark, lane: Lane) -> str:
    """Who spoke to whom."""
    peer: str = lane.kind
    if lane.zone:
        peer = "root server" if lane.zone == "." else f"zone {lane.zone}"
    if mark.lost:
        return f"client ──✗ {peer}"
    if mark.direction == "sent":
        return f"client ──▶ {peer}"
    if mark.direction == "received":
        return f"client ◀── {peer}"
    return f"  {_SIGN.get(mark.kind, '·')}"


def _kernel_wait(summary: Summary) -> Iterator[str]:
    if summary.kernel_wait_ns:
        yield ""
        waited = duration(summary.kernel_wait_ns)
        yield f"By the kernel's clock, what arrived waited there up to {waited} to be read."


def _path(path: Path | None, pen: _Pen) -> Iterator[str]:
    """The hops to the server, one a line."""
    if path is None:
        return
    yield ""
    yield pen(_fit(f"The path to {path.target}, asked by {path.protocol}", WIDTH), "bold")
    for hop in path.hops:
        waits = "  ".join(f"{wait:>8}" for wait in hop.waits)
        who = ", ".join(hop.addresses) or "*"
        end = "" if hop.answer in ("", "time exceeded") else f"  {hop.answer}"
        yield _fit(f"{hop.number:>5}  {waits:<30}{who}{end}", WIDTH)


def _unverified(timeline: Timeline, pen: _Pen) -> Iterator[str]:
    """What checking would have said of certificates that were not checked."""
    for mark in timeline.singles:
        if mark.title == "certificate: not verified":
            yield ""
            yield pen(f"! {mark.title}", "error")
            for line in wrap(visible(mark.detail), WIDTH - 2):
                yield f"  {line}"


def _failure(summary: Summary, pen: _Pen) -> Iterator[str]:
    if summary.failure is None:
        return
    yield ""
    yield pen(f"✗ {summary.failure.code}, in stage {summary.failure.stage}", "error")
    for line in wrap(visible(summary.failure.message), WIDTH - 2):
        yield f"  {line}"


def _body(summary: Summary, start: bytes) -> Iterator[str]:
    if not start:
        return
    yield ""
    yield f"The start of the body ({size(summary.body_octets)} after decoding):"
    text = start.decode("utf-8", "replace")
    for line in text.splitlines()[:12]:
        yield f"  {_fit(line, WIDTH - 2)}"
