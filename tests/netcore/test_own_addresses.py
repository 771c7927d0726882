"""The addresses of this machine, read from files like those of Linux."""

from __future__ import annotations

from pathlib import Path

from netcore.own_addresses import own_addresses

FIB_TRIE = """Main:
  +-- 0.0.0.0/0 3 0 5
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.1
           /32 host LOCAL
     |-- 198.51.99.0
        /24 link UNICAST
        |-- 198.51.99.7
           /32 host LOCAL
        |-- 198.51.99.255
           /32 link BROADCAST
"""
ROUTE = "Iface\tDestination\tGateway\n{}\t00000000\t016433C6\n"
IF_INET6 = (
    "00000000000000000000000000000001 01 80 10 80       lo\n"
    "26064700000000000000000000000007 02 40 00 80     eth0\n"
)


def test_the_addresses_of_this_machine_are_read_from_files(tmp_path: Path) -> None:
    (tmp_path / "fib_trie").write_text(FIB_TRIE)
    (tmp_path / "route").write_text(ROUTE.format("eth0"))
    (tmp_path / "if_inet6").write_text(IF_INET6)
    found = {str(each) for each in own_addresses(tmp_path)}
    assert found == {"127.0.0.1", "198.51.99.7", "2606:4700::7"}


def test_a_machine_that_has_the_loopback_device_only_has_no_address_of_its_own(
    tmp_path: Path,
) -> None:
    (tmp_path / "fib_trie").write_text(FIB_TRIE)
    (tmp_path / "route").write_text(ROUTE.format("lo"))
    (tmp_path / "if_inet6").write_text(IF_INET6.splitlines()[0])
    assert own_addresses(tmp_path) == frozenset()


def test_a_system_without_proc_has_no_list_of_its_addresses(tmp_path: Path) -> None:
    assert own_addresses(tmp_path / "none") == frozenset()
