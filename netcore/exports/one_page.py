"""One page: a whole trace as one HTML file, the same that the web page of the trace offers.

The pages stand above this package, which knows nothing of them. So their program is run, not
imported: it reads the trace as JSON lines and writes the page.
"""

from __future__ import annotations

import errno
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from netcore.trace import Trace, encode

PAGES: Final = Path(__file__).resolve().parents[2] / "app.py"
WAIT_S: Final = 300.0


def one_page(trace: Trace, pages: Path = PAGES) -> Iterable[bytes]:
    """The file, as one part.

    In: `pages`, the program that makes it; a signal that is meant for us does not reach it.
    Raises: OSError where it is not there, takes longer than `WAIT_S`, or ends without a page; its
    `strerror` says which.
    """
    if not pages.exists():
        raise OSError(errno.ENOENT, "the pages are not installed beside netcore")
    try:
        done = subprocess.run(  # noqa: S603 (our own words, and no shell)
            [sys.executable, str(pages), "--single-file"],
            input=encode(trace),
            capture_output=True,
            timeout=WAIT_S,
            start_new_session=True,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise OSError(errno.ETIMEDOUT, f"it took more than {WAIT_S:,.0f} s") from error
    if done.returncode or not done.stdout:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise OSError(errno.EIO, f"the pages ended with {(said or ['nothing'])[-1]}")
    return [done.stdout]
