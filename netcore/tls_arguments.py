"""The options of the command line that are about TLS, with curl's names where curl has one."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, Final

from netcore.errors import FetchError
from netcore.protocols.tls_context import VERSIONS
from netcore.protocols.tls_offer import (
    GROUP_NAMES,
    read_alpn,
    read_ciphers,
    read_group,
    read_identity,
    read_sni,
)

_RESUME: Final = (
    "send the request twice; the second connection offers the session of TLS that the first one "
    "was given, and only the second answer is written (curl's --ssl-sessions keeps them in a file)"
)


def add_tls_arguments(group: argparse._ArgumentGroup) -> None:
    """Whom to trust, what to offer, and what to show of oneself."""
    add = group.add_argument
    add("-k", "--insecure", action="store_true", help="do not verify the certificate")
    add("--cacert", metavar="FILE", type=readable, help="trust these certificates and no others")
    for option, what in (("--tls-min", "lowest"), ("--tls-max", "highest")):
        add(
            option,
            metavar="VERSION",
            choices=VERSIONS,
            help=f"the {what} version of TLS to offer: 1.0, 1.1, 1.2 or 1.3",
        )
    add(
        "--ciphers",
        metavar="LIST",
        type=_checked(read_ciphers),
        help="cipher suites to offer, in OpenSSL's notation, for TLS 1.2 and below; in 1.3 the "
        "server picks from three that are always offered",
    )
    add(
        "--curves",
        metavar="GROUP",
        type=_checked(read_group),
        help=f"offer this group alone for the key exchange: {GROUP_NAMES}",
    )
    _add_names(group)
    add(
        "-E",
        "--cert",
        metavar="FILE",
        type=readable,
        help="a client certificate in PEM, shown to the URL's host if it asks for one",
    )
    add("--key", metavar="FILE", type=readable, help="its private key, if that is not in the same")
    add("--resume-session", action="store_true", help=_RESUME)


def _add_names(group: argparse._ArgumentGroup) -> None:
    alpn = group.add_mutually_exclusive_group()
    alpn.add_argument(
        "--alpn",
        metavar="NAME[,NAME]",
        type=_checked(lambda text: read_alpn(text.split(","))),
        help="protocols to offer by ALPN, in this order; the version of HTTP to speak, if not "
        "given. A server that picks another one than that is left",
    )
    alpn.add_argument("--no-alpn", action="store_true", help="offer none")
    sni = group.add_mutually_exclusive_group()
    sni.add_argument(
        "--sni",
        metavar="NAME",
        type=_checked(read_sni),
        help="the name to ask for in SNI; the certificate is checked against the URL's all the "
        "same",
    )
    sni.add_argument("--no-sni", action="store_true", help="ask for no name in SNI")


def check_together(given: argparse.Namespace) -> str:
    """What does not go together, in a sentence; "" if all does."""
    if given.tls_min and given.tls_max and given.tls_min > given.tls_max:
        return f"--tls-min {given.tls_min} is above --tls-max {given.tls_max}"
    try:
        read_identity(given.cert or "", given.key or "")
    except FetchError as error:
        return error.message
    return ""


def tls_options(given: argparse.Namespace) -> dict[str, Any]:
    """The members of `Options` that these arguments set."""
    return {
        "tls_min": given.tls_min or min("1.2", given.tls_max or "1.2"),
        "tls_max": given.tls_max or "1.3",
        "verify": not given.insecure,
        "cacert": given.cacert or "",
        "ciphers": given.ciphers or "",
        "curves": given.curves or "",
        "alpn": () if given.no_alpn else given.alpn,
        "sni": "" if given.no_sni else given.sni,
        "cert": given.cert or "",
        "key": given.key or "",
        "resume_session": given.resume_session,
    }


def readable(text: str) -> str:
    """The name of a file that can be read. Raises: argparse.ArgumentTypeError."""
    utf_8(text)
    try:
        with open(text, "rb"):
            return text
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{text}: {error.strerror}") from error


def utf_8(text: str) -> str:
    """The text, if it was given in UTF-8. Raises: argparse.ArgumentTypeError."""
    if any("\ud800" <= each <= "\udfff" for each in text):
        raise argparse.ArgumentTypeError(f"{text!r} is not UTF-8")
    return text


def _checked(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def checked(text: str) -> Any:
        try:
            return read(text)
        except FetchError as error:
            raise argparse.ArgumentTypeError(error.message) from error

    return checked
