"""Find a Chromium for the browser tests and the screenshots.

    python -m tools.find_chromium

prints its path, or says on standard error how to get one and ends with status 1. Looked at, in
this order: the environment variable WIRETALE_CHROMIUM, the one that Playwright downloaded, the
system's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

PACKAGE: Final = "chromium-headless-shell"
"""Debian's package of a Chromium without what draws windows: a quarter less work for the tests."""
SYSTEM: Final = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
SYSTEM_PATHS: Final = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)
HOW_TO_GET_ONE: Final = (
    f"No Chromium was found. Install Debian's package {PACKAGE}, or let Playwright download one: "
    ".venv/bin/playwright install chromium. One that lies elsewhere is named with "
    "WIRETALE_CHROMIUM=/path/to/chromium."
)


def find(own_download: str) -> Path | None:
    """The Chromium to use.

    Args:
        own_download: where Playwright would have put its own: `BrowserType.executable_path`.

    Returns:
        Its path, or None if there is none.
    """
    named = os.environ.get("WIRETALE_CHROMIUM", "")
    for candidate in (named, own_download, *map(shutil.which, SYSTEM), *SYSTEM_PATHS):
        if candidate and os.access(candidate, os.X_OK) and Path(candidate).is_file():
            return Path(candidate)
    return None


def playwright_runs() -> bool:
    """Whether Playwright's driver starts: its Node.js needs a library that few systems lack."""
    command = [sys.executable, "-m", "playwright", "--version"]
    return subprocess.run(command, capture_output=True).returncode == 0  # noqa: S603 (our own words)


def find_with_playwright() -> Path | None:
    """The same, where Playwright does not run yet and has to be asked for its own path."""
    if not playwright_runs():
        return find("")
    with sync_playwright() as playwright:
        return find(playwright.chromium.executable_path)


def main() -> int:
    """Print the path, or how to get one. Returns the exit status."""
    found = find_with_playwright()
    if found is None:
        sys.stderr.write(f"{HOW_TO_GET_ONE}\n")
        return 1
    sys.stdout.write(f"{found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
