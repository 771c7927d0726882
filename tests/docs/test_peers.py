"""docs/peers.md names tests that exist, and those of its table go through the bench."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "docs" / "peers.md").read_text("utf-8")
NAMED: Final = re.findall(r"`(tests/\w+/\w+\.py)::(\w+)`", PAGE)
IN_TABLE: Final = {
    file
    for line in PAGE.splitlines()
    if line.startswith("|")
    for file in re.findall(r"`(\S+)::", line)
}
SERVERS: Final = (
    *("nginx", "caddy", "h2o", "nghttpd", "OpenSSL", "BIND", "dnsmasq", "websockets", "aioquic"),
)


@pytest.mark.parametrize(("file", "test"), NAMED, ids=[test for _, test in NAMED])
def test_a_test_that_is_named_is_there(file: str, test: str) -> None:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    assert test in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


@pytest.mark.parametrize("file", sorted(IN_TABLE))
def test_its_fetches_go_through_the_bench(file: str) -> None:
    assert "from tests.peers.bench import Bench" in (ROOT / file).read_text("utf-8")


@pytest.mark.parametrize("server", SERVERS)
def test_every_server_has_its_row(server: str) -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    assert any(server in row.split("|")[1] and "::" in row for row in rows)
