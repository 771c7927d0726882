"""Exports: a trace as a file for other programs, and what such a file gives away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from netcore import trace as saved_form
from netcore.exports.curl_command import curl_command
from netcore.exports.har import har
from netcore.exports.pcapng import pcapng
from netcore.exports.python_script import python_script
from netcore.exports.qlog import qlog
from netcore.exports.units import units
from netcore.trace import SecretLogged, Trace
from web.spoken import N_
from web.spoken import gettext as _

HOST_CHARACTERS: Final = 60


@dataclass(frozen=True)
class Export:
    """One kind of file."""

    suffix: str
    mimetype: str
    title: str
    about: str
    write: Callable[[Trace], bytes | Iterable[bytes]]
    while_running: bool = False  # whether a part of a trace is a file too


EXPORTS: Final = (
    Export(
        "jsonl",
        "application/x-ndjson",
        N_("Trace"),
        N_("every event, as JSON lines; opens here again"),
        saved_form.encode,
        while_running=True,
    ),
    Export("har", "application/json", "HAR", N_("a browser's log, an entry per request"), har),
    Export(
        "pcapng",
        "application/x-pcapng",
        N_("Packets"),
        N_("for Wireshark, made up around the recorded bytes"),
        pcapng,
    ),
    Export(
        "qlog",
        "application/qlog+json",
        "qlog",
        N_("what QUIC did, for qvis; empty without it"),
        qlog,
    ),
    Export(
        "explain.json",
        "application/json",
        N_("Explanation"),
        N_("every unit with its fields, and where it came from"),
        units,
    ),
    Export(
        "py",
        "text/x-python",
        "Python",
        N_("a script of plain sockets that sends the same"),
        python_script,
    ),
    Export(
        "curl", "text/x-shellscript", "curl", N_("the command that asks for the same"), curl_command
    ),
)
"""In the order of the menu. IANA has a media type neither for HAR nor, so far, for pcapng."""


@dataclass(frozen=True)
class ExportView:
    """A line of the menu."""

    href: str
    title: str
    about: str
    suffix: str
    ready: bool  # whether it can be had now


def export_views(base: str, *, running: bool) -> tuple[ExportView, ...]:
    """The menu of a trace. The page is made from more than the trace: it has its own module."""
    page = ExportView(
        href=f"{base}.html",
        title=_("Page"),
        about=_("one file with all of this, for any browser, offline; opens here again"),
        suffix="html",
        ready=not running,
    )
    return (
        *(
            ExportView(
                href=f"{base}.{each.suffix}",
                title=_(each.title),
                about=_(each.about),
                suffix=each.suffix,
                ready=each.while_running or not running,
            )
            for each in EXPORTS
        ),
        page,
    )


def gives_away(trace: Trace) -> str:
    """What a reader should know before passing a file on."""
    if any(isinstance(event, SecretLogged) for event in trace.events):
        return _(
            "All that was sent and received stands in these files: cookies, passwords, bodies. So "
            "do the keys of the encrypted connections, in the trace and in the packets. Pass them "
            "on as you would pass on the passwords in them."
        )
    return _(
        "All that was sent and received stands in these files: cookies, passwords, bodies. Pass "
        "them on as you would pass on the passwords in them."
    )


def file_name(trace: Trace, suffix: str) -> str:
    """A name that tells files apart: "wiretale-plain.lab.test-20260102-030405.har"."""
    try:
        host = urlsplit(trace.url).hostname or ""
        started = datetime.fromisoformat(trace.started).strftime("%Y%m%d-%H%M%S")
    except ValueError:
        host, started = "", ""
    host = re.sub(r"[^a-z0-9.-]+", "-", host)[:HOST_CHARACTERS].strip(".-")
    return "-".join(part for part in ("wiretale", host, started) if part) + f".{suffix}"
