"""No request reaches a server whose certificate is refused: judged by what the server received."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from netcore import Options, Trace, fetch
from netcore.options import Lab
from netcore.protocols.tls_refusal import explain_refused_certificate
from netcore.trace import Called, Chose, Completed, Failed, StageStarted, TrustAnchorFound
from tests.netcore.protocols import refused
from tests.netcore.protocols.refused import CASES, HOST, Case, Chain
from tests.netcore.protocols.shown import Server, raw_server, shown
from tests.peers.process import program

pytestmark = pytest.mark.wire

# What the server speaks, and the lowest version that the client offers: below 1.2 OpenSSL's own
# security level is 0, which makes a difference for what is weak.
WAYS: Final = [("1.2", "1.2"), ("1.3", "1.2"), ("1.0", "1.0"), ("1.2", "1.0"), ("1.3", "1.0")]
NO_ANCHOR: Final = ("tls.self_signed", "tls.unknown_ca", "tls.incomplete_chain")
ROWS: Final = [
    pytest.param(case, *way, id=f"{case.title}, {way[0]} from {way[1]}")
    for case in CASES
    for way in WAYS
    if way[0] in case.versions and (way in WAYS[:3] or case.code == refused.WEAK)
]


@pytest.fixture(scope="session")
def short_key() -> rsa.RSAPrivateKey:
    """RSA of 512 bits, which only OpenSSL's program still makes."""
    command = [program("openssl", "openssl"), "genrsa", "512"]
    made = subprocess.run(command, check=True, capture_output=True, timeout=10)
    key = load_pem_private_key(made.stdout, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


@pytest.fixture(autouse=True)
def short_keys(short_key: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch) -> None:
    made = refused.rsa_key
    monkeypatch.setattr(refused, "rsa_key", lambda bits: short_key if bits == 512 else made(bits))


def fetched(server: Server, host: str, **more: object) -> Trace:
    endpoint = f"127.0.0.1:{server.port}"
    wanted = Options(
        cacert=server.cacert,
        resolve=() if host == refused.ADDRESS else (f"{host}:{server.port}:127.0.0.1",),
        lab=Lab(endpoints=(endpoint,)),
        **more,  # type: ignore[arg-type]
    )
    trace = fetch(f"https://{host}:{server.port}/", wanted)
    server.wait()
    return trace


def test_a_sound_chain_is_taken_in_every_way() -> None:
    """Or the tests below would prove nothing."""
    for version, least in WAYS:
        with shown(refused.sound(), version) as server:
            trace = fetched(server, HOST, tls_min=least)
        assert isinstance(trace.events[-1], Completed), trace.events[-1]
        assert server.received.startswith(b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize(("case", "version", "least"), ROWS)
def test_nothing_is_sent_to_whom_a_refused_certificate_names(
    case: Case, version: str, least: str
) -> None:
    chain = case.chain()
    with shown(chain, version) as server:
        trace = fetched(server, case.host, tls_min=least)
    failed = trace.events[-1]
    assert isinstance(failed, Failed), failed
    assert (failed.stage, failed.code) == ("tls", case.code), failed
    assert case.words in failed.message
    assert failed.message.endswith(".")
    assert server.received == b""
    assert "ALERT" in server.alert, "the server was told"
    ends = [e.certificate for e in trace.events if isinstance(e, TrustAnchorFound)]
    # At its own security level OpenSSL looks at the server's key before it builds a chain.
    unbuilt = case.title.startswith("RSA of") and least == "1.2"
    assert ends == ([] if case.code in NO_ANCHOR or unbuilt else [chain.anchors[0].der])
    assert "request" not in [e.stage for e in trace.events if isinstance(e, StageStarted)]
    assert sent_kinds(trace)[-1] == 21, "the alert is the last record, and it is in the trace"
    assert 23 not in sent_kinds(trace)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_without_verification_the_fetch_goes_on(case: Case) -> None:
    for version in ("1.2", "1.3"):
        if version in case.versions:
            with shown(case.chain(), version) as server:
                trace = fetched(server, case.host, verify=False)
            assert isinstance(trace.events[-1], Completed), (version, trace.events[-1])
            assert server.received.startswith(b"GET / HTTP/1.1\r\n")
            (told,) = [e for e in trace.events if isinstance(e, Chose) and e.what == "certificate"]
            assert told.value == "not verified"
            assert f"Checking would have said {case.code}: " in told.why
            assert case.words in told.why


def sent_kinds(trace: Trace) -> list[int]:
    """The content types of the records that we sent."""
    return kinds_of(
        b"".join(
            e.data for e in trace.events if isinstance(e, Called) and e.channel == "tcp:1.sent"
        )
    )


def kinds_of(octets: bytes) -> list[int]:
    kinds, at = [], 0
    while at < len(octets):
        kinds.append(octets[at])
        at += 5 + int.from_bytes(octets[at + 3 : at + 5], "big")
    return kinds


def test_what_cannot_be_parsed_is_refused_all_the_same() -> None:
    for code, expected in (
        (62, "tls.hostname_mismatch"),
        (10, "tls.cert_expired"),
        (26, "tls.chain"),
    ):
        failure = explain_refused_certificate(code, "the verdict", [b"junk"], [b"junk"], HOST)
        assert failure.code == expected
    unheard_of = explain_refused_certificate(999, "the verdict", [], [], HOST)
    assert "the verdict" in unheard_of.message


def malformed(name: str) -> tuple[list[bytes], Chain]:
    """What goes into the Certificate message, and the chain that it was made of."""
    chain = refused.under()
    der = chain.leaf.der
    rows = {
        "an octet too many": [der + b"\0"],
        "an octet too few": [der[:-1]],
        "no DER at all": [b"certificate"],
        "nothing": [b""],
        "no DER behind a sound one": [der, b"certificate"],
    }
    if name in rows:
        return rows[name], chain
    chain = refused.malformed_names()
    return [chain.leaf.der], chain


@pytest.mark.parametrize("least", ["1.0", "1.2"])
@pytest.mark.parametrize("verify", [True, False])
@pytest.mark.parametrize(
    "name",
    [
        "an octet too many",
        "an octet too few",
        "no DER at all",
        "nothing",
        "no DER behind a sound one",
        "a subjectAltName that is no DER",
    ],
)
def test_what_is_no_der_ends_the_handshake(name: str, verify: bool, least: str) -> None:
    """Even without verification: there is no key to go on with. OpenSSL's server cannot send it."""
    certificates, chain = malformed(name)
    if not verify and name.startswith("a subjectAltName"):
        return  # which nobody looks at then
    with raw_server(chain, certificates, 0x0301 if least == "1.0" else 0x0303) as server:
        trace = fetched(server, HOST, tls_min=least, verify=verify)
    failed = trace.events[-1]
    assert isinstance(failed, Failed)
    assert (failed.stage, failed.code) == ("tls", "tls.bad_certificate"), failed
    assert sent_kinds(trace) == [22, 21]
    assert kinds_of(server.received) == [21], "the server got an alert and nothing else"


@pytest.mark.parametrize(
    ("chain", "code", "words"),
    [
        (lambda: refused.party_in_names("other.example"), refused.MISMATCH, "cannot be read here"),
        (refused.party_as_place, "tls.unknown_ca", "Stranger"),
        (refused.issuer_in_latin_1, "tls.unknown_ca", "an issuer that cannot be read"),
        (refused.self_signed_in_latin_1, "tls.self_signed", "self-signed: nobody"),
        (refused.expired_in_latin_1, "tls.cert_expired", "whose name cannot be read, expired"),
    ],
)
@pytest.mark.parametrize("verify", [True, False])
def test_what_only_openssl_can_read_is_judged_by_openssl(
    chain: Callable[[], Chain], code: str, words: str, verify: bool
) -> None:
    with shown(chain(), "1.3") as server:
        trace = fetched(server, HOST, verify=verify)
    if verify:
        failed = trace.events[-1]
        assert isinstance(failed, Failed)
        assert (failed.stage, failed.code) == ("tls", code), failed
        assert words in failed.message
        assert server.received == b""
    else:
        assert isinstance(trace.events[-1], Completed), trace.events[-1]
        (told,) = [e for e in trace.events if isinstance(e, Chose) and e.what == "certificate"]
        assert f"{code}: " in told.why
        assert words in told.why
