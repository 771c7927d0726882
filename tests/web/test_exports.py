"""The menu of files, their names, and what is said beside them."""

from __future__ import annotations

import pytest

from netcore.options import Options
from netcore.trace import SecretLogged, Trace
from tests.web.recordings import exchange
from web.exports import EXPORTS, export_views, file_name, gives_away


def trace_of(url: str, started: str = "2026-01-02T03:04:05.000006+00:00") -> Trace:
    return Trace(url, started, Options(), exchange())


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://plain.lab.test:8080/a?b", "wiretale-plain.lab.test-20260102-030405.har"),
        ("https://[2001:db8::1]/", "wiretale-2001-db8-1-20260102-030405.har"),
        ('http://a"b\r\n;/', "wiretale-a-b-20260102-030405.har"),
        ("http://" + "a" * 500, f"wiretale-{'a' * 60}-20260102-030405.har"),
        ("http://[", "wiretale.har"),
        ("no url", "wiretale-20260102-030405.har"),
    ],
)
def test_a_file_is_named_after_host_and_start(url: str, name: str) -> None:
    assert file_name(trace_of(url), "har") == name


def test_a_start_that_is_no_time_is_left_out() -> None:
    assert file_name(trace_of("http://a.test/", "?"), "har") == "wiretale.har"


def test_the_menu_has_a_line_for_each_form() -> None:
    views = export_views("/t/x", running=False)
    assert {view.href for view in views} == {
        *(f"/t/x.{each.suffix}" for each in EXPORTS),
        "/t/x.html",  # which is rendered, not written by an exporter
    }
    assert len({view.title for view in views}) == len(EXPORTS) + 1 == 8
    assert all(view.ready for view in views)


def test_of_a_running_fetch_only_the_trace_is_a_file() -> None:
    ready = [view.suffix for view in export_views("/t/x", running=True) if view.ready]
    assert ready == ["jsonl"]


def test_keys_are_named_where_the_files_hold_some() -> None:
    trace = trace_of("http://a.test/")
    assert "keys" not in gives_away(trace)
    trace.events.insert(0, SecretLogged(0, "CLIENT_RANDOM 00 11"))
    assert "keys of the encrypted connections" in gives_away(trace)
