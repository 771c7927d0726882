"""What a person can tell us of bytes that we do not explain, or of a fault of ours."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient

from netcore.errors import BUG
from netcore.field import NOT_EXPLAINED, Field
from netcore.trace import FORMAT, SOFTWARE, Failed
from tests.netcore.recordings import http_exchange, trace_of
from tests.web.conftest import Script
from web.fieldtree import paths
from web.report import OCTETS, about_failure, about_unit
from web.tale import tell

REQUEST = b"GET / HTTP/1.1\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nSet-Cookie: </textarea>\r\n\r\n"
Traced = Callable[[], str]


def _not_explained(tree: Field) -> list[str]:
    return [key for key, path in paths(tree).items() if path[-1].name == NOT_EXPLAINED]


def test_it_carries_versions_and_the_unit_and_not_the_address() -> None:
    tale = tell(trace_of(http_exchange([REQUEST], [ANSWER])))
    pdu = tale.explanation.pdus[-1]
    view = about_unit(tale, "/t/secret", pdu.events[0], 1, "")
    assert view is not None
    for part in (SOFTWARE, f"trace format: {FORMAT}", "dissector: http", "0000", "48 54 54 50"):
        assert part in view.text
    assert tale.trace.url not in view.text
    assert "secret" not in view.text
    assert about_unit(tale, "/t/x", pdu.events[0], 9, "") is None


def test_a_long_unit_is_cut_and_that_is_said() -> None:
    head = b"HTTP/1.1 200 OK\r\nX: " + b"y" * 3_000 + b"\r\n\r\n"
    tale = tell(trace_of(http_exchange([REQUEST], [head])))
    view = about_unit(tale, "/t/x", tale.explanation.pdus[-1].events[0], 1, "")
    assert view is not None
    assert (view.octets, view.left_out) == (f"{OCTETS:,} bytes", f"{len(head) - OCTETS:,} bytes")
    assert f"({len(head) - OCTETS} more are left out)" in view.text


def test_a_fault_of_ours_leads_to_its_report(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    events = http_exchange([REQUEST], [ANSWER])
    script.events = [*events[:-1], Failed(10**9, "close", BUG, "Our fault.")]
    base = traced()
    assert f'href="{base}/report"' in client.get(base).text
    page = client.get(f"{base}/report").text
    assert BUG in page
    assert "It carries no byte of the wire." in page
    assert base[3:] not in page[page.index("<textarea") : page.index("</textarea>")]


def test_bytes_that_are_not_explained_lead_to_theirs_and_stay_text(
    client: FlaskClient, script: Script, traced: Traced
) -> None:
    script.events = http_exchange([REQUEST], [b"\x00\x01</textarea><script>"])
    base = traced()
    tale = tell(trace_of(script.events))
    leaf, number = next(
        (key, pdu.events[0])
        for pdu in tale.explanation.pdus
        for key in _not_explained(tale.explanation.tree(pdu))
    )
    address = f"{base}/report?e={number}&u=1&f={leaf}"
    event = client.get(f"{base}/e/{number}?u=1&f={leaf}").text
    assert f'href="{address}"'.replace("&", "&amp;") in event
    page = client.get(address).text
    assert "not_explained" in page
    assert "<script>" not in page[page.index('<main id="main"') :].partition("</main>")[0]


def test_where_nothing_failed_there_is_nothing_to_report(client: FlaskClient) -> None:
    assert client.get("/t/example-http1/report").status_code == 404
    assert about_failure(tell(trace_of(http_exchange([REQUEST], [ANSWER]))), "/t/x") is None
