"""The options of the command line that are about how names are resolved."""

from __future__ import annotations

import argparse
from typing import Any

from netcore.address_family import FAMILIES
from netcore.errors import FetchError
from netcore.name_servers import parse_server
from netcore.tls_arguments import utf_8


def add_dns_arguments(group: argparse._ArgumentGroup) -> None:
    """Whom to ask, and how."""
    add = group.add_argument
    add(
        "--dns-server",
        metavar="[HOW://]ADDR[:PORT]",
        type=_server,
        help="ask this resolver: over UDP, or HOW is tcp (RFC 7766), tls (DNS over TLS, RFC 7858) "
        "or https (DNS over HTTPS, RFC 8484; a path may follow, else /dns-query). The port, if "
        "not given, is 53, 853 or 443",
    )
    add(
        "--dns-name",
        metavar="NAME",
        type=utf_8,
        help="whom the resolver's certificate has to be for, with tls:// and https://; its "
        "address, if not given. It is always verified, against --cacert if that is given",
    )
    for family in FAMILIES:
        add(
            f"-{family}",
            f"--ipv{family}",
            action="store_const",
            const=family,
            dest="family",
            help=f"connect to addresses of IPv{family} only",
        )
    add(
        "--dns-trace",
        action="store_true",
        help="ask no resolver: walk from the root to the name, by referrals, each step shown",
    )
    add(
        "--dns-root",
        metavar="ADDR[:PORT]",
        action="append",
        type=_root,
        help="with --dns-trace, begin at this server of the root; all others are then asked at "
        "the same port",
    )


def dns_options(given: argparse.Namespace) -> dict[str, Any]:
    """The members of `Options` that these arguments set."""
    return {
        "dns_server": given.dns_server or "",
        "dns_name": given.dns_name or "",
        "family": given.family or "",
        "dns_trace": given.dns_trace,
        "dns_roots": tuple(given.dns_root or ()),
    }


def _server(text: str) -> str:
    try:
        parse_server(utf_8(text))
    except FetchError as error:
        raise argparse.ArgumentTypeError(error.message) from error
    return text


def _root(text: str) -> str:
    if "://" in text:
        raise argparse.ArgumentTypeError(f"{text!r} is not ADDR or ADDR:PORT")
    return _server(text)
