"""Real fetches of every lab server: nothing unexplained, and a saved trace tells the same tale.

Run with `-s` to read the table of leaves that are opaque by their nature.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from lab import Lab
from netcore import fetch
from netcore.field import NOT_EXPLAINED, find, find_all
from netcore.options import Options
from netcore.pdus import Explanation, explain
from netcore.timeline import timeline
from netcore.trace import Trace, decode, encode
from tests.netcore.test_pdus import assert_grounded, assert_partition

pytestmark = pytest.mark.wire

OPAQUE = {"encrypted_record", "message_body", "chunk_data", "cert_data"}
NAMES = (
    "plain",
    "chunked",
    "gzip",
    "redirect",
    "slow",
    "tls12",
    "tls13",
    "expired",
    "wrong-host",
    "self-signed",
    "port-closed",
    "resets",
    "no-such-name",
)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with Lab(hold_s=0.05) as running:
        yield running


@pytest.fixture(scope="module")
def traces(lab: Lab) -> dict[str, Trace]:
    options = Options(lab=lab.options_lab(), cacert=str(lab.cacert), follow_redirects=True)
    return {target.name: fetch(target.url, options) for target in lab.targets}


def leaves(explanation: Explanation) -> Counter[str]:
    """Octets by the name of the leaf that they stand in, of all units that carry others' octets."""
    carried = {inner.number for pdu in explanation.pdus for inner in pdu.inside}
    counts: Counter[str] = Counter()
    for pdu in explanation.pdus:
        if pdu.step == "sliced" and pdu.number not in carried:
            for leaf in explanation.tree(pdu).leaves():
                counts[leaf.name] += leaf.length
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
    assert_partition(explanation)
    assert_grounded(explanation)


@pytest.mark.parametrize("name", NAMES)
def test_a_saved_trace_loads_back_equal_and_is_explained_alike(
    name: str, traces: dict[str, Trace]
) -> None:
    trace = traces[name]
    loaded = decode(encode(trace))
    assert loaded == trace
    before, after = explain(trace.events), explain(loaded.events)
    assert [pdu.key for pdu in before.pdus] == [pdu.key for pdu in after.pdus]
    assert [before.tree(pdu) for pdu in before.pdus] == [after.tree(pdu) for pdu in after.pdus]
    assert timeline(trace, before) == timeline(loaded, after)


def test_the_lab_shows_each_outcome_that_it_is_there_for(traces: dict[str, Trace]) -> None:
    outcomes = {
        name: getattr(trace.outcome, "code", "") or str(getattr(trace.outcome, "status_code", ""))
        for name, trace in traces.items()
    }
    assert outcomes == {
        **dict.fromkeys(("plain", "chunked", "gzip", "redirect", "slow", "tls12", "tls13"), "200"),
        "expired": "tls.cert_expired",
        "wrong-host": "tls.hostname_mismatch",
        "self-signed": "tls.self_signed",
        "port-closed": "tcp.refused",
        "resets": "tcp.reset",
        "no-such-name": "dns.nxdomain",
    }


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
