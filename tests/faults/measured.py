"""Fetch a URL in a process of its own and print what it cost, as JSON.

`python -m tests.faults.measured URL ENDPOINT [HTTP]`, with a server that gives any path but that of
the URL a small page, or any connection but the second one where it cannot read paths: the first
fetch is of that page, so that what is loaded once is not counted. HTTP is the version, "1.1" if it
is left out.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from netcore import Options, Trace, fetch
from netcore.options import Lab
from netcore.trace import Failed, encode
from tests.faults.case import LIMITS


def peak_octets() -> int:
    """The most memory that was resident since the last reset."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError("this system does not say how much memory was resident")


def code(trace: Trace) -> str:
    """The code of the failure, or "ok"."""
    end = trace.events[-1]
    return end.code if isinstance(end, Failed) else "ok"


def main(url: str, endpoint: str, http: str = "1.1") -> None:
    """Print what fetching the URL costs."""
    options = Options(lab=Lab(endpoints=(endpoint,)), limits=LIMITS, http=http)
    small = f"{urlsplit(url).scheme}://{endpoint}/small"
    assert code(fetch(small, options)) == "ok"
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    before, cpu = peak_octets(), time.process_time()
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    trace = fetch(url, options)
    result = {
        "code": code(trace),
        "grown": peak_octets() - before,
        "cpu_s": time.process_time() - cpu,
        "descriptors": len(list(Path("/proc/self/fd").iterdir())) - descriptors,
        "events": len(trace.events),
        "saved": len(encode(trace)),
        "next": code(fetch(small, options)),
    }
    print(json.dumps(result))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
