"""Kernel: what the kernel's own clock says of a call, as a sentence for the inspector."""

from __future__ import annotations

from netcore.figures import duration
from netcore.kernel_times import KernelTimes
from netcore.trace import AnyEvent, Called
from web.spoken import gettext as _


def kernel_line(kernel: KernelTimes, event: AnyEvent) -> str:
    """When the octets of a call crossed, told from the call; "" where the kernel did not say."""
    if not isinstance(event, Called):
        return ""
    times = kernel.of(event)
    if times.arrived_ns is not None:
        waited = duration(event.end_ns - times.arrived_ns)
        return _(
            "By the kernel's clock the last of these bytes arrived at %(time)s and waited in the "
            "kernel for %(waited)s, until recv() had it.",
            time=duration(times.arrived_ns),
            waited=waited,
        )
    told = [
        step(duration(at_ns - event.time_ns))
        for step, at_ns in zip((_queued, _sent, _acknowledged), times[:3], strict=True)
        if at_ns is not None
    ]
    if not told:
        return ""
    return _("By the kernel's clock, counted from send(): %(steps)s later.", steps=", ".join(told))


def _queued(later: str) -> str:
    return _("handed to the device's queue %(time)s", time=later)


def _sent(later: str) -> str:
    return _("sent %(time)s", time=later)


def _acknowledged(later: str) -> str:
    return _("acknowledged by the other end %(time)s", time=later)
