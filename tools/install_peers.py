"""Install the programs that tests run against: servers that we did not write, and a Chromium.

    python -m tools.install_peers

Where all of them are there it does nothing and says nothing. As root on Debian or Ubuntu it
installs the packages of those that are missing. Anywhere else it says which they are: their tests
are then skipped. The exit status is 0 either way, unless WIRETALE_REQUIRE_PEERS=1 asks for all.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tools.find_chromium import HOW_TO_GET_ONE, find_with_playwright, playwright_runs
from tools.find_chromium import PACKAGE as CHROMIUM

SBIN: Final = "/usr/sbin:/sbin:/usr/local/sbin"
PACKAGES: Final = {
    "apache2": "apache2-bin",
    "caddy": "caddy",
    "curl": "curl",
    "dnsmasq": "dnsmasq-base",
    "h2o": "h2o",
    "haproxy": "haproxy",
    "named": "bind9",
    "nghttpd": "nghttp2-server",
    "nginx": "nginx",
    "openssl": "openssl",
    "tcpdump": "tcpdump",
    "tshark": "tshark",
}
DRIVER_NEEDS: Final = "libatomic1"  # Playwright's Node.js does not start without it
POLICY: Final = Path("/usr/sbin/policy-rc.d")
APT_S: Final = 600  # for each of the two calls


def missing_packages() -> list[str]:
    """The Debian packages whose programs are not here."""
    path = f"{os.environ.get('PATH', '')}:{SBIN}"
    missing = [
        package for program, package in PACKAGES.items() if shutil.which(program, path=path) is None
    ]
    if not playwright_runs():
        missing.append(DRIVER_NEEDS)
    return missing if find_with_playwright() else [*missing, CHROMIUM]


@contextmanager
def no_service_started() -> Iterator[None]:
    """Keep packages from starting their service while they are installed (invoke-rc.d's way)."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def install(packages: list[str]) -> None:
    """Install Debian packages; what goes wrong is on standard error."""
    calm = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "--quiet=2", "--option=Acquire::Retries=3"]
    with no_service_started():
        for words in (["update"], ["install", "--no-install-recommends", "--", *packages]):
            try:
                subprocess.run(  # noqa: S603 (the packages are our own list)
                    [*apt, *words],
                    check=True,
                    env=calm,
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    timeout=APT_S,
                )
            except subprocess.CalledProcessError as error:
                sys.stderr.write(f"{error.stdout}{error.stderr}{error}\n")
                return
            except subprocess.TimeoutExpired as error:
                sys.stderr.write(f"{error}\n")
                return


def main() -> int:
    """Install what is missing, or say what it is. Returns the exit status."""
    missing = missing_packages()
    if not missing:
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stdout.write(f"Installing for the tests: {', '.join(missing)} ...\n")
        sys.stdout.flush()
        install(missing)
        missing = missing_packages()
        if not missing:
            return 0
    sys.stderr.write(
        "Tests are skipped for want of these Debian packages: "
        f"{', '.join(missing)}. To install them: sudo apt-get install {' '.join(missing)}\n"
    )
    if CHROMIUM in missing:
        sys.stderr.write(f"{HOW_TO_GET_ONE}\n")
    return 1 if os.environ.get("WIRETALE_REQUIRE_PEERS") == "1" else 0


if __name__ == "__main__":
    sys.exit(main())
