"""URLs: what is read, what is refused, and that every refusal says what and where."""

from __future__ import annotations

import random
import socket
from types import SimpleNamespace
from urllib.parse import urlsplit

import ada_url
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from netcore.errors import Refused
from netcore.target import Target, forgive, parse
from tests.netcore.ssrf import filled, rows
from tests.tripwire import tripwire

PIECES = (
    *"/\\?#@:[]%.-_|^{}<>$&=~*!;,'\"` \t\r\n\0\x1b\x7f09afxAZ",
    *"\u00ad\u200b\u200d\u2028\ufeff\u3002\uff0e\uff0f\uff1a\uff20\uff11\u2460\u0e51\u212a\u00df",
    *("//", "..", "%2f", "%00", "%40", "xn--", "0x7f", "127.0.0.1", "[::1]", ":80", "http:", "@a"),
    *("\u0130", "\u2100", "\u4f8b\u3048", "\U0001f600", "\ud800", "localhost", "::ffff:1.2.3.4"),
)


def refusal(text: str, base: Target | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        parse(text, base)
    return caught.value


def test_the_parts_of_a_url() -> None:
    target = parse("HTTPS://M\u00fcnchen.DE:8443/a b".replace(" ", "%20") + "/../c?d=\u00e9#f")
    assert target == Target(
        "https://xn--mnchen-3ya.de:8443/c?d=%C3%A9#f",
        "https",
        "xn--mnchen-3ya.de",
        8443,
        "/c?d=%C3%A9",
    )
    assert target.origin == "https://xn--mnchen-3ya.de:8443"
    assert target.authority == "xn--mnchen-3ya.de:8443"
    assert target.server_name == "xn--mnchen-3ya.de"


@pytest.mark.parametrize(
    ("url", "port", "authority"),
    [
        ("http://example.com", 80, "example.com"),
        ("http://example.com:80/", 80, "example.com"),
        ("http://example.com:0080/", 80, "example.com"),
        ("http://example.com:443/", 443, "example.com:443"),
        ("https://example.com:/", 443, "example.com"),
        ("ws://example.com/", 80, "example.com"),
        ("wss://example.com:8443/", 8443, "example.com:8443"),
        ("http://[2620:FE::0:fe]:8080/", 8080, "[2620:fe::fe]:8080"),
        ("http://1.1.1.1/", 80, "1.1.1.1"),
    ],
)
def test_the_host_field_leaves_out_the_port_of_the_scheme(
    url: str, port: int, authority: str
) -> None:
    target = parse(url)
    assert (target.port, target.authority) == (port, authority)


def test_a_trailing_dot_stays_in_the_host_and_not_in_the_server_name() -> None:
    target = parse("https://example.com./")
    assert (target.url, target.authority) == ("https://example.com./", "example.com.")
    assert target.server_name == "example.com"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://8.8.8.8/", "8.8.8.8"),
        ("http://[2001:4860:4860:0:0:0:0:8888]/", "2001:4860:4860::8888"),
        ("http://[::ffff:1.2.3.4]/", "::ffff:102:304"),
        ("http://[1:0:0:2:0:0:3.4.5.6]/", "1::2:0:0:304:506"),
        ("http://example.com/", ""),
    ],
)
def test_a_literal_address_is_told_apart_from_a_name(url: str, address: str) -> None:
    target = parse(url)
    assert target.address == address
    assert target.server_name == ("" if address else "example.com")


