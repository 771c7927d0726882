"""Real fetches of every lab server: nothing unexplained, and a saved trace tells the same tale.

Run with `-s` to read the table of leaves that are opaque by their nature.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from lab import Lab, LabTarget
from netcore import fetch
from netcore.field import NOT_EXPLAINED, find, find_all
from netcore.options import Limits, Options
from netcore.pdus import Explanation, explain
from netcore.timeline import timeline
from netcore.trace import Called, Completed, Trace, Truncated, decode, encode
from tests.netcore.test_pdus import assert_grounded, assert_partition
from tests.patience import limits_of
from tests.web.octets.agreeing import assert_agreement, disagreements_in_the_browser
from web.admission import admit

pytestmark = pytest.mark.wire

OPAQUE = {"encrypted_record", "message_body", "chunk_data", "quic_datagram"}
BROKEN = {
    "bad-chunk": "chunk.bad_size",
    "bad-header": "h1.bad_header",
    "not-http": "h1.bad_status_line",
    "two-lengths": "h1.conflicting_length",
    "h3-large-fields": "hpack.string",
    "ws-masked": "ws.mask",
    "ws-reserved-bit": "ws.reserved_bit",
    "ws-bad-utf8": "ws.utf8",
    "ws-fragmented-ping": "ws.control_frame",
    "ws-huge": "ws.payload_length",
    "ws-bomb": "ws.too_big",
    "ws-bad-close": "ws.close_code",
}
"""Targets whose octets cannot all be read, and the error that their leaf then bears."""
OUTCOMES = {
    **dict.fromkeys(("plain", "tls13", "redirect", "keep-alive", "slow"), "200"),
    **dict.fromkeys(("again", "h2-again", "early-hints", "100-continue"), "200"),
    **dict.fromkeys(("chunked", "trailers", "close-delimited", "trickle"), "200"),
    **dict.fromkeys(("big", "gzip", "br", "zstd", "surplus", "tls12"), "200"),
    **dict.fromkeys(("chacha20", "cbc", "mac-then-encrypt", "rsa-key-exchange", "dhe"), "200"),
    **dict.fromkeys(("hello-retry", "resumption", "resumption-tls12"), "200"),
    **dict.fromkeys(("client-cert-wanted", "coalesced", "split-records"), "200"),
    **dict.fromkeys(("wrong-order", "huge-certificate"), "200"),
    **dict.fromkeys(("h2", "h2-streams", "small-window"), "200"),
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
    **dict.fromkeys(("alias", "every-type", "from-the-root", "https-record", "over-tcp"), "200"),
    **dict.fromkeys(("over-tls", "over-https"), "200"),
    "no-such-name": "dns.nxdomain",
    "no-address": "dns.nodata",
    "servfail": "dns.rcode",
    "port-closed": "tcp.refused",
    "early-close": "tcp.closed_early",
    "silence": "http.first_byte_timeout",
    "resets": "tcp.reset",
    "wrong-length": "http.incomplete_body",
    "bad-chunk": "chunk.bad_size",
    "endless-headers": "h1.too_many_headers",
    "bomb": "limit.decoded",
    "bad-gzip": "decode.error",
    "bad-header": "h1.bad_header",
    "in-circles": "dns.cname_loop",
    "not-http": "h1.bad_status_line",
    "private": "guard.blocked_address",
    "two-lengths": "h1.conflicting_length",
    "redirect-loop": "redirect.too_many",
    **dict.fromkeys(("two-families", "race"), "200"),
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
NAMES = tuple(OUTCOMES)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(hold_s=0.05) as running:
        yield running


@pytest.fixture(scope="module")
def traces(lab: Lab) -> dict[str, Trace]:
    return {target.name: fetch(target.url, options(lab, target)) for target in lab.targets}


def options(lab: Lab, target: LabTarget, **more: str) -> Options:
    """What the page asks of a target."""
    wishes = target.ask.options(target.url)
    wishes["resume_session"] = target.ask.resume_session and target.ask.http == "3"
    return Options(
        lab=lab.options_lab(),
        cacert=str(lab.cacert),
        follow_redirects=True,
        limits=limits_of(target.name),
        **wishes | more,
    )


def leaves(explanation: Explanation) -> Counter[str]:
    """Octets by the name of the leaf that they stand in, of all units that carry others' octets."""
    carried = {inner.number for pdu in explanation.pdus for inner in pdu.inside}
    counts: Counter[str] = Counter()
    for pdu in explanation.pdus:
        if pdu.step == "sliced" and pdu.number not in carried:
            for leaf in explanation.tree(pdu).leaves():
                counts[leaf.error.partition(":")[0] or leaf.name] += leaf.length
    return Counter({name: bits // 8 for name, bits in counts.items()})


def test_the_names_here_are_all_lab_targets(lab: Lab) -> None:
    assert set(NAMES) == {target.name for target in lab.targets}


@pytest.mark.parametrize("name", NAMES)
def test_no_octet_of_a_lab_trace_is_left_unexplained(name: str, traces: dict[str, Trace]) -> None:
    explanation = explain(traces[name].events)
    counts = leaves(explanation)
    total = sum(counts.values())
    opaque = {leaf: octets for leaf, octets in counts.items() if leaf in OPAQUE}
    print(f"\n{name:14} {total:6,} octets; opaque: {opaque}", end="")  # noqa: T201
    assert counts[NOT_EXPLAINED] == 0
    assert [leaf for leaf in counts if "." in leaf] == [*filter(None, [BROKEN.get(name)])]
    assert_partition(explanation)
    assert_grounded(explanation)


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_trace_loads_back_equal_and_is_explained_alike(
    name: str, traces: dict[str, Trace]
) -> None:
    trace = traces[name]
    loaded = admit(encode(trace))
    assert loaded == decode(encode(trace)) == trace
    before, after = explain(trace.events), explain(loaded.events)
    assert [pdu.key for pdu in before.pdus] == [pdu.key for pdu in after.pdus]
    assert [before.tree(pdu) for pdu in before.pdus] == [after.tree(pdu) for pdu in after.pdus]
    assert timeline(trace, before) == timeline(loaded, after)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.thorough
def test_a_leaf_selects_its_octets_and_each_of_its_ends_selects_it(
    name: str, traces: dict[str, Trace]
) -> None:
    explanation = explain(traces[name].events)
    trees = [explanation.tree(pdu) for pdu in explanation.pdus]
    for pdu, tree in zip(explanation.pdus, trees, strict=True):
        assert_agreement(tree, pdu.octets)
    assert disagreements_in_the_browser(trees) == ""


def test_the_lab_shows_each_outcome_that_it_is_there_for(traces: dict[str, Trace]) -> None:
    outcomes = {
        name: getattr(trace.outcome, "code", "") or str(getattr(trace.outcome, "status_code", ""))
        for name, trace in traces.items()
    }
    assert outcomes == OUTCOMES


@pytest.mark.parametrize(("name", "minimum"), [("tls10", "1.0"), ("tls11", "1.1")])
def test_a_server_of_an_old_version_is_reached_where_that_is_asked_for(
    lab: Lab, name: str, minimum: str
) -> None:
    target = next(target for target in lab.targets if target.name == name)
    assert target.ask.try_with == f"--tls-min {minimum}"
    trace = fetch(target.url, options(lab, target, tls_min=minimum))
    assert isinstance(trace.outcome, Completed), trace.outcome
    assert timeline(trace, explain(trace.events)).summary.tls_version == f"TLS {minimum}"


def test_one_connection_carries_the_three_requests_of_keep_alive(traces: dict[str, Trace]) -> None:
    calls = [event for event in traces["keep-alive"].events if isinstance(event, Called)]
    connected = [
        event.socket for event in calls if event.call == "connect" and "tcp" in event.socket
    ]
    assert connected == ["tcp:1"]
    received = b"".join(event.data for event in calls if event.channel == "tcp:1.received")
    assert received.endswith(b"This is answer number 3 on this connection.\n")


def test_a_post_that_asks_first_is_told_to_go_on(traces: dict[str, Trace]) -> None:
    calls = [event for event in traces["100-continue"].events if isinstance(event, Called)]
    received = b"".join(event.data for event in calls if event.channel == "tcp:1.received")
    assert received.startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert b"You asked, I said 100" in received


def test_of_a_big_body_the_trace_keeps_the_head_and_says_so(traces: dict[str, Trace]) -> None:
    events = traces["big"].events
    cuts = [event for event in events if isinstance(event, Truncated)]
    assert [(cut.what, cut.limit) for cut in cuts] == [("tcp:1.received", Limits().kept_octets)]
    calls = [event for event in events if isinstance(event, Called)]
    received = [event for event in calls if event.channel == "tcp:1.received"]
    assert sum(len(event.data) for event in received) == Limits().kept_octets
    assert sum(event.length for event in received) > 3 << 20


def test_a_cipher_suite_is_called_as_in_its_server_hello(traces: dict[str, Trace]) -> None:
    for name in ("tls12", "tls13"):
        summary = timeline(traces[name], explain(traces[name].events)).summary
        labels = [
            field.label
            for pdu in explain(traces[name].events).pdus
            for field in find_all(pdu.fields(), "cipher_suite")
            if find(pdu.fields(), "server_hello")
        ]
        assert labels == [summary.cipher_suite]


@pytest.mark.parametrize(
    ("name", "protocols"),
    [
        ("over-tcp", {"dns_message.tcp"}),
        ("over-tls", {"dns_message.tcp"}),
        ("over-https", {"dns_message"}),
    ],
)
def test_dns_is_explained_whatever_carries_it(
    name: str, protocols: set[str], traces: dict[str, Trace]
) -> None:
    explanation = explain(traces[name].events)
    messages = [pdu for pdu in explanation.pdus if pdu.name == "dns_message"]
    assert {pdu.protocol for pdu in messages} == protocols
    asked = [str(field.value) for pdu in messages for field in find_all(pdu.fields(), "address")]
    assert asked == ["127.0.0.1"]
    assert all(not field.error for pdu in messages for field in pdu.fields().walk())
    assert all(
        ground.channel.startswith("tcp:1.")
        for pdu in messages
        for ground in explanation.ground(pdu.origin[0])
    )


def test_an_https_record_leads_to_another_port(traces: dict[str, Trace]) -> None:
    explanation = explain(traces["https-record"].events)
    bodies = [pdu.octets for pdu in explanation.pdus if pdu.name == "message_body"]
    assert bodies == [b"You came by the port that stood in the HTTPS record.\n"]
    assert timeline(traces["https-record"], explanation).summary.tls_version
