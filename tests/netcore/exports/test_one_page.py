"""The one HTML file of the command line is the one that the page of the trace offers."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import create_app
from netcore import __main__ as command_line
from netcore.exports.one_page import one_page
from netcore.options import Options
from netcore.trace import Failed, Trace, decode
from web.store import new_id

TRACE = Trace("http://a.example/", "2026-01-02T03:04:05+00:00", Options(), [])


@pytest.mark.wire
def test_after_a_failure_it_is_the_file_that_the_page_gives(tmp_path: Path) -> None:
    lines, page = tmp_path / "saved.jsonl", tmp_path / "page.html"
    wanted = ["--json", str(lines), "--html", str(page)]
    assert command_line.main(["http://127.0.0.1:1/", "--allow-private", *wanted]) == 1
    trace = decode(lines.read_bytes())
    assert isinstance(trace.outcome, Failed)
    app, trace_id = create_app({"INSTANCE": tmp_path}), new_id()
    app.extensions["tracing"].store.save(trace_id, trace)
    answer = app.test_client().get(f"/t/{trace_id}.html")
    app.extensions["tracing"].close()
    assert page.read_bytes() == answer.data


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (None, "not installed"),
        ("import sys; sys.exit('no Flask here')", "no Flask here"),
        ("", "ended with nothing"),
    ],
)
def test_where_the_pages_cannot_make_it_the_reason_is_said(
    program: str | None, said: str, tmp_path: Path
) -> None:
    pages = tmp_path / "app.py"
    if program is not None:
        pages.write_text(program)
    with pytest.raises(OSError, match=said):
        one_page(TRACE, pages)
