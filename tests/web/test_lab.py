"""Every lab target from its button to its last event, over real sockets on loopback."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient

from lab.whole import Lab
from netcore.client import fetch
from netcore.options import Options
from netcore.trace import Trace
from tests.patience import limits_of
from web.feed import DONE, FAILED, Feed
from web.tracing import OnEvent, Tracing

pytestmark = pytest.mark.wire

EVENTS = 12
"""Of how many events, about, the panes of a trace are looked at."""
SPOILT = ("bad-chunk", "bad-record", "not-http", "h3-large-fields")
"""What is not there whole: it breaks the rules, or is refused midway."""

OUTCOMES = {
    **dict.fromkeys(("plain", "tls13", "redirect", "keep-alive", "slow"), "200 OK"),
    **dict.fromkeys(("early-hints", "100-continue", "again"), "200 OK"),
    **dict.fromkeys(("chunked", "trailers", "close-delimited", "trickle"), "200 OK"),
    **dict.fromkeys(("big", "gzip", "br", "zstd", "surplus", "tls12"), "200 OK"),
    **dict.fromkeys(("chacha20", "cbc", "mac-then-encrypt", "rsa-key-exchange", "dhe"), "200 OK"),
    **dict.fromkeys(("hello-retry", "resumption", "resumption-tls12"), "200 OK"),
    **dict.fromkeys(("client-cert-wanted", "coalesced", "split-records"), "200 OK"),
    **dict.fromkeys(("wrong-order", "huge-certificate"), "200 OK"),
    **dict.fromkeys(("h2", "h2-streams", "h2-again", "small-window"), "200"),
    **dict.fromkeys(("h3", "h3-streams", "h3-retry", "h3-versions"), "200"),
    "three-versions": "200",
    **dict.fromkeys(("h3-early-data", "h3-key-update", "h3-lossy", "alt-svc"), "200"),
    "h3-lost-request": "200",
    "h3-closed": "quic.closed",
    "h3-reset": "quic.reset",
    "h3-large-fields": "h3.header_too_large",
    "h3-silence": "quic.timeout",
    **dict.fromkeys(("ws-echo", "wss-echo", "ws-fragments", "ws-deflate", "ws-goodbye"), "101"),
    "ws-page": "ws.not_upgraded",
    "ws-bad-accept": "ws.bad_accept",
    "ws-bad-extension": "ws.bad_handshake",
    **dict.fromkeys(("ws-masked", "ws-reserved-bit", "ws-fragmented-ping"), "ws.protocol"),
    "ws-bad-utf8": "ws.bad_utf8",
    **dict.fromkeys(("ws-huge", "ws-bomb"), "ws.too_big"),
    "ws-ping-flood": "ws.flood",
    "ws-bad-close": "ws.bad_close",
    "ws-drops": "ws.closed_abnormally",
    "rst-stream": "h2.rst_stream",
    "goaway": "h2.goaway",
    "push": "h2.protocol",
    "settings-flood": "h2.flood",
    "tls11": "tls.version",
    "tls10": "tls.version",
    "client-cert-required": "tls.alert",
    "no-shared-cipher": "tls.alert",
    "alert": "tls.alert",
    "no-close-notify": "tls.truncated",
    "not-tls": "tls.not_tls",
    "expired": "tls.cert_expired",
    "not-yet-valid": "tls.cert_not_yet_valid",
    "wrong-host": "tls.hostname_mismatch",
    "self-signed": "tls.self_signed",
    "unknown-ca": "tls.unknown_ca",
    "missing-intermediate": "tls.incomplete_chain",
    "weak-key": "tls.weak_certificate",
    **dict.fromkeys(("alias", "every-type", "from-the-root", "https-record", "over-tcp"), "200 OK"),
    **dict.fromkeys(("over-tls", "over-https"), "200 OK"),
    "no-such-name": "dns.nxdomain",
    "no-address": "dns.nodata",
    "servfail": "dns.rcode",
    "in-circles": "dns.cname_loop",
    "private": "guard.blocked_address",
    "not-http": "h1.bad_status_line",
    "two-lengths": "h1.conflicting_length",
    "bad-header": "h1.bad_header",
    "bad-gzip": "decode.error",
    "port-closed": "tcp.refused",
    "early-close": "tcp.closed_early",
    "silence": "http.first_byte_timeout",
    "resets": "",
    "wrong-length": "http.incomplete_body",
    "bad-chunk": "chunk.bad_size",
    "endless-headers": "h1.too_many_headers",
    "bomb": "limit.decoded",
    "redirect-loop": "redirect.too_many",
    **dict.fromkeys(("two-families", "race"), "200 OK"),
    "full-queue": "tcp.timeout",
    "reads-nothing": "tcp.write_timeout",
    "unreachable": "tcp.unreachable",
    "udp-silence": "udp.no_answer",
    "udp-refused": "udp.refused",
    "injected-header": "http.bad_request",
    "impossible-name": "tls.bad_option",
    "own-machine": "guard.blocked_name",
    "mail-port": "guard.blocked_port",
    "resolver-gone": "dns.refused",
    "resolver-silent": "dns.timeout",
    "resolver-unreachable": "dns.unreachable",
    "resolver-untrusted": "dns.certificate",
    "resolver-plain": "dns.tls",
    "resolver-page": "dns.http",
    "lame": "dns.lame",
    "bad-record": "dns.malformed_record",
    "many-aliases": "dns.chain_too_long",
    "not-for-servers": "tls.chain",
    "broken-certificate": "tls.bad_certificate",
    "small-group": "tls.weak_key_exchange",
    "no-second-time": "tls.renegotiation",
    "other-protocol": "tls.unsupported_alpn",
    "h3-settings": "h3.settings",
    **dict.fromkeys(("h3-in-the-clear", "to-a-websocket"), "http.unsupported_scheme"),
    **dict.fromkeys(("other-cipher", "not-strong-enough"), "tls.no_shared_cipher"),
}

CARDS = {
    "tls10": ("The server speaks another version of TLS.", "protocol_version (70)"),
    "tls11": ("The server speaks another version of TLS.", "protocol_version (70)"),
    "client-cert-required": ("The server wants to know who asks.", "certificate_required (116)"),
    "no-shared-cipher": ("The server found no common ground.", "handshake_failure (40)"),
    "alert": ("Something went wrong inside the server.", "internal_error (80)"),
    "no-close-notify": ("The connection was cut inside TLS.", "without TLS's close_notify"),
    "not-tls": ("That is not TLS.", "begins 48 54 54 50", "plain HTTP"),
    "not-yet-valid": ("The certificate is not valid yet.", "UTC"),
    "unknown-ca": ("We do not know who signed this.", "CN=An authority of its own"),
    "missing-intermediate": (
        "A link of the chain is missing.",
        "http://authority.lab.test/between.der; it was not fetched",
    ),
    "weak-key": ("A certificate is too weak to prove anything.", "RSA key of 1024 bits"),
    "early-close": ("The server closed without a word.", "recv() then returned 0 bytes"),
    "silence": ("The server took the request and said nothing.", "no byte of an answer came"),
    "wrong-length": (
        "The server hung up early.",
        "announced 120 bytes of content and closed the connection after 39.",
    ),
    "bad-chunk": ("A chunk size is not hexadecimal.", "a dozen"),
    "endless-headers": ("Stopped at our limit: too many header lines.", "256"),
    "bomb": ("Stopped at our limit while unpacking.", "5,242,880"),
    "redirect-loop": ("Stopped at our limit: too many redirects.", "10"),
    "port-closed": ("The connection was refused.", "ECONNREFUSED"),
    "private": ("We do not connect to that address.", "10.0.0.5", "private"),
    "in-circles": ("in-circles.lab.test",),
    "not-http": ("That is not an HTTP answer.", "SSH"),
    "two-lengths": ("33", "43"),
    "bad-header": ("A header line cannot be read.",),
    "no-such-name": ("That name does not exist.", "NXDOMAIN"),
}
"""What the card of a failure says, and the number or name in it that comes from the trace."""


def impatient(name: str) -> Callable[..., Trace]:
    """The real fetch, which waits less long for a target that says nothing, and for a message."""

    def sooner(url: str, options: Options, on_event: OnEvent | None = None, **more: Any) -> Trace:
        limits = limits_of(name, options.limits)
        options = msgspec.structs.replace(options, limits=limits)
        return fetch(url, options, on_event, **more)

    return sooner


def patient(url: str, options: Options, on_event: OnEvent | None = None, **more: Any) -> Trace:
    """The real fetch as it is."""
    return fetch(url, options, on_event, **more)


@pytest.fixture
def client(make_app: Callable[..., Flask], lab: Lab) -> FlaskClient:
    return make_app(LAB=lab, FETCH=patient).test_client()


def start(client: FlaskClient, name: str) -> tuple[str, Feed]:
    """Press the button of a target. Returns the path of its trace and its feed."""
    path = client.post("/trace", data={"lab": name}).location
    tracing: Tracing = client.application.extensions["tracing"]
    feed = tracing.feeds.get(path.removeprefix("/t/"))
    assert feed is not None
    return path, feed


def test_every_target_has_a_button_and_an_outcome(client: FlaskClient, lab: Lab) -> None:
    buttons = re.findall(r'name="lab" value="([^"]+)"', client.get("/lab").text)
    assert buttons == [target.name for target in lab.targets]
    assert set(buttons) == set(OUTCOMES)


@pytest.mark.parametrize("name", ["resumption", "resumption-tls12"])
def test_who_gives_tickets_is_asked_twice_and_resumes(client: FlaskClient, name: str) -> None:
    path, feed = start(client, name)
    assert feed.wait(1 << 62, 20)
    assert "an old session was taken up" in client.get(f"{path}/tls/2/trust").text


@pytest.mark.parametrize(("name", "needed"), [("again", "connect"), ("h2-again", "secure")])
def test_who_is_asked_three_times_is_connected_to_once(
    client: FlaskClient, name: str, needed: str
) -> None:
    path, feed = start(client, name)
    assert feed.wait(1 << 62, 20)
    text = re.sub(r"\s+", " ", client.get(path).text)
    assert "Requests 2 and 3 reused the connection of request 1: nothing to look up" in text
    assert f"or {needed}; saved about" in text


def test_every_shelf_is_one_link_away(client: FlaskClient, lab: Lab) -> None:
    page, home = client.get("/lab").text, client.get("/").text
    linked = re.findall(r'<a href="#(shelf-\d+)">([^<]+) <span class="num">(\d+)</span>', page)
    told = [(title, int(count)) for _, title, count in linked]
    assert told == [(shelf.title, len(shelf.targets)) for shelf in lab.shelves]
    for anchor, title, _ in linked:
        assert f'<a href="/lab#{anchor}">{title} ' in home
        assert f'<h2 class="shelf-title" id="{anchor}">{title}</h2>' in page


@pytest.mark.parametrize("name", OUTCOMES)
@pytest.mark.thorough
def test_a_target_ends_as_it_should_and_every_page_of_its_trace_opens(
    make_app: Callable[..., Flask], lab: Lab, name: str
) -> None:
    client = make_app(LAB=lab, FETCH=impatient(name)).test_client()
    lab.servers["slow"].release.set()
    path, feed = start(client, name)
    assert feed.wait(1 << 62, 20)
    page = client.get(path)
    assert feed.state == (DONE if OUTCOMES[name][:3] in ("200", "101") else FAILED), (
        feed.snapshot().outcome
    )
    assert OUTCOMES[name] in page.text
    if name in CARDS:
        card = re.search(r'<div class="card">.*?</div>', page.text, re.DOTALL)
        assert card is not None
        for text in CARDS[name]:
            assert text in html.unescape(card[0])
    # Of a long trace some events here; tests/netcore/test_lab_traces.py reads the octets of all.
    for number in range(1, feed.count + 1, 1 + feed.count // EVENTS):
        # The page around the panes is the same for all: that of the first is looked at too.
        event = client.get(f"{path}/e/{number}", query_string="" if number == 1 else "part=1")
        assert event.status_code == 200
        assert name in SPOILT or "not explained" not in event.text
        cover = re.search(r"cover[s]? ([\d,]+) of ([\d,]+) byte", event.text)
        assert name in SPOILT or cover is None or cover[1] == cover[2]


def test_the_connection_is_seen_while_a_slow_server_still_holds_its_body(
    client: FlaskClient, lab: Lab
) -> None:
    lab.servers["slow"].release.clear()
    path, feed = start(client, "slow")
    with client.get(f"{path}/events") as stream:
        seen = ""
        for part in stream.iter_encoded():
            seen += part.decode()
            if "200 OK" in seen:
                break
        assert not feed.finished
        assert "connected" in seen
        assert 'data-state="running"' in client.get(path).text
        lab.servers["slow"].release.set()
        assert "event: done" in "".join(part.decode() for part in stream.iter_encoded())


REFUSED = ("expired", "wrong-host", "self-signed", "not-yet-valid", "unknown-ca")


@pytest.mark.parametrize("name", [*REFUSED, "missing-intermediate", "weak-key"])
def test_the_card_of_a_refused_certificate_offers_to_go_on(client: FlaskClient, name: str) -> None:
    path, feed = start(client, name)
    assert feed.wait(1 << 62, 20)
    page = client.get(path).text
    assert "Go on although the certificate is refused" in page
    assert re.search(r"See event (\d+)", page)
    shown = re.search(r'class="saw">.*?data-n="(\d+)"', page, re.DOTALL)
    assert shown is not None
    assert "alert" in client.get(f"{path}/e/{shown[1]}").text
    inputs = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    again = client.post("/trace", data=inputs).location
    tracing: Tracing = client.application.extensions["tracing"]
    second = tracing.feeds.get(again.removeprefix("/t/"))
    assert second is not None
    assert second.wait(1 << 62, 20)
    assert second.state == DONE
    assert "not verified" in client.get(again).text


def test_a_refusal_of_another_kind_offers_no_way_on(client: FlaskClient) -> None:
    path, feed = start(client, "port-closed")
    assert feed.wait(1 << 62, 20)
    assert "Go on although" not in client.get(path).text
