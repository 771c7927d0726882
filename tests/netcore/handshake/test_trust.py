"""The story of a chain agrees with what OpenSSL said of it, and points at the certificate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import Lab
from netcore import Trace, fetch
from netcore.handshake.certificates import read_certificate
from netcore.handshake.conversations import conversations
from netcore.handshake.trust import MOST, Trust, build_path, trust
from netcore.options import Options
from netcore.pdus import explain
from netcore.trace import Chose, Completed, StageStarted, TrustAnchorFound
from tests.netcore.handshake.chains import fetched
from tests.netcore.protocols import refused
from tests.netcore.protocols.certificates import make, rsa_key
from tests.netcore.protocols.refused import CASES, HOST, Case, Chain

GUILTY: Final = {
    "intermediate expired": 1,
    "anchor expired": 1,
    "self-signed in the chain": 1,
    "a leaf as authority": 1,
    "not CA:TRUE": 1,
    "no basicConstraints": 1,
    "no keyCertSign": 1,
    "version 1 authority": 1,
    "path length exceeded": 2,
    "authority for clientAuth": 1,
    "SHA-1 on the intermediate": 1,
    "intermediate of 1,024 bits": 1,
    "anchor of 1,024 bits": 1,
    "P-192 in the intermediate": 1,
}
"""Where in the path the certificate stands that is to blame; elsewhere it is the server's own."""


def story_of(trace: Trace) -> Trust:
    (conversation,) = conversations(explain(trace.events))
    story = trust(conversation, trace)
    assert story is not None
    return story


@pytest.mark.wire
@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize(
    "case", [case for case in CASES if "512" not in case.title], ids=lambda case: case.title
)
def test_the_fault_that_stopped_the_handshake_is_at_the_certificate_to_blame(
    case: Case, version: str
) -> None:
    story = story_of(fetched(case.chain(), case.host, version))
    assert (story.recorded.verdict, story.recorded.codes) == ("refused", (case.code,))
    assert {fault.code for fault in story.faults} == {case.code}, story.faults
    (guilty,) = [each for each in story.path if each.faults]
    assert guilty.place == GUILTY.get(case.title, 0)
    if case.title != "altered":
        assert {each.signature for each in story.path[:-1]} <= {"holds"}
    assert story.proof is not None
    assert story.proof.outcome == "holds"


@pytest.mark.wire
@pytest.mark.parametrize("case", CASES[::6], ids=lambda case: case.title)
def test_without_verification_the_same_is_told(case: Case) -> None:
    chain = case.chain()
    story = story_of(fetched(chain, case.host, verify=False))
    assert (story.recorded.verdict, story.recorded.codes) == ("not verified", (case.code,))
    assert {fault.code for fault in story.faults} == {case.code}


@pytest.mark.wire
@pytest.mark.parametrize(
    "chain", [refused.sound(), refused.under(key=rsa_key(2048)), refused.under()]
)
@pytest.mark.parametrize("version", ["1.0", "1.2", "1.3"])
def test_a_sound_chain_has_no_fault_and_ends_at_the_root_that_was_recorded(
    chain: Chain, version: str
) -> None:
    trace = fetched(chain, version=version, tls_min="1.0")
    assert isinstance(trace.events[-1], Completed)
    story = story_of(trace)
    assert (story.recorded.verdict, story.faults, story.end) == ("verified", [], "anchor")
    assert [each.sent for each in story.path] == [*range(1, 2 + len(chain.above)), 0]
    assert story.path[-1].is_anchor
    assert story.path[-1].certificate.der == chain.anchors[0].der
    assert story.in_order
    assert [each.rule for each in story.comparisons] == ["exact"]
    assert story.proof is not None
    assert story.proof.outcome == "holds"
    assert bool(story.proof.digest) == (version == "1.3")
    assert bool(story.proof.algorithm) == (version != "1.0")


@pytest.mark.wire
def test_a_chain_with_a_stranger_in_it_and_in_the_wrong_order_holds_and_is_told_of() -> None:
    top = refused.root()
    upper = make(top, "Upper", ca=True)
    lower = make(upper, "Lower", ca=True)
    stranger = make(None, "Stranger", ca=True)
    story = story_of(fetched(Chain(refused.leaf(lower), [stranger, upper, lower, top], [top])))
    assert story.recorded.verdict == "verified"
    assert [each.sent for each in story.path] == [1, 4, 3, 5]
    assert not story.in_order
    assert [each.place for each in story.certificates] == [0, -1, 2, 1, 3]


@pytest.mark.wire
@pytest.mark.parametrize(
    ("chain", "places", "signatures"),
    [
        (refused.sound_in_latin_1, [1, 2, 0], ["unknown", "holds"]),
        (lambda: refused.party_in_names(HOST), [1, 0], ["holds"]),
    ],
)
def test_what_openssl_took_and_nobody_here_can_read_is_no_fault(
    chain: Callable[[], Chain], places: list[int], signatures: list[str]
) -> None:
    story = story_of(fetched(chain()))
    assert (story.recorded.verdict, story.end) == ("verified", "anchor")
    assert [(fault.kind, fault.code) for fault in story.faults] == [("unread", "")]
    assert story.path[0].faults == tuple(story.faults)
    assert [each.sent for each in story.path] == places
    assert [each.signature for each in story.path[:-1]] == signatures


