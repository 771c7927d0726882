"""The guard: names, ports and addresses, judged without a packet."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import pytest

from netcore.errors import Refused
from netcore.guard import PORTS, Admitted, Guard
from netcore.options import Lab, Options
from netcore.registries.special import NAMES_NOT_FETCHED, SPECIAL_PURPOSE_BLOCKS
from netcore.target import parse
from tests.netcore.ssrf import SELF_HOST, SELF_PUBLIC_IPV4, filled, rows
from tests.tripwire import tripwire

ROOT = Path(__file__).parents[2]
PUBLIC = Guard(Options(self_hosts=(SELF_HOST, SELF_PUBLIC_IPV4)))
PRIVATE = Guard(Options(allow_private=True))
WITH_LAB = Guard(
    Options(lab=Lab(dns_server="127.0.0.1:5353", endpoints=("127.0.0.1:40001", "[::1]:40002")))
)
NAMED = parse("http://shop.attacker.tld/")

CODES = {
    "syntax": {"guard.bad_url", "guard.bad_host", "guard.blocked_scheme"},
    "userinfo": {"guard.bad_url", "guard.blocked_address"},
    "scheme": {"guard.blocked_scheme", "guard.bad_url", "guard.bad_host", "guard.blocked_name"},
    "host": {"guard.bad_host", "guard.blocked_name"},
    "name": {"guard.blocked_name", "guard.bad_host"},
    "address": {"guard.blocked_address", "guard.blocked_name"},
    "port": {"guard.blocked_port", "guard.bad_url"},
}
"""The stage that a row names -> the codes that say so; a spelling may be refused before a name."""

SPECIAL_ADDRESSES = sorted(
    {str(end) for each in SPECIAL_PURPOSE_BLOCKS for end in (each.block[0], each.block[-1])}
)


def refusal(url: str, guard: Guard = PUBLIC) -> Refused:
    with pytest.raises(Refused) as caught:
        guard.vet_target(parse(url))
    return caught.value


def address_refusal(*addresses: str, guard: Guard = PUBLIC) -> Refused:
    with pytest.raises(Refused) as caught:
        guard.vet_addresses(NAMED, addresses)
    return caught.value


@pytest.mark.parametrize("row", rows("url_cases"), ids=lambda row: row["id"])
def test_every_hostile_url_gets_its_verdict_without_a_packet(row: dict[str, str]) -> None:
    with tripwire() as tried:
        if row["expect"] == "block":
            refused = refusal(filled(row["url"]))
            assert refused.code in CODES[row["stage"]]
            assert refused.message.endswith(".")
        else:
            target = parse(row["url"])
            PUBLIC.vet_target(target)
            assert target.host == row["effective_host"]
            if target.address:
                assert PUBLIC.vet_addresses(target, [target.address])
    assert tried == []


@pytest.mark.parametrize("row", rows("address_cases"), ids=lambda row: row["id"])
def test_every_address_gets_its_verdict_without_a_packet(row: dict[str, str]) -> None:
    with tripwire() as tried:
        if row["expect"] == "block":
            assert address_refusal(row["address"]).code == "guard.blocked_address"
        else:
            (admitted,) = PUBLIC.vet_addresses(NAMED, [row["address"]])
            assert ip_address(admitted.address) == ip_address(row["address"])
            assert admitted.port == 80
    assert tried == []


@pytest.mark.parametrize("address", SPECIAL_ADDRESSES)
def test_both_ends_of_every_special_block_are_refused(address: str) -> None:
    assert address_refusal(address).code == "guard.blocked_address"


@pytest.mark.parametrize("inner", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "8.8.8.8"])
@pytest.mark.parametrize(
    ("prefix", "shift"),
    [
        ("::ffff:0:0", 0),
        ("::", 0),
        ("::ffff:0:0:0", 0),
        ("64:ff9b::", 0),
        ("64:ff9b:1::", 0),
        ("2002::1", 80),
        ("2606:4700::5efe:0:0", 0),
        ("2606:4700::200:5efe:0:0", 0),
    ],
)
def test_no_ipv6_address_carries_an_ipv4_address_past_the_guard(
    prefix: str, shift: int, inner: str
) -> None:
    outer = IPv6Address(int(IPv6Address(prefix)) | int(IPv4Address(inner)) << shift)
    assert address_refusal(str(outer)).code == "guard.blocked_address"


@pytest.mark.parametrize(
    "address",
    [
        "fe80::1%eth0",
        "2606:4700::1%1",
        "8.8.8.8 ",
        "08.8.8.8",
        "8.8.8",
        "0x08080808",
        "",
        "example.com",
    ],
)
def test_an_address_that_is_none_in_its_usual_form_is_refused(address: str) -> None:
    assert address_refusal(address).code == "guard.blocked_address"


@pytest.mark.parametrize("bad", ["10.0.0.1", "::1", "2002:7f00:1::1", "93.184.216.34%x"])
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_forbidden_address_refuses_the_whole_set(bad: str, place: int) -> None:
    addresses = ["93.184.216.34", "2606:4700::1111"]
    addresses.insert(place, bad)
    refused = address_refusal(*addresses)
    assert refused.code == "guard.blocked_address"


def test_a_whole_set_of_public_addresses_keeps_its_order() -> None:
    admitted = PUBLIC.vet_addresses(NAMED, ["2606:4700::1111", "93.184.216.34"])
    assert [each.address for each in admitted] == ["2606:4700::1111", "93.184.216.34"]
    assert {each.why for each in admitted} == {"A public address."}


def test_a_refusal_names_the_host_the_address_and_the_block() -> None:
    message = address_refusal("93.184.216.34", "10.0.0.5").message
    assert message == (
        "shop.attacker.tld has the address 10.0.0.5, which is in 10.0.0.0/8 (Private-Use, "
        "RFC 1918); none of its addresses is used."
    )


@pytest.mark.parametrize("name", sorted(NAMES_NOT_FETCHED))
@pytest.mark.parametrize("shape", ["{}", "x.{}", "X.Y.{}.", "{}."])
def test_special_names_are_refused_and_so_are_names_below_them(name: str, shape: str) -> None:
    with pytest.raises(Refused) as caught:
        PUBLIC.vet_name(shape.format(name).upper())
    assert caught.value.code == "guard.blocked_name"


@pytest.mark.parametrize(
    "name", ["example.com", "www.example.org", "local.example.com", "testing.com", "notlocal.de"]
)
def test_a_name_that_only_resembles_a_special_one_passes(name: str) -> None:
    PUBLIC.vet_name(name)


@pytest.mark.parametrize("name", ["localhost", "redis", "a\\000b", ".", ""])
def test_a_name_of_one_label_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        PUBLIC.vet_name(name)


@pytest.mark.parametrize("host", [SELF_HOST, SELF_HOST.upper(), f"{SELF_HOST}."])
def test_our_own_name_is_refused_also_where_private_targets_are_allowed(host: str) -> None:
    own = Guard(Options(self_hosts=(SELF_HOST,), allow_private=True))
    for guard in (PUBLIC, own):
        assert refusal(f"https://{host}/", guard).code == "guard.blocked_name"


@pytest.mark.parametrize("written", ["2606:4700::99", "[2606:4700::99]", "2606:4700:0::0099"])
def test_our_own_address_is_refused_however_it_is_written(written: str) -> None:
    guard = Guard(Options(self_hosts=(written,)))
    assert refusal("http://[2606:4700::99]/", guard).code == "guard.blocked_address"
    assert address_refusal("2606:4700::99", guard=guard).code == "guard.blocked_address"


@pytest.mark.parametrize("port", PORTS)
def test_the_five_ports_pass(port: int) -> None:
    PUBLIC.vet_target(parse(f"http://example.com:{port}/"))
    PUBLIC.vet_target(parse(f"http://93.184.216.34:{port}/"))


@pytest.mark.parametrize("host", ["example.com", "93.184.216.34", "[2606:4700::1111]"])
def test_any_other_port_is_refused_for_names_and_addresses(host: str) -> None:
    assert refusal(f"http://{host}:6379/").code == "guard.blocked_port"


def test_only_the_pairs_that_the_lab_registered_pass() -> None:
    WITH_LAB.vet_target(parse("http://plain.lab.test:40001/"))
    WITH_LAB.vet_target(parse("http://127.0.0.1:40001/"))
    (admitted,) = WITH_LAB.vet_addresses(parse("http://a.lab.test:40002/"), ["::1"])
    assert (admitted.address, admitted.port) == ("::1", 40002)
    assert "lab" in admitted.why
    assert refusal("http://127.0.0.1:40002/", WITH_LAB).code == "guard.blocked_address"
    assert refusal("http://127.0.0.2:40001/", WITH_LAB).code == "guard.blocked_address"
    assert refusal("http://plain.lab.test:40003/", WITH_LAB).code == "guard.blocked_port"
    for address in ("127.0.0.1", "10.0.0.1"):
        with pytest.raises(Refused, match="none of its addresses"):
            WITH_LAB.vet_addresses(parse("http://a.lab.test:40002/"), ["::1", address])


def test_a_port_of_the_lab_opens_nothing_elsewhere() -> None:
    assert refusal("http://93.184.216.34:40001/", WITH_LAB).code == "guard.blocked_port"
    with pytest.raises(Refused) as caught:
        WITH_LAB.vet_addresses(parse("http://example.com:40001/"), ["93.184.216.34"])
    assert caught.value.code == "guard.blocked_port"


def test_names_of_the_lab_are_refused_where_there_is_no_lab() -> None:
    assert refusal("http://plain.lab.test/").code == "guard.blocked_name"
    assert refusal("http://other.test/", WITH_LAB).code == "guard.blocked_name"
    assert refusal("http://notlab.test/", WITH_LAB).code == "guard.blocked_name"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://localhost:9999/", "127.0.0.1"),
        ("http://nas.local/", "10.0.0.7"),
        ("http://redis:6379/", "fd00::1"),
        ("http://169.254.169.254/", "169.254.169.254"),
        ("http://[::1]:1/", "::1"),
    ],
)
def test_private_targets_pass_where_they_are_allowed(url: str, address: str) -> None:
    target = parse(url)
    PRIVATE.vet_target(target)
    (admitted,) = PRIVATE.vet_addresses(target, [address])
    assert (admitted.address, admitted.port) == (address, target.port)


@pytest.mark.parametrize(
    "row",
    [r for r in rows("url_cases") if r.get("stage") in ("syntax", "userinfo") and r["id"] != "U439"]
    + [r for r in rows("url_cases") if r["category"] in ("ipv4-spelling", "ipv6-syntax")],
    ids=lambda row: row["id"],
)
def test_spelling_and_userinfo_stay_refused_where_private_targets_are_allowed(
    row: dict[str, str],
) -> None:
    refusal(row["url"], PRIVATE)


@pytest.mark.parametrize(
    ("address", "port"), [("127.0.0.53", 53), ("10.0.0.2", 53), ("fd00::53", 53), ("9.9.9.9", 53)]
)
def test_a_resolver_may_have_a_private_address_on_port_53(address: str, port: int) -> None:
    assert PUBLIC.admit_resolver(address, port).port == port


def test_a_resolver_has_another_port_only_where_an_option_says_so() -> None:
    asked = Guard(Options(dns_server="127.0.0.1:5300"))
    assert asked.admit_resolver("127.0.0.1", 5300).address == "127.0.0.1"
    assert WITH_LAB.admit_resolver("127.0.0.1", 5353).port == 5353
    for guard, address, port in (
        (PUBLIC, "127.0.0.1", 5300),
        (asked, "127.0.0.2", 5300),
        (asked, "127.0.0.1", 6379),
    ):
        with pytest.raises(Refused) as caught:
            guard.admit_resolver(address, port)
        assert caught.value.code == "guard.blocked_port"


@pytest.mark.parametrize("address", ["224.0.0.251", "ff02::fb", "fe80::1%eth0", "resolver.test"])
def test_what_cannot_be_a_resolver_is_refused(address: str) -> None:
    with pytest.raises(Refused) as caught:
        PUBLIC.admit_resolver(address, 53)
    assert caught.value.code == "guard.blocked_address"


def test_a_peer_is_compared_as_an_address_and_not_as_text() -> None:
    admitted = Admitted("2606:4700::1111", 443, "")
    PUBLIC.check_peer(admitted, "2606:4700:0:0::1111")
    for peer in ("2606:4700::1112", "::1", "", "93.184.216.34"):
        with pytest.raises(Refused) as caught:
            PUBLIC.check_peer(admitted, peer)
        assert caught.value.code == "guard.peer_mismatch"


def test_this_machines_own_public_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    own = frozenset({ip_address("198.51.99.7")})
    monkeypatch.setattr("netcore.guard.own_addresses", lambda: own)
    refused = refusal("http://198.51.99.7/", Guard(Options()))
    assert refused.code == "guard.blocked_address"
    assert "this machine itself" in refused.message
    Guard(Options()).vet_target(parse("http://198.51.99.8/"))


def sources() -> list[Path]:
    """The program: every module but the tests and what is installed."""
    found = [ROOT / "app.py"]
    for folder in ("netcore", "web", "lab", "tools"):
        found += (ROOT / folder).rglob("*.py")
    return found


def offenders(pattern: str, *allowed: str) -> list[str]:
    """The sources in which the pattern occurs, but for those whose path begins as allowed."""
    relative = {path.relative_to(ROOT).as_posix(): path for path in sources()}
    return [
        name
        for name, path in relative.items()
        if not name.startswith(allowed) and re.search(pattern, path.read_text("utf-8"), re.M)
    ]


def test_sockets_and_name_look_ups_are_in_the_wire_and_in_the_lab_only() -> None:
    opens = (
        r"^\s*(import|from) (_?socket|selectors|asyncio|urllib\.request|http\.client)\b"
        r"|\b(create_connection|getaddrinfo|gethostby\w+|urlopen|__import__)\("
    )
    # Scripts that are written out open sockets of their own; packets are captured by a helper.
    others = (
        "netcore/exports/python_script.py",
        "netcore/exports/script_",
        "netcore/capture/ring.py",
    )
    assert offenders(opens, "netcore/wire.py", "lab/", *others) == []
    assert "netcore/wire.py" in offenders(opens)  # else the pattern finds nothing


def test_only_the_guard_makes_admitted_endpoints() -> None:
    assert offenders(r"\bAdmitted\(", "netcore/guard.py") == []


def test_the_guard_does_not_rely_on_what_python_calls_global() -> None:
    assert offenders(r"\bis_global\b(?!` is not used)|\bis_private\b") == []