def test_an_empty_query_stays() -> None:
    assert parse("http://example.com/a?#b").path_and_query == "/a?"
    assert parse("http://example.com?a").path_and_query == "/?a"


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ("", "guard.bad_url", "empty"),
        ("http://example.com/a b", "guard.bad_url", "Character 21 is a space"),
        ("  http://example.com/a b", "guard.bad_url", "Character 23 is a space"),
        ("http://exa\tmple.com/", "guard.bad_url", "Character 11 is a TAB"),
        ("http://example.com/\\", "guard.bad_url", "a backslash"),
        ("http://example.com/\x01", "guard.bad_url", "U+0001"),
        ("http://example.com/\u2029", "guard.bad_url", "U+2029"),
        ("http://example.com/\ud800", "guard.bad_url", "U+D800"),
        ("http://example.com/" + "a" * 8192, "guard.bad_url", "8,211 characters"),
        ("http://example.com/" + "\u00e9" * 4000, "guard.bad_url", "once it is percent-encoded"),
        ("//example.com/", "guard.bad_url", "does not begin with a scheme"),
        ("http:example.com", "guard.bad_url", "Two slashes"),
        ("http:///path", "guard.bad_host", "nothing follows http://"),
        ("http://a:b@example.com/", "guard.bad_url", "@"),
        ("localhost:8080", "guard.blocked_scheme", "http:// is missing before it"),
        ("example.com:80/a", "guard.blocked_scheme", "http:// is missing before it"),
        ("gopher://example.com/", "guard.blocked_scheme", "gopher"),
        ("http://example.com:65536/", "guard.bad_url", "1 to 65535"),
        ("http://example.com:0/", "guard.bad_url", "1 to 65535"),
        ("http://example.com:8\u0668/", "guard.bad_url", "character 2 is not a digit"),
        ("http://134744072/", "guard.bad_host", "write 8.8.8.8"),
        ("http://0x8.8.8.8/", "guard.bad_host", "write 8.8.8.8"),
        ("http://8.8.8.8./", "guard.bad_host", "write 8.8.8.8"),
        ("http://8\u30028.8.8/", "guard.bad_host", "write 8.8.8.8"),
        ("http://256.1.1.1/", "guard.bad_host", "four numbers"),
        ("http://a.0x/", "guard.bad_host", "ends in a number"),
        ("http://\u2460.example.com/", "guard.bad_host", "Character 1 of the host"),
        ("http://x\u0e52.example.com/", "guard.bad_host", "Character 2 of the host"),
        ("http://%65xample.com/", "guard.bad_host", "percent-encoding"),
        ("http://[::1%25lo]/", "guard.bad_host", "zone"),
        ("http://2001:db8::1/", "guard.bad_host", "in brackets"),
        ("http://[::1/", "guard.bad_host", "no host and port"),
        ("http://a[::1]/", "guard.bad_host", "nowhere else"),
        ("http://" + "a" * 64 + ".com/", "guard.bad_host", "64 octets"),
        ("http://" + "a." * 130 + "com/", "guard.bad_host", "263 octets"),
        ("http://a..com/", "guard.bad_host", "Part 2 of the name is empty"),
        ("http://example.com../", "guard.bad_host", "Part 3 of the name is empty"),
        ("http://a-.com/", "guard.bad_host", "ends with a hyphen"),
        ("http://a.c0m/", "guard.bad_host", "letters only"),
        ("http://xn--a.com/", "guard.bad_host", "no valid A-label"),
        ("http://xn--127-abc.com/", "guard.bad_host", "no valid A-label"),
        ("http://exa$mple.com/", "guard.bad_host", "$"),
    ],
)
def test_a_refusal_says_what_is_wrong_and_where(text: str, code: str, says: str) -> None:
    refused = refusal(text)
    assert refused.code == code
    assert says in refused.message


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("/a?b#c", "https://example.com:8443/a?b#c"),
        ("a/../d", "https://example.com:8443/x/d"),
        ("?q", "https://example.com:8443/x/y?q"),
        ("#f", "https://example.com:8443/x/y?z#f"),
        ("//example.org/", "https://example.org/"),
        ("//example.org:8080/", "https://example.org:8080/"),
        ("http://example.org/", "http://example.org/"),
        (" \t/a\r\n", "https://example.com:8443/a"),
        ("/caf\u00e9", "https://example.com:8443/caf%C3%A9"),
        ("./a:b", "https://example.com:8443/x/a:b"),
    ],
)
def test_a_reference_is_read_relative_to_its_base(reference: str, url: str) -> None:
    assert parse(reference, parse("https://example.com:8443/x/y?z")).url == url


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("", "guard.bad_url"),
        ("https:/a", "guard.bad_url"),
        ("https:a", "guard.bad_url"),
        ("///example.org/", "guard.bad_host"),
        ("//u@example.org/", "guard.bad_url"),
        ("//0x7f.1/", "guard.bad_host"),
        ("a:b", "guard.blocked_scheme"),
        ("/a b", "guard.bad_url"),
        ("\\\\example.org\\", "guard.bad_url"),
    ],
)
def test_a_reference_keeps_to_the_same_rules(reference: str, code: str) -> None:
    assert refusal(reference, parse("https://example.com/")).code == code


class OtherReading:
    """A parser that finds another host than we do, as parsers of URLs have done."""

    def __init__(self, text: str, base: str | None = None) -> None:
        real = ada_url.URL(text.replace("example.com", "127.0.0.1"), base=base)
        self.href = real.href.replace("example.com", "127.0.0.1")
        self.hostname, self.protocol, self.port = real.hostname, real.protocol, real.port
        self.username = self.password = ""

    @staticmethod
    def parse_url(text: str, attributes: tuple[str, ...]) -> dict[str, str]:
        """What `ada_url` has for several attributes at once."""
        read = OtherReading(text)
        return {each: getattr(read, each) for each in attributes}


