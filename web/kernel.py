"""Kernel: what the kernel's own clock says of a call, as a sentence for the inspector."""

from __future__ import annotations

from netcore.figures import duration
from netcore.kernel_times import KernelTimes
from netcore.trace import AnyEvent, Called

_STEPS = ("handed to the device's queue", "sent", "acknowledged by the other end")


def kernel_line(kernel: KernelTimes, event: AnyEvent) -> str:
    """When the octets of a call crossed, told from the call; "" where the kernel did not say."""
    if not isinstance(event, Called):
        return ""
    times = kernel.of(event)
    if times.arrived_ns is not None:
        waited = duration(event.end_ns - times.arrived_ns)
        return (
            f"By the kernel's clock the last of these bytes arrived at {duration(times.arrived_ns)}"
            f" and waited in the kernel for {waited}, until recv() had it."
        )
    told = [
        f"{step} {duration(at_ns - event.time_ns)}"
        for step, at_ns in zip(_STEPS, times[:3], strict=True)
        if at_ns is not None
    ]
    if not told:
        return ""
    return f"By the kernel's clock, counted from send(): {', '.join(told)} later."
