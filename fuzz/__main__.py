"""make fuzz ARGS="TARGET [COUNT or SECONDSs] [RUN]": feed one target, or all, with spoilt octets.

python -m fuzz                        lists the targets
python -m fuzz all 20000              so many inputs over all of them
python -m fuzz protocols.http2 600s   for ten minutes
python -m fuzz dissect.hpack 1e6 7    a million inputs, those of run 7
"""

from __future__ import annotations

import sys

from fuzz.run import TARGETS, Bad, run

_USUAL = "2000"


def main(arguments: list[str]) -> int:
    """Out: the exit status, 1 if something was found, 2 for a target that is none."""
    if not arguments:
        sys.stdout.write("".join(f"{name}\n" for name in TARGETS))
        return 0
    wanted, amount, number = (*arguments, *("", _USUAL, "0")[len(arguments) :])
    names = [name for name in TARGETS if wanted == "all" or name.startswith(wanted)]
    if not names:
        sys.stderr.write(f"There is no target {wanted}: without one, all are listed.\n")
        return 2
    found = 0
    for name, (count, seconds) in shares(names, amount).items():
        try:
            ran = run(name, count=count, seconds=seconds, number=int(number))
            sys.stdout.write(
                f"{name}: {ran.inputs:,} inputs; of one at most {ran.things:,} things made, "
                f"{ran.steps:,} steps\n"
            )
        except Bad as bad:
            found += 1
            sys.stdout.write(f"FOUND {bad}\n")
        sys.stdout.flush()
    return 1 if found else 0


def shares(names: list[str], amount: str) -> dict[str, tuple[int, float]]:
    """How many inputs, or seconds, each target gets of an amount: "600s" is time."""
    if amount.endswith("s"):
        each = float(amount[:-1]) / len(names)
        return dict.fromkeys(names, (0, each))
    parts = {name: 1 / TARGETS[name].costs for name in names}
    unit = float(amount) / sum(parts.values())
    return {name: (max(1, round(part * unit)), 0.0) for name, part in parts.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
