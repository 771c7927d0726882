"""Every hostile server of tests/data/faults.json that this version has to bear."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from lab import LabServer
from netcore import Options, fetch
from netcore.options import Lab
from netcore.trace import Completed, Failed
from tests.faults.cards import hold_card
from tests.faults.case import Case, play
from tests.faults.rows import (
    chunked,
    compression,
    dns,
    dns_tcp,
    http1,
    http2,
    http3,
    redirect,
    tcp,
    tls,
    tls_tickets,
    websocket,
)

CASES: Final = [
    case
    for rows in (
        dns,
        dns_tcp,
        tcp,
        tls,
        tls_tickets,
        http1,
        http2,
        http3,
        chunked,
        redirect,
        compression,
        websocket,
    )
    for case in rows.CASES
]
STAGES: Final = {
    "dns",
    "tcp",
    "tls",
    "http1",
    "http2",
    "http3",
    "chunked",
    "compression",
    "redirect",
    "websocket",
}
ELSEWHERE: Final = {
    "TCP-03": "test_unreachable.py, in a network namespace",
    "TCP-13": "test_peer_mismatch.py, with a socket that lies",
}
DATA: Final = Path(__file__).parents[1] / "data" / "faults.json"
ROWS: Final[dict[str, dict[str, Any]]] = {
    row["id"]: row for row in json.loads(DATA.read_text())["cases"] if row["stage"] in STAGES
}


@pytest.fixture(scope="module")
def outcomes() -> Iterator[list[str]]:
    """Takes what came of each row; `pytest -s` shows the table."""
    lines: list[str] = []
    yield lines
    print("", *lines, sep="\n")  # noqa: T201


@pytest.mark.wire
@pytest.mark.usefixtures("nothing_left")
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row} {case.title}")
def test_a_hostile_server_ends_the_fetch_in_its_code(case: Case, outcomes: list[str]) -> None:
    trace = play(case)
    end = trace.events[-1]
    code = end.code if isinstance(end, Failed) else "ok"
    if isinstance(end, Failed):
        hold_card(trace)
    outcomes.append(f"{case.row:8}{code:28}{case.title}")
    with LabServer("plain") as server:
        good = Options(lab=Lab(endpoints=(server.endpoint,)))
        assert isinstance(fetch(f"http://{server.endpoint}/", good).events[-1], Completed)


def test_every_row_in_scope_has_a_case() -> None:
    covered = {case.row for case in CASES} | set(ELSEWHERE)
    assert covered == set(ROWS)


def test_the_first_case_of_a_row_has_the_code_of_the_row() -> None:
    first = {case.row: case for case in reversed(CASES)}
    for name, case in first.items():
        codes = ROWS[name]["code"].replace("(stage code of hop 2)", case.code).split("|")
        wanted = f"{case.code}+note" if case.noted and case.code == "ok" else case.code
        assert wanted in codes or case.code in codes, name
