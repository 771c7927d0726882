"""Of each failure in TLS, where the page leads: the event, the field in it, and the card above."""

from __future__ import annotations

import contextlib
import functools
from typing import Final, NamedTuple

import pytest

from netcore import Trace, fetch
from netcore.field import Field, find
from netcore.titles import title_of
from netcore.trace import Called, Failed
from tests.faults.rows import tls, tls_tickets
from web import words
from web.evidence import evidence
from web.failure import failure_facts
from web.fieldtree import paths
from web.tale import tell

pytestmark = [pytest.mark.wire, pytest.mark.slow]

FAILING: Final = {
    f"{case.row} {case.title}": case
    for case in (*tls.CASES, *tls_tickets.CASES)
    if case.code != "ok"
}
CERTIFICATE: Final = "Certificate"


class Shown(NamedTuple):
    """A unit by its title, a field by the names that it may have, and what the field says."""

    unit: str
    fields: tuple[str, ...]
    says: object = None


SHOWN: Final[dict[str, Shown]] = {
    "TLS-01 plain HTTP": Shown("200 OK", ("status_line",)),
    "TLS-01 another banner": Shown("not an HTTP response", ("status_line",)),
    "TLS-03 half a record": Shown("handshake message unassigned", ("length",), 100),
    "TLS-05 alert 40": Shown("alert handshake_failure", ("description",), 40),
    "TLS-05 close_notify at once": Shown("alert close_notify", ("description",), 0),
    "TLS-05 a warning, then FIN": Shown("alert unrecognized_name", ("description",), 112),
    "TLS-07 a record of 65,535 octets": Shown("TLS record, handshake", ("length",), 65_535),
    "TLS-09 a ticket a record, behind half an answer": Shown("NewSessionTicket", ("msg_type",), 4),
    "TLS-09 70 tickets a record, behind half an answer": Shown("NewSessionTicket", ("msg_type",)),
    "TLS-09 a ticket a record, in place of an answer": Shown("NewSessionTicket", ("msg_type",), 4),
    "TLS-11 10,000 names": Shown(CERTIFICATE, ("length",)),
    "TLS-13 50 certificates": Shown(CERTIFICATE, ("certificate_list",)),
    "TLS-15 not yet valid": Shown(CERTIFICATE, ("not_before", "cert_data")),
    "TLS-15 expired": Shown(CERTIFICATE, ("not_after", "cert_data")),
    "TLS-17 a root that nobody knows": Shown(CERTIFICATE, ("issuer", "cert_data")),
    "TLS-17 signs itself": Shown(CERTIFICATE, ("issuer", "cert_data")),
    "TLS-19 missing intermediate": Shown(CERTIFICATE, ("information_access", "cert_data")),
    "TLS-21 another name": Shown(CERTIFICATE, ("subject_alt_name", "cert_data")),
    "TLS-21 no names at all": Shown(CERTIFICATE, ("subject", "cert_data")),
    "TLS-21 only a common name": Shown(CERTIFICATE, ("subject", "cert_data")),
    "TLS-25 alert 70": Shown("alert protocol_version", ("description",), 70),
    "TLS-25 a ServerHello of TLS 1.0": Shown("ServerHello", ("legacy_version",), 0x0301),
    "TLS-25 TLS 1.1 at most": Shown("alert protocol_version", ("description",), 70),
    "TLS-27 required, TLSv1_2": Shown("alert handshake_failure", ("description",), 40),
    "TLS-27 required, TLSv1_3": Shown("alert certificate_required", ("description",), 116),
    "TLS-29 HelloRetryRequest twice": Shown("HelloRetryRequest", ("msg_type",), 2),
    "TLS-31 FIN inside a record": Shown("encrypted application data", ("length",)),
    "TLS-31 FIN inside the first record": Shown("encrypted application data", ("length",)),
    "TLS-31 FIN in the handshake": Shown("ServerHello", ("length",), 42),
}

WITHOUT_FIELD: Final = {
    "TLS-03 silence": "send",  # our hello, which was not answered
    "TLS-31 FIN after a record, without close_notify": "recv",  # of nothing: that is the end
    "TLS-31 FIN in place of a ServerHello": "recv",
    "TLS-33 a label of 64 octets": "",  # the end itself: nothing was sent
}


@functools.cache
def fetched(name: str) -> Trace:
    with contextlib.ExitStack() as stack:
        scene = FAILING[name].scene(stack)
        return fetch(scene.url, scene.options)


def failed(trace: Trace) -> Failed:
    assert isinstance(trace.outcome, Failed)
    return trace.outcome


def test_every_failing_case_is_here() -> None:
    assert {*SHOWN, *WITHOUT_FIELD} == {*FAILING}


@pytest.mark.parametrize("name", SHOWN)
def test_a_failure_leads_to_the_octets_that_show_it(name: str) -> None:
    trace = fetched(name)
    explanation = tell(trace).explanation
    found = evidence(trace.events, failed(trace), explanation)
    event = trace.events[found.event - 1]
    assert isinstance(event, Called)
    assert event.channel == "tcp:1.received"
    assert event.length > 0
    pdu = explanation.of_event(found.event)[found.unit - 1]
    tree = explanation.tree(pdu)
    field = paths(tree)[found.field][-1]
    unit, names, says = SHOWN[name]
    assert title_of(pdu).startswith(unit)
    assert field.name == best(tree, names)
    assert says in (None, field.value)


def best(tree: Field, names: tuple[str, ...]) -> str:
    """The first of the names that the tree has: of a certificate it may have the whole alone."""
    return next(name for name in names if find(tree, name))


@pytest.mark.parametrize("name", WITHOUT_FIELD)
def test_what_no_octet_shows_leads_to_the_call_that_had_none(name: str) -> None:
    trace = fetched(name)
    found = evidence(trace.events, failed(trace), tell(trace).explanation)
    event = trace.events[found.event - 1]
    assert found.unit == 0
    if WITHOUT_FIELD[name]:
        assert isinstance(event, Called)
        assert event.call == WITHOUT_FIELD[name]
        assert (event.length == 0) == (event.call == "recv")
    else:
        assert isinstance(event, Failed)


@pytest.mark.parametrize("name", FAILING)
def test_a_failure_has_a_card_of_its_own(name: str) -> None:
    trace = fetched(name)
    explanation = tell(trace).explanation
    card = words.failure_card(failed(trace).code, failure_facts(trace, explanation))
    assert card.headline not in ("TLS failed.", "The fetch failed.")
    assert card.saw
    assert card.why
