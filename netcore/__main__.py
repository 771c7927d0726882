"""python -m netcore: starts the program. What takes time to load is loaded behind its signals."""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as type checkers know it; `typing` itself takes long to load
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """The program within another one, which keeps its signals. Out: the exit status."""
    from netcore.interruption import Interruption
    from netcore.program import run

    return run(arguments, Interruption())


def _start() -> int:
    """The program as a process of its own."""
    try:
        from netcore.interruption import Interruption

        interruption = Interruption()
        interruption.install()
        from netcore.program import run

        return run(None, interruption)
    except KeyboardInterrupt:  # before there was a handler
        sys.stderr.write("python -m netcore: interrupted before it had begun\n")
        return 130


if __name__ == "__main__":
    sys.exit(_start())
