"""`python -m lab`."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab import BEHAVIOURS
from lab.behaviours import SHELVES

ROOT = Path(__file__).parents[2]


@pytest.mark.wire
@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_a_command_for_every_target_and_leaves_nothing(ending: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "lab"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        lines = list(iter(process.stdout.readline, "Ctrl-C ends it.\n"))
        commands = [line for line in lines if line.startswith("python -m netcore ")]
        cacert = re.search(r"--cacert (\S+)", "".join(commands))
        assert cacert
        assert Path(cacert[1]).exists()
        process.send_signal(ending)
        assert process.wait(10) == 0
    by_name = sum(len(shelf.named) for shelf in SHELVES)
    assert len(commands) == len(BEHAVIOURS) + by_name + 3  # three by hand
    secured = re.compile("https:|tls:|wss:")
    assert all(("--cacert" in command) == bool(secured.search(command)) for command in commands)
    assert sum(" -L " in command for command in commands) == 7
    assert sum(" --resume-session " in command for command in commands) == 3
    assert sum(" --http 3 " in command for command in commands) == 14
    assert sum(" -H 'Expect: 100-continue' -d '" in command for command in commands) == 2
    assert sum(" --allow-private " not in command for command in commands) == 3
    assert any(
        "-d \"$(printf '%065536d' 0)\" --sockopt SO_SNDBUF=4096 " in each for each in commands
    )
    assert any("-H $'X-Note: hello\\r\\nX-Smuggled: yes' " in command for command in commands)
    assert any("--alpn xmpp-client,http/1.1 " in command for command in commands)
    assert "# Try also: --tls-min 1.0\n" in lines
    assert not Path(cacert[1]).parent.exists()
