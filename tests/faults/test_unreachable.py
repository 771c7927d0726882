"""TCP-03: a router on the way answers with ICMP "host unreachable".

The router is a network namespace of the test's own: no packet leaves the machine, and the address
can be a public one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from netcore.trace import Called, Failed, decode

ROOT: Final = Path(__file__).parents[2]
TARGET: Final = "93.184.216.34"
SECONDS: Final = 30

NETWORK: Final = f"""\
set -e
ip link set lo up
unshare -n sleep {SECONDS} & router=$!
trap 'kill $router' EXIT
until [ "$(readlink /proc/$router/ns/net)" != "$(readlink /proc/$$/ns/net)" ]
do kill -0 $router
done
ip link add near type veth peer name far netns $router
nsenter -t $router -n sh -ec '
    ip addr add 10.0.0.1/24 dev far
    ip link set far up
    ip route add unreachable {TARGET}
    echo 1 > /proc/sys/net/ipv4/ip_forward
'
ip addr add 10.0.0.2/24 dev near
ip link set near up
ip route add default via 10.0.0.1
"$@"
"""

FETCH: Final = f"""\
import sys
from netcore import Options, fetch
from netcore.trace import encode
sys.stdout.buffer.write(encode(fetch("http://{TARGET}/", Options())))
"""


def namespaces() -> list[str]:
    """The command that enters a network namespace of our own; skips where that is not allowed."""
    for tool in ("unshare", "nsenter", "ip"):
        if shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
            pytest.skip(f"{tool} is missing: Debian has it in util-linux or iproute2")
    command = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*command, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this kernel lets us make no network namespace")
    return command


@pytest.mark.wire
@pytest.mark.slow
def test_a_router_that_knows_no_way_ends_the_fetch_with_the_name_of_the_error() -> None:
    done = subprocess.run(
        [*namespaces(), "sh", "-c", NETWORK, "sh", sys.executable, "-c", FETCH],
        cwd=ROOT,
        capture_output=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"},
    )
    assert done.returncode == 0, done.stderr.decode()
    trace = decode(done.stdout)
    end = trace.events[-1]
    assert isinstance(end, Failed)
    assert (end.stage, end.code) == ("connect", "tcp.unreachable")
    assert "EHOSTUNREACH" in end.message
    calls = [e for e in trace.events if isinstance(e, Called)]
    assert [e.errno for e in calls if e.call == "getsockopt"] == ["EHOSTUNREACH"]
