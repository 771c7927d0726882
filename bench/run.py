"""Run one client as a process, and say what it took."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
MOST_S: Final = 300


@dataclass(frozen=True)
class Took:
    """What one run took; the times are the client's own where it measured them."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    said: dict[str, Any]


def run(*command: str) -> Took:
    """Run a command to its end. Raises: RuntimeError if it fails."""
    measured = [sys.executable, "-I", "-S", str(ROOT / "bench" / "usage.py"), *command]
    done = subprocess.run(  # noqa: S603 (the commands are our own)
        measured, cwd=ROOT, capture_output=True, timeout=MOST_S, check=True
    )
    used = json.loads(done.stdout)
    if used["status"]:
        raise RuntimeError(f"{command} ended with {used['status']}: {done.stderr.decode()}")
    said = json.loads(used["said"]) if used["said"].startswith("{") else {}
    wall_s, cpu_s = said.get("wall_s", used["wall_s"]), said.get("cpu_s", used["cpu_s"])
    return Took(wall_s, cpu_s, used["peak_mb"], said)


def python(module: str, *arguments: str) -> Took:
    """Run a module of ours."""
    return run(sys.executable, "-m", module, *arguments)
