"""Both ends: what the other end noted of a call, as sentences."""

from __future__ import annotations

from collections.abc import Sequence

from netcore.figures import duration
from netcore.other_ends import FarEnd
from netcore.trace import AnyEvent, Called, PeerCalled
from web.facts import size
from web.kernel import kernel_line
from web.spoken import gettext as _
from web.tale import Tale


def clock_lines(tale: Tale, event: AnyEvent) -> str:
    """What the kernel's clock and the other end say of a call; "" where neither does."""
    said = [kernel_line(tale.kernel, event)]
    if isinstance(event, Called):
        own_ns = event.time_ns if event.call == "send" else event.end_ns
        said.append(measured(tale.ends.of(event), own_ns))
    return " ".join(line for line in said if line)


def measured(far: Sequence[FarEnd], own_ns: int) -> str:
    """What the calls of the other end were; "" for none. In: when our end was."""
    if not far:
        return ""
    first, last = (duration(abs(each.time_ns - own_ns)) for each in (far[0], far[-1]))
    if len(far) == 1:
        return f"{_alone(far[0], first)} {_merged(far[0])}".strip()
    if far[0].call == "recv":
        return _(
            "Both ends were measured: one write, %(count)s reads at the other end. The first "
            "recv() there returned %(first)s later, the last %(last)s later.",
            count=f"{len(far):,}",
            first=first,
            last=last,
        )
    return _(
        "Both ends were measured: %(count)s writes at the other end became this. The first send() "
        "there was called %(first)s earlier, the last %(last)s earlier.",
        count=f"{len(far):,}",
        first=first,
        last=last,
    )


def _alone(far: FarEnd, apart: str) -> str:
    if far.call == "recv":
        return _(
            "Both ends were measured: the recv() at the other end returned %(time)s later.",
            time=apart,
        )
    return _(
        "Both ends were measured: the send() at the other end was called %(time)s earlier.",
        time=apart,
    )


def _merged(far: FarEnd) -> str:
    """That a call of the other end moved more than ours did; "" if it did not."""
    if far.octets == far.whole:
        return ""
    if far.call == "recv":
        return _(
            "It took %(size)s in all, so several writes merged into one read.",
            size=size(far.whole),
        )
    return _(
        "It gave out %(size)s in all, so one write forked into several reads.",
        size=size(far.whole),
    )


def peer_title(event: PeerCalled) -> str:
    """What a call of the other end is called in a list."""
    return _("%(call)s at the other end", call=f"{event.call}()")
