"""The script and the command, run against servers that we did not write: the answer is the same."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from lab import Authority
from netcore import Options, Trace, fetch
from netcore.exports.curl_command import curl_command
from netcore.exports.python_script import python_script
from netcore.options import COMMAND_LINE_LIMITS
from netcore.options import Lab as LabOptions
from netcore.trace import Completed
from tests.netcore.exports.test_python_script import run
from tests.peers.h2_servers import LARGE, SERVERS
from tests.peers.process import program
from tests.peers.servers import HOST, PLAIN

WAYS = [(name, spoken) for name in SERVERS for spoken in ("h2", "h2c")]

pytestmark = [pytest.mark.peer, pytest.mark.wire, pytest.mark.slow, pytest.mark.thorough]


@pytest.fixture(scope="module")
def servers(
    chain: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, dict[str, int]]]:
    """The ports of each server."""
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(start(tmp_path_factory.mktemp(name), chain))
            for name, start in SERVERS.items()
        }


def fetched(port: int, spoken: str, path: str, authority: Authority, **more: Any) -> Trace:
    options: dict[str, Any] = {"http": "2"} if spoken == "h2c" else {}
    scheme = "http" if spoken == "h2c" else "https"
    trace = fetch(
        f"{scheme}://{HOST}:{port}{path}",
        Options(
            resolve=(f"{HOST}:{port}:127.0.0.1",),
            lab=LabOptions(endpoints=(f"127.0.0.1:{port}",)),
            cacert=authority.cacert,
            limits=COMMAND_LINE_LIMITS,
            **(options | more),
        ),
    )
    assert isinstance(trace.outcome, Completed), trace.outcome
    return trace


@pytest.mark.parametrize(("name", "spoken"), WAYS, ids=["-".join(way) for way in WAYS])
def test_a_script_gets_the_same_answer(
    name: str,
    spoken: str,
    servers: dict[str, dict[str, int]],
    authority: Authority,
    tmp_path: Path,
) -> None:
    port = servers[name][spoken]
    for path, more, body in (
        ("/plain", {}, PLAIN),
        ("/large", {}, LARGE),
        ("/plain", {"headers": (("Accept-Encoding", "identity"),)}, PLAIN),
        ("/plain", {"method": "HEAD"}, b""),
        ("/redirect", {"follow_redirects": True}, PLAIN),
        ("/plain", {"http": "1.1"}, PLAIN),
    ):
        if more.get("http") == "1.1" and (spoken == "h2c" or name == "nghttpd"):
            continue  # HTTP/2 alone is spoken there
        if path == "/redirect" and name == "nghttpd":
            continue  # it serves files and nothing else
        trace = fetched(port, spoken, path, authority, **more)
        ran = run(b"".join(python_script(trace)), tmp_path)
        assert (ran.status, ran.out) == (0, body), (path, more, ran.err)


@pytest.mark.parametrize(("name", "spoken"), WAYS, ids=["-".join(way) for way in WAYS])
def test_curl_gets_the_same_answer(
    name: str,
    spoken: str,
    servers: dict[str, dict[str, int]],
    authority: Authority,
    tmp_path: Path,
) -> None:
    text = curl_command(fetched(servers[name][spoken], spoken, "/plain", authority))[0].decode()
    command = text.replace("curl ", f"{program('curl', 'curl')} -q --silent ", 1)
    done = subprocess.run(["sh", "-c", command], capture_output=True, timeout=30, check=True)
    assert done.stdout == PLAIN
