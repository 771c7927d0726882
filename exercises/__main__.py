"""`python -m exercises sockets 1 mine.py`: run a script of your own and check it."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from exercises.exercise import TRACKS, Exercise, find
from exercises.line import write_line
from exercises.marking import Marking, mark_best
from exercises.running import SCRIPT_OCTETS, Run, run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and check. Out: 0 if every check is met, 1 if not, 2 for wrong usage."""
    given = _arguments(arguments)
    exercise = find(given.track, given.number)
    if exercise is None or not exercise.starter:
        complain(f"{given.track} {given.number} has no script to run; /learn lists what there is")
        return 2
    try:
        script = given.script.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        complain(f"{given.script} cannot be read: {error}")
        return 2
    if len(script.encode()) > SCRIPT_OCTETS:
        complain(f"{given.script} is longer than {SCRIPT_OCTETS:,} bytes")
        return 2
    prediction = _ask(exercise) if exercise.predict and not given.code else ""
    code = given.code or secrets.token_hex(4)
    done = run(script, exercise.target, code)
    facts, marking = mark_best(exercise, done.attempts)
    _tell(done, marking, prediction)
    if given.code:
        line = write_line(exercise.key, code, facts, exercise.facts)
        sys.stdout.write(f"\nFor the page:\n{line}\n")
    return 0 if marking.passed else 1


def complain(text: str) -> None:
    """One line on standard error."""
    sys.stderr.write(f"python -m exercises: {text}\n")


def _ask(exercise: Exercise) -> str:
    """The prediction. Any will do, but it comes first."""
    sys.stdout.write(f"{exercise.predict} Your prediction: ")
    sys.stdout.flush()
    return sys.stdin.readline().strip()


def _tell(done: Run, marking: Marking, prediction: str) -> None:
    output = "".join(f"  {line}\n" for line in done.output.splitlines()) or "  nothing\n"
    sys.stdout.write(f"Your script printed:\n{output}")
    if prediction:
        sys.stdout.write(f"You predicted: {prediction}\n")
    sys.stdout.write("\n")
    for result in marking.results:
        sys.stdout.write(f"[{'x' if result.met else ' '}] {result.want}\n    {result.seen}\n")
    if marking.remark:
        sys.stdout.write(f"\n{marking.remark}\n")


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m exercises",
        description="Run your own script against a server that is made for an exercise.",
        epilog="The script runs as you, with your rights, for five seconds at most.",
    )
    parser.add_argument("track", choices=list(TRACKS))
    parser.add_argument("number", type=int)
    parser.add_argument("script", type=Path, help="your file")
    parser.add_argument("--code", default="", help="what the page gave you")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
