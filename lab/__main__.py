"""`python -m lab`: run the lab in the foreground until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import Final

from lab.whole import Lab, LabTarget

WITH_REDIRECTS: Final = ("redirect",)


def main() -> int:
    """Start everything, say how to reach it, and wait. Returns the exit status."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Lab() as lab:
            sys.stdout.write(f"The lab runs. DNS for lab.test: {lab.dns_server}\n\n")
            sys.stdout.writelines(_command(lab, target) for target in lab.targets)
            sys.stdout.write("Ctrl-C ends it.\n")
            sys.stdout.flush()
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _command(lab: Lab, target: LabTarget) -> str:
    """Two lines that show how to trace a target from the command line."""
    cacert = f" --cacert {lab.cacert}" if target.url.startswith("https:") else ""
    follow = " -L" if target.name in WITH_REDIRECTS else ""
    return (
        f"# {target.title}: {target.about}\n"
        f"python -m netcore {target.url}{follow} --allow-private"
        f" --dns-server {lab.dns_server}{cacert}\n\n"
    )


if __name__ == "__main__":
    sys.exit(main())
