"""netcore: a fetch, recorded and explained. It knows nothing of the web application.

    trace = netcore.fetch("https://example.com/")
    explanation = netcore.explain(trace.events)

What is listed in `__all__` is the public API. Each name is loaded when it is first used, so that
explaining a trace does not load what fetching one needs, or the other way round.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # as type checkers know it; `typing` takes longer to load than all this
if TYPE_CHECKING:
    from netcore.client import fetch
    from netcore.exports.har import har
    from netcore.exports.pcapng import pcapng
    from netcore.exports.units import units
    from netcore.options import COMMAND_LINE_LIMITS, Limits, Options
    from netcore.pdus import explain
    from netcore.trace import Trace

__all__ = [
    "COMMAND_LINE_LIMITS",
    "Limits",
    "Options",
    "Trace",
    "explain",
    "fetch",
    "har",
    "pcapng",
    "units",
]

_HOMES = {
    "COMMAND_LINE_LIMITS": "netcore.options",
    "Limits": "netcore.options",
    "Options": "netcore.options",
    "Trace": "netcore.trace",
    "explain": "netcore.pdus",
    "fetch": "netcore.client",
    "har": "netcore.exports.har",
    "pcapng": "netcore.exports.pcapng",
    "units": "netcore.exports.units",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
