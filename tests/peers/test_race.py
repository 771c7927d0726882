"""The race of the protocols: one URL on a link whose delay is known, and the round trips counted.

The link is made of namespaces of the test's own (`lab.link`); the server is caddy, which speaks all
versions of HTTP. What is asserted is the count that the recording gives, not a time.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from lab.authority import Authority
from lab.link import SERVER, Link, NoLink
from netcore.round_trip_count import round_trips_before_response
from netcore.trace import Completed, Trace, decode
from tests.peers.process import program, running, wait_for_line

DELAY_S: Final = 0.25
WAIT_S: Final = 60
HOST: Final = "race.example.com"
PORT: Final = 8443
BODY: Final = b"the winner\n"

pytestmark = [pytest.mark.peer, pytest.mark.wire, pytest.mark.slow]


@pytest.fixture(scope="module")
def link() -> Iterator[Link]:
    try:
        with Link(DELAY_S) as made:
            yield made
    except NoLink as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory, link: Link) -> Iterator[Path]:
    """The authority's certificate; while it is lent, caddy serves one URL behind the link."""
    directory = tmp_path_factory.mktemp("race")
    configuration = directory / "caddy.json"
    command = link.on_server(program("caddy", "caddy"), "run", "--config", str(configuration))
    homes = {"XDG_CONFIG_HOME": str(directory), "XDG_DATA_HOME": str(directory)}
    with Authority() as made:
        chain = made.write_chain(made.identity(HOST))
        configuration.write_text(json.dumps(_caddy(directory, chain)))
        with running(command, directory, **homes) as process:
            wait_for_line(process, "serving initial configuration")
            yield Path(made.cacert)


def _caddy(directory: Path, chain: Path) -> dict[str, object]:
    answer = {"handler": "static_response", "body": BODY.decode()}
    server = {
        "listen": [f"{SERVER}:{PORT}"],
        "routes": [{"handle": [answer]}],
        "automatic_https": {"disable": True},
        "tls_connection_policies": [{}],
        "protocols": ["h1", "h2", "h3"],
    }
    pair = {"certificate": str(chain), "key": str(chain)}
    return {
        "admin": {"disabled": True, "config": {"persist": False}},
        "storage": {"module": "file_system", "root": str(directory / "storage")},
        "apps": {
            "http": {"servers": {"race": server}},
            "tls": {"certificates": {"load_files": [pair]}},
        },
    }


def fetched(link: Link, authority: Path, *options: str) -> Trace:
    """A fetch by the command line on the client's host."""
    done = subprocess.run(
        link.on_client(
            *(sys.executable, "-m", "netcore", f"https://{HOST}:{PORT}/", "--json", "-"),
            *("--resolve", f"{HOST}:{PORT}:{SERVER}", "--cacert", str(authority), *options),
        ),
        capture_output=True,
        timeout=WAIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return decode(done.stdout)


@pytest.mark.parametrize(
    ("options", "version", "round_trips"),
    [
        (("--http", "1.1"), "1.1", [3]),
        (("--http", "2"), "2", [3]),
        (("--http", "1.1", "--tls-max", "1.2"), "1.1", [4]),
        (("--http", "1.1", "--resume-session"), "1.1", [3, 3]),
        (("--http", "2", "--resume-session"), "2", [3, 3]),
        (("--http", "3"), "3", [2]),
        (("--http", "3", "--resume-session"), "3", [2, 1]),
    ],
)
def test_the_response_begins_after_so_many_round_trips(
    link: Link, authority: Path, options: tuple[str, ...], version: str, round_trips: list[int]
) -> None:
    trace = fetched(link, authority, *options)
    assert isinstance(trace.outcome, Completed)
    assert (trace.outcome.http_version, trace.outcome.body_octets) == (version, len(BODY))
    counts = [
        round_trips_before_response(trace.events, hop) for hop in range(1, 1 + len(round_trips))
    ]
    for count in counts:
        assert count is not None
        assert count.round_trip_ns >= 2 * DELAY_S * 1e9
        assert count.waited_ns >= count.round_trips * 2 * DELAY_S * 1e9
    sys.stdout.write(f"{' '.join(options)}: {counts}\n")
    assert [count.round_trips for count in counts if count] == round_trips
