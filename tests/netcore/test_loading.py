"""What a fetch does not speak is not loaded; what it may speak is, before it begins."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
import netcore.client
from netcore.loading import load_for
from netcore.options import Options
url, http, dns_server = sys.argv[1:]
load_for(url, Options(http=http, dns_server=dns_server))
print(*(each for each in ("h2", "wsproto", "aioquic") if each in sys.modules))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("url", "http", "dns_server", "loaded"),
    [
        ("http://example.com/", "auto", "", ""),
        ("https://example.com/", "1.1", "", ""),
        (" HTTPS://example.com/", "auto", "", "h2"),
        ("http://example.com/", "2", "", "h2"),
        ("http://example.com/", "h2c-upgrade", "", "h2"),
        ("http://example.com/", "auto", "https://192.0.2.1/dns-query", "h2"),
        ("ws://example.com/", "1.1", "", "wsproto"),
        ("https://example.com/", "3", "", "h2 aioquic"),  # HTTP/3 shares its rules of fields
    ],
)
def test_what_may_be_spoken_is_loaded_and_nothing_else(
    url: str, http: str, dns_server: str, loaded: str
) -> None:
    command = [sys.executable, "-c", PROGRAM, url, http, dns_server]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == loaded
