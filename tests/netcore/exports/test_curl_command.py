"""The command for curl: what it says, what a shell makes of it, and what curl then sends."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab import Lab
from netcore import Options, Trace, fetch
from netcore.exports.curl_command import MOST_OCTETS, curl_command
from netcore.trace import Completed
from tests.netcore.exports.tapped import heard_by, tapped_lab
from tests.peers.process import program

WAIT_S: Final = 30
ECHO: Final = 'curl() { for word; do printf "%s\\0" "$word"; done; }\n'
"""In place of curl: it says which words it was given."""


def command(url: str = "http://a.test/", **options: Any) -> str:
    return curl_command(Trace(url, "", Options(**options), []))[0].decode()


def words(url: str = "http://a.test/", **options: Any) -> list[str]:
    return shlex.split(command(url, **options), comments=True)


def shell(script: str) -> bytes:
    done = subprocess.run(
        ["sh", "-c", script], capture_output=True, timeout=WAIT_S, check=False, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("url", "options", "given"),
    [
        ("http://a.test/", {}, ["--http1.1"]),
        ("https://a.test/", {}, ["--http2", "--tlsv1.2"]),
        ("https://a.test/", {"tls_min": "1.0", "tls_max": "1.1"}, ["--http1.1", "--tls-max 1.1"]),
        ("https://a.test/", {"tls_min": "1.0"}, ["--tlsv1.0", ":@SECLEVEL=0"]),
        ("http://a.test/", {"http": "1.0"}, ["--http1.0"]),
        ("http://a.test/", {"http": "2"}, ["--http2-prior-knowledge"]),
        ("https://a.test/", {"http": "2"}, ["--http2 "]),
        ("http://a.test/", {"http": "h2c-upgrade"}, ["--http2 "]),
        ("https://a.test/", {"http": "3"}, ["--http3-only"]),
        ("https://a.test/", {"alpn": ()}, ["--no-alpn"]),
        ("https://a.test/", {"family": "6"}, ["-6"]),
        ("https://a.test/", {"alpn": ("x",)}, ["# curl offers protocols of its own choice"]),
        ("https://a.test/", {"sni": ""}, ["# curl sends the host's own name in SNI"]),
        ("https://a.test/", {"verify": False}, ["-k"]),
        ("https://a.test/", {"curves": "P-256"}, ["--curves prime256v1"]),
        ("https://a.test/", {"ciphers": "ECDHE"}, ["--ciphers 'ECDHE:!aNULL"]),
        ("https://a.test/", {"cacert": "a b.pem"}, ["--cacert 'a b.pem'"]),
        ("https://a.test/", {"cert": "c", "key": "k"}, ["--cert c", "--key k"]),
        ("https://a.test/", {"resume_session": True}, ["# curl resumes a session"]),
        ("http://a.test/", {"resolve": ("a.test:80:::1",)}, ["--resolve a.test:80:::1"]),
        ("http://a.test/", {"follow_redirects": True}, ["-L --max-redirs 10"]),
        ("http://a.test/", {"method": "HEAD"}, ["--head"]),
        ("http://a.test/", {"method": "DELETE"}, ["-X DELETE"]),
        ("http://a.test/", {"method": "POST"}, ["--data-raw ''", "-H Content-Type:"]),
        ("http://a.test/", {"method": "PUT", "body": b"@x"}, ["-X PUT", "--data-raw @x"]),
        ("http://a.test/", {"body": b"x", "method": "GET"}, ["-X GET"]),
        ("http://a.test/[1]", {}, ["--globoff"]),
        ("http://a.test/", {"headers": (("Accept:", ""),)}, ["-H Accept:"]),
        ("http://a.test/", {"headers": (("X", ""),)}, ["-H 'X;'", "# curl writes no space"]),
        ("http://a.test/", {"headers": (("Host", "b"),)}, ["# curl sends the field Host before"]),
        ("http://a.test/", {"headers": (("Cookie", "b"),)}, ["# It holds credentials"]),
        ("no url", {}, ["# This is no URL"]),
        ("https://a.test/", {"http": "3"}, ["--http3-only", "# It takes a curl that was built"]),
        ("http://a.test/", {"dns_server": "tls://192.0.2.1"}, ["# curl asks no name server here"]),
        ("http://a.test/", {"dns_trace": True}, ["# curl asks no name server here"]),
    ],
)
def test_what_was_asked_for_has_its_option(
    url: str, options: dict[str, Any], given: list[str]
) -> None:
    text = command(url, **options)
    assert [each for each in given if each not in text] == []


@pytest.mark.parametrize(
    "url", ["ws://a.test/", " WSS://a.test/", "tcp://a.test:7", "udp://a.test:7"]
)
def test_what_curl_cannot_do_has_a_reason_and_no_command(url: str) -> None:
    text = command(url)
    assert text.startswith("# There is no command of curl for this: ")
    assert shlex.split(text, comments=True) == ["false"]


def test_several_urls_are_asked_for_in_order() -> None:
    further = ("http://b.test/[1]", "http://a.test/")
    given = [each for each in words("http://a.test/", further_urls=further) if each.strip()]
    assert given[-4:] == ["--fail-early", "http://a.test/", "http://b.test/[1]", "http://a.test/"]
    assert "--globoff" in given


def test_a_post_of_a_form_needs_no_method() -> None:
    assert "-X" not in command(method="POST", body=b"a=1")


def test_content_that_is_too_long_for_a_command_is_to_stand_in_a_file() -> None:
    text = command(method="POST", body=b"x" * (MOST_OCTETS + 1))
    assert text.startswith("# Put the 100,001 octets of content into a file first, named content.")
    assert "--data-binary @content" in text


def _hostile() -> st.SearchStrategy[str]:
    return st.text(st.characters(exclude_characters="\0"), max_size=30)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_hostile(), _hostile(), st.binary(max_size=80), st.binary(max_size=20))
def test_no_word_becomes_more_than_a_word(url: str, path: str, body: bytes, value: bytes) -> None:
    value = re.sub(rb"[\x00-\x1f\x7f]", b"", value)
    field = ("X-A", value.decode("latin-1"))
    text = command(
        f"https://a.test/{url}",
        method=path,
        tls_min=path,
        tls_max=path,
        curves=path,
        ciphers=path,
        cacert=path,
        cert=path,
        resolve=(path,),
        headers=(field,),
        body=body,
    )
    script = text.replace("| curl ", "| { cat; curl ").rstrip("\n")
    script += "; }\n" if script != text.rstrip("\n") else "\n"
    assert script.isprintable() or "\n" in script
    said = shell(ECHO + script)
    if "| { cat" in script:
        assert said.startswith(body)
        said = said[len(body) :]
    given_words = said.split(b"\0")
    assert b"X-A: " + value in given_words or (not value and b"X-A;" in given_words)
    assert f"--tlsv{path}".encode("utf-8", "backslashreplace") in given_words
    if b"--data-raw" in given_words:
        assert given_words[given_words.index(b"--data-raw") + 1] == body


# With curl itself


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with tapped_lab() as tapped:
        yield tapped


def both(
    lab: Lab, name: str, path: str = "", **more: Any
) -> tuple[list[bytes], list[bytes], bytes]:
    """What a server of the lab was sent by our fetch, then by curl, and what curl wrote."""
    heard_by(lab)
    options = Options(lab=lab.options_lab(), cacert=str(lab.cacert))
    trace = fetch(lab.servers[name].url + path, msgspec.structs.replace(options, **more))
    assert isinstance(trace.outcome, Completed), trace.outcome
    ours = heard_by(lab)
    text = curl_command(trace)[0].decode()
    written = shell(text.replace("curl ", f"{program('curl', 'curl')} -q --silent ", 1))
    theirs = heard_by(lab)
    assert theirs.keys() == ours.keys()
    return ours[name], theirs[name], written


PLAIN: Final[list[tuple[str, str, dict[str, Any]]]] = [
    ("plain", "", {}),
    ("plain", "a/b?c=d&e='%20", {}),
    ("plain", "", {"http": "1.0"}),
    ("plain", "", {"method": "HEAD"}),
    ("plain", "", {"method": "OPTIONS"}),
    ("plain", "", {"headers": (("X-B", "1"), ("Accept", "a/b"), ("User-Agent:", ""))}),
    (
        "plain",
        "",
        {"headers": (("X-C", 'it\'s "$HOME" `id` \\ é'), ("User-Agent", "u"))},
    ),
    ("plain", "", {"headers": (("X-B", "\xff'\\%d"),)}),
    ("plain", "", {"method": "POST", "body": b"a=1&b='2'"}),
    ("plain", "", {"method": "POST", "body": b""}),
    ("plain", "", {"method": "POST"}),
    ("plain", "", {"method": "PUT", "body": b"@/etc/passwd"}),
    ("plain", "", {"method": "POST", "body": bytes(range(256)) * 12}),
    ("plain", "", {"method": "POST", "body": b"{}", "headers": (("Content-Type", "a/json"),)}),
    ("tls12", "", {"http": "1.1"}),
    ("tls13", "", {"http": "1.1", "tls_min": "1.3"}),
    ("tls10", "", {"tls_min": "1.0", "tls_max": "1.1"}),
    ("expired", "", {"verify": False, "http": "1.1"}),
    ("keep-alive", "1", {"follow_redirects": True}),
    ("redirect", "", {"follow_redirects": True}),
    ("gzip", "", {}),
]


@pytest.mark.peer
@pytest.mark.wire
@pytest.mark.slow
@pytest.mark.parametrize(("name", "path", "more"), PLAIN)
def test_curl_sends_the_same_octets(lab: Lab, name: str, path: str, more: dict[str, Any]) -> None:
    ours, theirs, written = both(lab, name, path, **more)
    assert theirs == ours
    assert written or more.get("method") == "HEAD"


@pytest.mark.peer
@pytest.mark.wire
@pytest.mark.slow
def test_curl_asks_for_several_urls_on_one_connection(lab: Lab) -> None:
    url = lab.servers["plain"].url
    options = Options(lab=lab.options_lab(), further_urls=(url,))
    heard_by(lab)
    trace = fetch(url, options)
    ours = heard_by(lab)
    shell(curl_command(trace)[0].decode())
    assert heard_by(lab) == ours
    assert len(ours["plain"]) == 1


@pytest.mark.peer
@pytest.mark.wire
@pytest.mark.slow
def test_curl_decodes_what_it_asked_for(lab: Lab) -> None:
    assert both(lab, "br")[2].startswith(b"This text says the same thing again")


@pytest.mark.peer
@pytest.mark.wire
@pytest.mark.slow
@pytest.mark.parametrize("http", ["auto", "2"])
def test_curl_speaks_http_2_where_we_did(lab: Lab, http: str) -> None:
    _, theirs, written = both(lab, "h2", http=http)
    assert theirs[0].startswith(b"PRI * HTTP/2.0")
    assert written.startswith(b"Hello from the lab, in HTTP/2.")


def test_a_failed_fetch_has_its_command_too(lab: Lab) -> None:
    options = Options(lab=lab.options_lab())
    text = curl_command(fetch("http://no-such-name.lab.test/", options))[0].decode()
    assert text.endswith("http://no-such-name.lab.test/\n")


@pytest.mark.wire
def test_over_quic_too_the_command_says_where_the_name_led(lab: Lab) -> None:
    server = lab.servers["h3"]
    options = Options(lab=lab.options_lab(), cacert=str(lab.cacert), http="3")
    text = curl_command(fetch(server.url, options))[0].decode()
    assert f"--resolve h3.lab.test:{server.port}:127.0.0.1" in text
