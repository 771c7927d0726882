"""What pages weigh: exact octets as a browser gets them, which tests hold to a budget."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Flask
from werkzeug.test import Client

from bench.generated import generated
from web.store import new_id

STATIC: Final = Path(__file__).resolve().parent.parent / "static"
KIB: Final = 1024
CAP: Final = 10_000  # events: far beyond 300 marks and 500 rows
ROWS: Final = 500


@dataclass(frozen=True)
class Weight:
    """One thing that is loaded, in octets."""

    what: str
    octets: int
    most: int

    @property
    def keeps(self) -> bool:
        """Whether it keeps to its budget."""
        return self.octets <= self.most


def keep(app: Flask, count: int) -> str:
    """Store a generated trace of so many events as if it had been fetched; returns its path."""
    trace_id = new_id()
    app.extensions["tracing"].store.save(trace_id, generated(count))
    return f"/t/{trace_id}"


def page(app: Flask, path: str) -> str:
    """A page as a browser without script gets it. Raises: RuntimeError if there is none."""
    answer = Client(app).get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answers {answer.status_code}")
    return answer.get_data(as_text=True)


def weights(app: Flask) -> list[Weight]:
    """The weight of a trace's page and of all that it links."""
    small, large = (page(app, keep(app, count)) for count in (60, CAP))
    over_time = page(app, f"{keep(app, CAP)}?m=time")
    return [
        Weight("HTML, 60 events, gz", packed(small.encode()), 40 * KIB),
        Weight(f"HTML, {CAP:,} events in steps, gz", packed(large.encode()), 60 * KIB),
        Weight(f"HTML, {CAP:,} events over time, gz", packed(over_time.encode()), 60 * KIB),
        Weight("scripts of the page, gz", linked(app, small, "js"), 60 * KIB),
        Weight("stylesheets of the page, gz", linked(app, small, "css"), 14 * KIB),
        Weight("fonts", sum(len(font.read_bytes()) for font in STATIC.rglob("*.woff2")), 105_000),
    ]


def packed(octets: bytes) -> int:
    """How many octets are left of some after gzip."""
    return len(gzip.compress(octets, mtime=0))


def rows(html: str) -> int:
    """How many rows the table of a page has."""
    return len(re.findall(r'<tr id="r-\d+"', html))


def linked(app: Flask, html: str, suffix: str) -> int:
    """The packed octets of all files of a kind that a page links, each packed for itself."""
    found = set(re.findall(rf'(?:href|src)="(/s/\w+/[^"]+\.{suffix})"', html))
    return sum(packed(app.test_client().get(address).data) for address in found)
