"""Record the examples anew.

    python -m tools.record_examples [FOLDER]

starts the lab, traces the servers that the examples are of, and writes each trace to
content/examples/<id>.jsonl, or into another folder.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from lab.whole import Lab, LabTarget
from netcore import trace as saved_form
from netcore.client import fetch
from netcore.options import Options
from netcore.trace import Completed
from web.examples import FOLDER, TARGETS


def record(lab: Lab, folder: Path) -> list[Path]:
    """Write every example into the folder; returns the files.

    Raises:
        RuntimeError: a fetch did not end as an example has to.
    """
    by_name = {target.name: target for target in lab.targets}
    written = []
    for trace_id, name in TARGETS.items():
        target = by_name[name]
        trace = fetch(target.url, _options(lab, target))
        # Lines of source move on: those of another day would be shown beside the calls.
        trace = replace(trace, software=f"{trace.software} (example)")
        if not isinstance(trace.outcome, Completed):
            raise RuntimeError(f"{name} ended with {trace.outcome}")
        path = folder / f"{trace_id}.jsonl"
        path.write_bytes(saved_form.encode(trace))
        written.append(path)
    return written


def _options(lab: Lab, target: LabTarget) -> Options:
    return Options(
        lab=lab.options_lab(),
        cacert=str(lab.cacert),
        http="2" if target.ask.http == "2" else "auto",
        further_urls=(target.url,) * (target.ask.times - 1),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Record all of them. Returns the exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    folder = Path(given[0]) if given else FOLDER
    with Lab() as lab:
        for path in record(lab, folder):
            sys.stdout.write(f"{path}: {path.stat().st_size:,} octets\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
