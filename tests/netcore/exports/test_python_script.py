"""The emitted script, run on its own: it sends the same octets and gets the same answer."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec
import pytest

from lab import Lab
from lab.behaviour import GET, Ask
from netcore import Options, Trace, fetch
from netcore import options as netcore_options
from netcore.dissect import DISSECTORS
from netcore.exports.python_script import python_script
from netcore.options import COMMAND_LINE_LIMITS, Limits
from netcore.pdus import explain
from netcore.reader import dissect
from netcore.trace import Called, Completed, Failed, SecretLogged
from tests.faults.hostile import Converse, HostileServer, receive_request, reply
from tests.netcore.exports.tapped import TappedServer, heard_by, tapped_lab
from tests.patience import limits_of

pytestmark = [pytest.mark.wire, pytest.mark.slow]

LIMITS: Final = msgspec.structs.replace(
    COMMAND_LINE_LIMITS, first_byte_s=10.0, hops=10, silence_s=0.2
)
WAIT_S: Final = 60
_LEAST_LINES: Final = 10
RANDOM: Final = {
    "random",
    "legacy_session_id",
    "key_exchange",
    "x",
    "y",
    "identity",
    "obfuscated_ticket_age",
    "psk_binder_entry",
    "ticket",
}
"""Fields of a ClientHello that are made anew each time."""
CODED: Final = {"br", "zstd"}  # the standard library does not undo these
CUT: Final = {"resets", "bad-chunk", "no-close-notify", "redirect-loop"}
"""Of their last answer the script gives nothing out, since it is not whole."""
READ_ON: Final = {"two-lengths", "bad-header", "bad-gzip", "not-http", "to-a-websocket"}
"""Answers that we refused: the script, which checks less, gives out what it makes of them."""
ACKS: Final = {"rst-stream", "goaway", "push", "settings-flood"}
"""We left in the middle of what was to be acknowledged; the script acknowledges whatever comes."""
GOODBYE: Final = bytes.fromhex("000008 07 00 00000000 00000000 0000000b")
NOTHING: Final = {
    *("no-such-name", "port-closed", "lame", "bad-record", "many-aliases"),
    *("resolver-gone", "resolver-silent", "resolver-unreachable", "resolver-untrusted"),
    *("resolver-plain", "resolver-page", "full-queue", "unreachable"),
    *("injected-header", "own-machine", "mail-port"),
}
"""Nothing of these came to the server that was meant."""
HELLOS: Final = {"not-tls", "impossible-name", "resolver-plain"}
"""What was heard there is a ClientHello, which is random in part."""
DEAF: Final = "reads-nothing"  # nothing to compare, and it holds on to who has come
OVER_QUIC: Final = {"alt-svc"}  # its second answer came that way


class Ran(NamedTuple):
    """What a run of a script came to."""

    status: int
    out: bytes
    err: str


def run(script: bytes, folder: Path) -> Ran:
    """Run it as anybody would, without this project in reach."""
    path = folder / "script.py"
    path.write_bytes(script)
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", str(path)],
        cwd=folder,
        capture_output=True,
        timeout=WAIT_S,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr.decode())


class Played(NamedTuple):
    """A fetch, and the same again by its script."""

    trace: Trace
    body: bytes
    script: str
    ran: Ran
    heard: tuple[dict[str, list[bytes]], dict[str, list[bytes]]]


def play(lab: Lab, url: str, folder: Path, ask: Ask = GET, **more: object) -> Played:
    """Fetch, run the script, and ask the servers what they were sent by each."""
    body = bytearray()
    options = Options(
        lab=lab.options_lab(),
        cacert=str(lab.cacert),
        limits=limits_of((urlsplit(url).hostname or "").partition(".")[0], LIMITS),
        method=ask.method,
        headers=ask.headers,
        body=ask.body,
        follow_redirects=ask.follow,
        resume_session=ask.resume_session,
    )
    heard_by(lab)
    trace = fetch(url, msgspec.structs.replace(options, **more), on_body=body.extend)
    first = heard_by(lab)
    script = b"".join(python_script(trace))
    is_refusal = script.count(b"\n") < _LEAST_LINES  # what it says is tested elsewhere
    ran = said_by(script) if is_refusal else run(script, folder)
    return Played(trace, bytes(body), script.decode(), ran, (first, heard_by(lab)))


def said_by(refusal: bytes) -> Ran:
    """What a script comes to that only says why there is none."""
    last = ast.parse(refusal).body[-1]
    assert isinstance(last, ast.Expr)
    assert isinstance(last.value, ast.Call)
    assert ast.unparse(last.value.func) == "sys.exit"
    return Ran(1, b"", f"{ast.literal_eval(last.value.args[0])}\n")


def has_switched(trace: Trace) -> bool:
    """Whether the server said that it speaks another protocol from here on."""
    pdus = explain(trace.events).pdus
    return any(bytes(pdu.octets[:12]) == b"HTTP/1.1 101" for pdu in pdus)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with tapped_lab() as tapped:
        yield tapped


@pytest.mark.thorough
def test_every_target_of_the_lab_is_sent_the_same_and_answers_the_same(
    lab: Lab, tmp_path: Path
) -> None:
    served = set()
    for target in lab.targets:
        if target.name == DEAF:
            continue
        played = play(lab, target.url, tmp_path, target.ask)
        first, second = played.heard
        if target.url.startswith("ws") and has_switched(played.trace):
            assert played.ran.status == 1
            assert played.ran.err.startswith("This trace cannot be played again: ")
            continue
        if target.name in ACKS:
            first, second = (_without_acks(each) for each in (first, second))
        if target.name == "settings-flood":  # reset before the goodbye is read, or after
            first, second = (_without(GOODBYE, each) for each in (first, second))
        if target.name not in HELLOS:
            assert second == first, target.name
        if target.name in NOTHING:
            assert played.ran.status == 1
            assert played.ran.err.startswith("This trace cannot be played again: nothing was sent")
            continue
        served.add(target.name)
        if isinstance(played.trace.outcome, Completed):
            assert played.ran.status == 0, played.ran.err
        if target.name not in CODED | CUT | OVER_QUIC | READ_ON:
            assert played.ran.out == played.body, target.name
    assert len(served) > 50


def _without_acks(heard: dict[str, list[bytes]]) -> dict[str, list[bytes]]:
    return _without(bytes.fromhex("000000040100000000"), heard)


def _without(part: bytes, heard: dict[str, list[bytes]]) -> dict[str, list[bytes]]:
    return {name: [said.replace(part, b"") for said in each] for name, each in heard.items()}


def test_what_tls_offers_is_the_same_but_for_what_is_random(lab: Lab, tmp_path: Path) -> None:
    ways: list[tuple[str, dict[str, object]]] = [
        ("tls13", {}),
        ("tls13", {"http": "1.1", "curves": "P-384"}),
        ("tls12", {"sni": "tls12.lab.test", "alpn": ("http/1.1", "x")}),
        ("tls13", {"sni": "", "alpn": ()}),
        ("tls13", {"tls_min": "1.3", "verify": False}),
        ("tls11", {"tls_min": "1.0", "tls_max": "1.2"}),
        ("tls10", {"tls_min": "1.0", "tls_max": "1.0"}),
        ("chacha20", {"ciphers": "ECDHE+CHACHA20"}),
        ("resumption", {"resume_session": True}),
        ("resumption-tls12", {"resume_session": True}),
        ("hello-retry", {}),
    ]
    for name, more in ways:
        server = lab.servers[name]
        assert isinstance(server, TappedServer)
        server.take_hellos()
        options = Options(lab=lab.options_lab(), cacert=str(lab.cacert), limits=LIMITS)
        trace = fetch(server.url, msgspec.structs.replace(options, **more))
        assert isinstance(trace.outcome, Completed), (name, trace.outcome)
        ours = server.take_hellos()
        ran = run(b"".join(python_script(trace)), tmp_path)
        assert (ran.status, ran.err.count("Traceback")) == (0, 0), ran.err
        theirs = server.take_hellos()
        assert len(ours) == len(theirs) >= 1
        assert [_steady(each) for each in theirs] == [_steady(each) for each in ours], name


def _steady(hello: bytes) -> list[tuple[str, bytes]]:
    tree = dissect(DISSECTORS["tls_handshake"], hello, "tls_handshake")
    return [
        (leaf.name, hello[leaf.start // 8 : leaf.end // 8])
        for leaf in tree.leaves()
        if leaf.name not in RANDOM
    ]


def test_a_certificate_for_another_name_than_sni_is_compared_to_the_host(
    lab: Lab, tmp_path: Path
) -> None:
    options = Options(
        lab=lab.options_lab(), cacert=str(lab.cacert), sni="other.lab.test", limits=LIMITS
    )
    script = b"".join(python_script(fetch(lab.servers["tls13"].url, options))).decode()
    assert "check_name(conn, 'tls13.lab.test')" in script
    wrong = script.replace("check_name(conn, 'tls13.lab.test')", "check_name(conn, 'tls.test')")
    assert run(script.encode(), tmp_path).status == 0
    refused = run(wrong.encode(), tmp_path)
    assert (refused.status, refused.out) == (1, b"")
    assert refused.err.startswith("The certificate is for ['tls13.lab.test'], not for tls.test.\n")


@pytest.mark.parametrize("http", ["1.0", "1.1", "2", "h2c-upgrade"])
def test_every_version_is_spoken_as_it_was(http: str, lab: Lab, tmp_path: Path) -> None:
    name = "plain" if http == "1.0" or http.startswith("h2c") else "h2"
    played = play(lab, lab.servers[name].url, tmp_path, http=http)
    assert played.heard[0] == played.heard[1]
    assert (played.ran.status, played.ran.out) == (0, played.body)
    assert ("class Http2" in played.script) is (http == "2")


def test_several_urls_are_asked_for_in_order(lab: Lab, tmp_path: Path) -> None:
    first, second = lab.servers["plain"].url, lab.servers["close-delimited"].url
    played = play(lab, first, tmp_path, further_urls=(first, second))
    heard, again = played.heard
    assert again == heard
    assert {name: len(said) for name, said in heard.items()} == {"plain": 1, "close-delimited": 1}
    assert heard["plain"][0].count(b"GET / ") == 2
    assert (played.ran.status, played.ran.out) == (0, played.body)


def test_what_went_over_quic_is_left_out_and_told(lab: Lab, tmp_path: Path) -> None:
    (target,) = [each for each in lab.targets if each.name == "alt-svc"]
    played = play(lab, target.url, tmp_path, target.ask)
    about = " ".join(played.script.replace("\n#", "").split())
    assert "One request of the recording went over QUIC (HTTP/3)" in about
    assert played.heard[0] == played.heard[1]
    trace = fetch(
        lab.servers["plain"].url, Options(lab=lab.options_lab(), limits=LIMITS, path=True)
    )
    assert "QUIC" not in b"".join(python_script(trace)).decode()


def test_a_script_has_no_part_that_it_does_not_use(lab: Lab, tmp_path: Path) -> None:
    script = play(lab, lab.servers["close-delimited"].url, tmp_path).script
    for part in ("ssl", "zlib", "read_chunks", "read_length", "Http2", "def field"):
        assert part not in script
    assert len(script.splitlines()) < 60
    secure = play(lab, lab.servers["tls13"].url, tmp_path).script
    assert len(secure.splitlines()) <= 120
    assert "read_chunks" not in secure


def _trace(converse: Converse, **more: object) -> tuple[Trace, HostileServer]:
    with HostileServer(converse) as server:
        options = Options(lab=netcore_options.Lab(endpoints=(server.endpoint,)), limits=LIMITS)
        url = f"http://{server.endpoint}/"
        return fetch(url, msgspec.structs.replace(options, **more)), server


def test_a_request_that_was_not_kept_whole_is_not_sent_in_part(tmp_path: Path) -> None:
    def take(connection: object) -> None:
        receive_request(connection)  # type: ignore[arg-type]
        connection.sendall(b"HTTP/1.1 204 No\r\n\r\n")  # type: ignore[attr-defined]

    limits = Limits(kept_octets=1_000)
    trace, _ = _trace(take, method="POST", body=b"x" * 3_000, limits=limits)
    ran = run(b"".join(python_script(trace)), tmp_path)
    assert (ran.status, ran.out) == (1, b"")
    assert "the recording kept 1,000" in ran.err


def test_what_was_sent_inside_tls_needs_its_secrets(lab: Lab, tmp_path: Path) -> None:
    options = Options(lab=lab.options_lab(), cacert=str(lab.cacert))
    trace = fetch(lab.servers["tls13"].url, options)
    trace.events = [each for each in trace.events if not isinstance(each, SecretLogged)]
    ran = run(b"".join(python_script(trace)), tmp_path)
    assert ran.status == 1
    assert "cannot be read without its secrets" in ran.err


def test_a_failure_is_told_in_the_script_and_nothing_of_it_becomes_code(tmp_path: Path) -> None:
    limits = msgspec.structs.replace(LIMITS, stall_s=0.2)
    trace, _ = _trace(reply(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), limits=limits)
    assert isinstance(trace.outcome, Failed)
    message = "a\nimport os\r\x0c\x85\u2028\u202eprint(1)\ud800'''"
    trace.events[-1] = msgspec.structs.replace(trace.outcome, message=message)
    trace.url += "\nimport os"
    script = b"".join(python_script(trace)).decode()
    code = [line for line in script.splitlines() if not line.startswith("#")]
    assert not any("import os" in line for line in code)
    compile(script, "script.py", "exec")


def test_a_trace_without_any_call_is_a_script_that_says_so(tmp_path: Path) -> None:
    trace = Trace("http://a.test/'\\", "never", Options(), [])
    ran = run(b"".join(python_script(trace)), tmp_path)
    assert ran == Ran(
        1, b"", "This trace cannot be played again: nothing was sent to the server.\n"
    )


def test_a_connection_that_went_nowhere_is_not_part_of_it(tmp_path: Path) -> None:
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    trace, server = _trace(reply(ok))
    odd = Called(1, "tcp:7", "connect", ("192.0.2.1:80",), errno="ENETUNREACH")
    trace.events.insert(5, odd)
    assert "192.0.2.1" not in b"".join(python_script(trace)).decode()
    assert server.endpoint.partition(":")[2] in b"".join(python_script(trace)).decode()