@pytest.mark.wire
def test_who_signed_itself_unreadably_is_said_to_have_signed_itself() -> None:
    story = story_of(fetched(refused.self_signed_in_latin_1()))
    assert story.recorded.codes == ("tls.self_signed",)
    assert [fault.kind for fault in story.faults] == ["unread", "self_signed"]


def changed(trace: Trace, keep: object) -> Trace:
    events = [event for event in trace.events if keep(event)]  # type: ignore[operator]
    return Trace(trace.url, trace.started, trace.options, events)


@pytest.mark.wire
def test_what_was_not_recorded_is_not_guessed() -> None:
    trace = fetched(refused.sound())
    older = story_of(changed(trace, lambda event: not isinstance(event, TrustAnchorFound)))
    assert (older.recorded.verdict, older.end, older.faults) == ("verified", "unrecorded", [])
    running = changed(trace, lambda event: not isinstance(event, TrustAnchorFound | Chose))
    assert story_of(running).recorded.verdict == "unknown"


@pytest.mark.wire
def test_names_and_addresses_are_compared_with_the_host_of_the_url() -> None:
    chain = refused.named(*refused.dns("other.example.com", "*.y.secure.example.com"))
    story = story_of(fetched(chain))
    assert story.name == HOST
    assert [each.rule for each in story.comparisons] == ["different", "wildcard"]
    story = story_of(fetched(refused.address_in_names(), refused.ADDRESS))
    assert story.name == refused.ADDRESS
    assert [each.rule for each in story.comparisons] == ["address"]


@pytest.mark.wire
def test_a_hop_that_asks_the_last_address_again_asks_for_its_name() -> None:
    """As one does to resume a session; a redirect that comes after it is of a later hop."""
    trace = fetched(refused.sound())
    again = [
        msgspec.structs.replace(event, hop=3) if isinstance(event, StageStarted) else event
        for event in trace.events
    ]
    moved = Chose(0, "redirect", f"https://{HOST}/", "It leads there.")
    later = Chose(0, "redirect", "https://later.example/", "It leads there.")
    hops = [StageStarted(0, "redirect", 2), moved, *again, StageStarted(0, "redirect", 4), later]
    story = story_of(Trace("https://first.example/", trace.started, trace.options, hops))
    assert (story.name, story.faults) == (HOST, [])


@pytest.mark.wire
def test_a_further_url_asks_for_its_own_name() -> None:
    trace = fetched(refused.sound())
    further = Chose(0, "url", f"https://{HOST}/", "URL 2 of 2 that were asked for.")
    events = [StageStarted(0, "target", 1), further, *trace.events]
    story = story_of(Trace("https://first.example/", trace.started, trace.options, events))
    assert (story.name, story.faults) == (HOST, [])


@pytest.mark.wire
def test_of_a_long_chain_the_first_certificates_are_told() -> None:
    story = story_of(fetched(refused.eleven_authorities()))
    assert (len([each for each in story.certificates if each.sent]), story.more) == (MOST, 2)


@pytest.mark.wire
@pytest.mark.slow
@pytest.mark.parametrize("verify", [True, False])
def test_each_target_of_the_lab_is_told_as_it_was_recorded(verify: bool) -> None:
    told: dict[str, str] = {}
    with Lab(hold_s=0.05) as lab:
        wanted = Options(
            lab=lab.options_lab(),
            cacert=lab.cacert,
            verify=verify,
            tls_min="1.0",
        )
        for target in lab.targets:
            if target.url.startswith("https:"):
                trace = fetch(target.url, wanted)
                for conversation in conversations(explain(trace.events)):
                    story = trust(conversation, trace)
                    if story is None:
                        continue  # of a server that showed no certificate
                    codes = {fault.code for fault in story.faults}
                    assert codes == set(story.recorded.codes), target.name
                    # A certificate that cannot be read has no key to check a signature with.
                    outcome = "unknown" if target.name == "broken-certificate" else "holds"
                    assert story.proof is None or story.proof.outcome == outcome, target.name
                    told[target.name] = story.recorded.verdict
    assert told["tls13"] == told["tls12"] == ("verified" if verify else "not verified")
    assert told["expired"] == told["self-signed"] == ("refused" if verify else "not verified")


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_mutated_chain_gives_a_path_and_no_exception(data: st.DataObject) -> None:
    certificates = []
    for der in SOUND:
        octets = bytearray(der)
        for at in data.draw(st.lists(st.integers(0, len(der) - 1), max_size=3)):
            octets[at] = data.draw(st.integers(0, 255))
        cut = data.draw(st.integers(len(der) - 5, len(der)) | st.just(len(der)))
        certificates.append(read_certificate(bytes(octets[:cut])))
    path, signatures = build_path(certificates, SOUND[-1])
    assert path[0] == 0
    assert len(set(path)) == len(path)
    assert set(signatures) <= set(path)


def sound() -> list[bytes]:
    chain = refused.sound()
    return [each.der for each in (chain.leaf, *chain.above, *chain.anchors)]


SOUND: Final = sound()
