"""Spoilt octets for all that reads octets: nothing raises, and what is not right would be found."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzz import run as module
from fuzz.__main__ import main, shares
from fuzz.adapters import ADAPTERS, _same_however_cut
from fuzz.dissectors import covered
from fuzz.mutations import MOST_OCTETS, pieces, spoilt
from fuzz.run import TARGETS, Bad, inputs, run
from fuzz.target import Finding, Target
from netcore.dissect import DISSECTORS
from netcore.field import Field
from netcore.protocols.http1 import Broken, Content, End, HttpEvent

COUNT = 20_000
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_twenty_thousand_inputs_find_nothing() -> None:
    ran = [run(name, count=count) for name, (count, _) in shares([*TARGETS], str(COUNT)).items()]
    assert len(ran) == len(TARGETS)
    assert sum(each.inputs for each in ran) >= COUNT - len(ran)
    assert all(each.things for each in ran)


# Nothing is left out


def test_every_dissector_is_a_target() -> None:
    assert {f"dissect.{name}" for name in DISSECTORS} <= TARGETS.keys()


def test_every_protocol_that_receives_octets_is_a_target() -> None:
    paths = (ROOT / "netcore" / "protocols").glob("*.py")
    receiving = {path.stem for path in paths if _receives(path)}
    assert {"http1", "http2", "dns", "tls"} <= receiving
    assert receiving - ADAPTERS.keys() == set(), "add a line to fuzz/adapters.py"


def _receives(path: Path) -> bool:
    classes = [n for n in ast.parse(path.read_text("utf-8")).body if isinstance(n, ast.ClassDef)]
    return any(
        isinstance(node, ast.FunctionDef) and node.name == "receive"
        for each in classes
        for node in each.body
    )


def test_every_target_has_seeds() -> None:
    without = {name for name, target in TARGETS.items() if not any(target.seeds())}
    assert without <= {"dissect.not_kept"}, "its only vector has no octet"


# What is wrong would be found


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    def plant(read: Callable[[bytes, Random], int], **bounds: int) -> None:
        target = Target(lambda: [b"some octets"], read, **bounds)  # type: ignore[arg-type]
        monkeypatch.setitem(module.TARGETS, "planted", target)

    yield plant
    assert sys.getprofile() is None


def test_an_exception_is_found_with_its_octets(planted: Callable[..., None]) -> None:
    def read(octets: bytes, _: Random) -> int:
        return 1 // (len(octets) % 7)

    planted(read)
    with pytest.raises(Bad, match=r"planted, input \d+ of run 3: ZeroDivisionError") as caught:
        run("planted", count=500, number=3)
    octets = bytes.fromhex(str(caught.value).splitlines()[-1])
    assert len(octets) % 7 == 0


def test_too_many_steps_are_found(planted: Callable[..., None]) -> None:
    planted(lambda octets, _: len([abs(at) for at in range(99)]), steps=90, steps_an_octet=0)
    with pytest.raises(Bad, match="steps"):
        run("planted", count=1)


def test_too_many_things_are_found(planted: Callable[..., None]) -> None:
    planted(lambda octets, _: 100, things=99, things_an_octet=0)
    with pytest.raises(Bad, match="made 100 things"):
        run("planted", count=1)


def test_too_much_memory_is_found(
    planted: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    peaks = iter([0, module.MOST_MEMORY + 1, module.MOST_MEMORY + 1])
    monkeypatch.setattr(module, "_peak", lambda: next(peaks))
    planted(lambda octets, _: 0)
    with pytest.raises(Bad, match="octets of memory more"):
        run("planted", count=1)


@pytest.mark.parametrize(
    "tree",
    [
        Field("a", 0, 8),
        Field("a", 0, 16, children=(Field("b", 0, 8),)),
        Field("a", 0, 16, children=(Field("b", 0, 8), Field("c", 9, 7))),
        Field("not_explained", 0, 16),
    ],
)
def test_a_tree_that_does_not_cover_its_octets_is_found(tree: Field) -> None:
    with pytest.raises(Finding):
        covered(tree, 2)


def _adapter(made: Callable[[list[bytes]], list[HttpEvent]]) -> Callable[[], object]:
    """An adapter that makes these of what it has received so far, at the end."""

    def begin() -> object:
        parts: list[bytes] = []

        def receive(data: bytes) -> list[HttpEvent]:
            if data:
                parts.append(data)
                return []
            return made(parts)

        return receive, lambda: b""

    return begin


@pytest.mark.parametrize(
    "made",
    [
        lambda parts: [Broken("h1.x", str(len(parts)))],
        lambda parts: [End(()), Content(b"")],
        lambda parts: [],
        lambda parts: [Content(b"".join(parts) * 2), End(())],
    ],
)
def test_an_adapter_that_does_otherwise_is_found(
    made: Callable[[list[bytes]], list[HttpEvent]],
) -> None:
    chance = Random(7)  # it cuts
    with pytest.raises(Finding):
        _same_however_cut(_adapter(made), b"some more octets", chance)  # type: ignore[arg-type]


# Spoiling


@given(st.binary(max_size=200), st.lists(st.binary(max_size=50), max_size=3), st.integers())
def test_the_same_numbers_spoil_in_the_same_way(
    seed: bytes, others: list[bytes], number: int
) -> None:
    once, again = (spoilt(seed, others, Random(number)) for _ in range(2))
    assert once == again
    assert len(once) <= MOST_OCTETS
    assert b"".join(pieces(once, Random(number))) == once


def test_a_run_has_octets_of_its_own() -> None:
    def first(number: int) -> list[bytes]:
        made = inputs([b"a seed of some octets"], number)
        return [next(made)[0] for _ in range(20)]

    assert first(1) == first(1) != first(2)
    assert len(set(first(1))) > 10


# The command


def test_the_command_lists_the_targets_and_runs_one() -> None:
    def said(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "fuzz", *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=False)

    assert said().stdout.decode().split() == [*TARGETS]
    ran = said("dissect.tls_alert", "50", "2")
    assert (ran.returncode, ran.stdout.split()[:3]) == (
        0,
        [b"dissect.tls_alert:", b"50", b"inputs;"],
    )
    assert said("nothing").returncode == 2


def test_a_finding_is_told_and_ends_in_failure(
    planted: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    planted(lambda octets, _: 1 // 0)
    assert main(["planted", "5"]) == 1
    assert capsys.readouterr().out.startswith("FOUND planted, input 0 of run 0: ZeroDivisionError")


def test_what_costs_more_gets_less_of_a_number_and_the_same_of_a_time() -> None:
    names = ["dissect.tls_alert", "recording"]
    (light, _), (heavy, _) = shares(names, "610").values()
    assert (light, heavy) == (600, 10)
    assert set(shares(names, "5s").values()) == {(0, 2.5)}