OTHER = SimpleNamespace(URL=OtherReading, parse_url=OtherReading.parse_url)


def test_a_host_that_can_be_read_in_two_ways_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netcore.target.ada_url", OTHER)
    refused = refusal("http://example.com/")
    assert refused.code == "guard.bad_host"
    assert "two ways, example.com and 127.0.0.1" in refused.message


def test_a_path_that_is_read_as_another_host_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    base = parse("http://example.com/")
    monkeypatch.setattr("netcore.target.ada_url", OTHER)
    refused = refusal("/a", base)
    assert refused.code == "guard.bad_url"
    assert "read as one at http://127.0.0.1" in refused.message


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("example.com/path", "https://example.com/path"),
        (" example.com ", "https://example.com"),
        ("example.com:8443/a", "https://example.com:8443/a"),
        ("localhost:8080", "https://localhost:8080"),
        ("1.1.1.1", "https://1.1.1.1"),
        ("[2620:fe::fe]", "https://[2620:fe::fe]"),
        ("plain.lab.test:40001/", "http://plain.lab.test:40001/"),
        ("lab.test", "http://lab.test"),
        ("m\u00fcnchen.de", "https://m\u00fcnchen.de"),
    ],
)
def test_an_address_bar_forgives_a_missing_scheme(typed: str, url: str) -> None:
    assert forgive(typed) == url


@pytest.mark.parametrize(
    "typed",
    ["http://example.com", "mailto:a@b", "javascript:alert(1)", "a b", "", "a@b.com", "file:/etc"],
)
def test_an_address_bar_adds_nothing_that_makes_no_url(typed: str) -> None:
    assert forgive(typed) == typed


def read(text: str) -> Target | Refused:
    try:
        return parse(text)
    except Refused as refused:
        return refused


def check(text: str) -> None:
    """What holds of any text: a refusal in one sentence, or a target that all readers share."""
    target = read(text)
    if isinstance(target, Refused):
        assert target.code in ("guard.bad_url", "guard.bad_host", "guard.blocked_scheme")
        assert target.message.endswith(".")
        assert target.message.isprintable()
        return
    assert parse(target.url) == target
    assert target.url.isascii()
    assert target.url.isprintable()
    theirs = urlsplit(target.url)
    assert (theirs.scheme, theirs.hostname) == (target.scheme, target.host)
    assert theirs.port in (None, target.port)
    assert theirs.username is None
    if not target.address:
        with pytest.raises(OSError, match="illegal"):
            socket.inet_aton(target.host)
    elif ":" not in target.address:
        assert socket.inet_ntoa(socket.inet_aton(target.address)) == target.address


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_any_text_is_refused_or_read_the_same_again(text: str) -> None:
    check(text)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=12), st.text(max_size=12))
@example("xn--\u0131", "")
@example("example.com", "?\u0085")
def test_any_host_and_path_are_refused_or_read_the_same_again(host: str, path: str) -> None:
    check(f"http://{host}/{path}")


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=20))
def test_a_relative_reference_never_leaves_its_origin_unseen(text: str) -> None:
    base = parse("https://example.com/a/b")
    try:
        target = parse(text, base)
    except Refused:
        return
    assert parse(target.url) == target
    own = text.strip(" \t\r\n")
    assert target.origin == base.origin or own.startswith("//") or ":" in own


@pytest.mark.slow
def test_twenty_thousand_mutated_urls_have_one_reading_or_none() -> None:
    """The rows of ssrf.json with pieces put in, taken out and exchanged."""
    chance = random.Random(20_000)
    hostile = [filled(row["url"]) for row in rows("url_cases")]
    public = [row["url"] for row in rows("url_cases") if row["expect"] == "allow"]
    accepted = 0
    with tripwire() as tried:
        for _ in range(20_000):
            text = chance.choice(chance.choice((hostile, public)))
            for _ in range(chance.randint(1, 2)):
                start = chance.randint(0, len(text))
                end = start + chance.choice((0, 0, 1, 2))
                text = text[:start] + chance.choice(PIECES) + text[end:]
            check(text)
            accepted += isinstance(read(text), Target)
    assert tried == []
    assert accepted > 1000  # else nothing was compared
