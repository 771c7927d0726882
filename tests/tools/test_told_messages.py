"""The words of the lab and of the exercises, read for translation."""

from __future__ import annotations

import io

from exercises.exercise import of_track
from tools.told_messages import of_exercise, of_lab, texts

EXERCISE = b"""+++
title = "A"
task = "B"
target = "plain"
hints = ["C"]
show = "print()"
starter = "import socket"
why = "D"
what_if = "E"
[[checks]]
when = "lab.sent == 1"
want = "F"
seen = "G"
+++
H
"""


def test_all_servers_of_the_lab_are_told() -> None:
    found = [text for _, _, text, _ in of_lab(io.BytesIO(), {}, (), {})]
    assert {
        "Names",
        "HTTPS record",
        "a name that does not exist: its zone says so",
        "Echo, over TCP",
    } <= {*found}
    assert "" not in found


def test_an_exercise_is_told_and_its_scripts_are_not() -> None:
    found = [text for _, _, text, _ in of_exercise(io.BytesIO(EXERCISE), {}, (), {})]
    assert sorted(found) == list("ABCDEFGH")


def test_a_solution_that_is_no_script_is_told() -> None:
    click, *_others = of_track("sockets")
    assert click.show in texts(click)
