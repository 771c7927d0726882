"""The lines of a stand-alone script that secure a connection, and what they leave to chance."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final

from netcore.exports.python_literals import text_literal
from netcore.exports.replay import Connected, Secured
from netcore.openssl_names import GROUPS, cipher_list, group_name
from netcore.trace import Trace

_NAMES: Final = {"1.0": "TLSv1", "1.1": "TLSv1_1", "1.2": "TLSv1_2", "1.3": "TLSv1_3"}
_OLD: Final = ("1.0", "1.1")


def random_values(trace: Trace) -> str:
    """What is made anew each time."""
    shares = " and key shares" if trace.options.tls_max == "1.3" else ""
    return (
        f"Random, and so never the same: the random, the session id{shares} of the ClientHello, "
        "the client's part of the key exchange, and with them all keys. What is sent inside TLS "
        "are the octets of the recording."
    )


class Contexts:
    """The settings of all connections of one script; those that are the same are written once."""

    def __init__(self, trace: Trace) -> None:
        self._options = trace.options
        self._written: dict[str, str] = {}  # lines -> the name of the context that they make

    @property
    def is_obsolete(self) -> bool:
        """Whether a version is offered that Python warns of."""
        return bool(self._written) and self._options.tls_min in _OLD

    def wrap(self, connection: Connected, *, whole: bool) -> str:
        """The lines that secure a connection.

        In: `whole`, whether an end without close_notify is to be an error.
        """
        secured = connection.secured
        assert secured is not None
        own_names = self._options.sni is not None and not self._is_default(connection)
        lines = "".join(self._context(secured, own_names))
        is_new = lines not in self._written
        default = "context" if not self._written else f"context_{len(self._written) + 1}"
        name = self._written.setdefault(lines, default)
        made = lines.replace("context", name) if is_new else ""
        sni = secured.sni or ("" if own_names else connection.host.rstrip("."))
        given = f"server_hostname={text_literal(sni) if sni else None}"
        if secured.resumes:
            given += ", session=session"
        if whole:
            given += ", suppress_ragged_eofs=False"
        made += f"conn = {name}.wrap_socket(conn, {given})  # {_about_name(sni)}\n"
        if own_names and self._options.verify:
            made += f"check_name(conn, {text_literal(connection.host.rstrip('.'))})\n"
        return made

    def _is_default(self, connection: Connected) -> bool:
        """Whether SNI is the host's own name: the one that was given is for another host."""
        secured = connection.secured
        return bool(secured and self._options.sni and secured.sni == connection.host.rstrip("."))

    def _context(self, secured: Secured, own_names: bool) -> Iterator[str]:
        options = self._options
        old = options.tls_min in _OLD
        yield "context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # RFC 8446, RFC 5246\n"
        ciphers = cipher_list(options.ciphers, any_level=old)
        yield f"context.set_ciphers({text_literal(ciphers)})\n"
        yield f"context.minimum_version = ssl.TLSVersion.{_version(options.tls_min)}\n"
        yield f"context.maximum_version = ssl.TLSVersion.{_version(options.tls_max)}\n"
        yield "context.hostname_checks_common_name = False  # RFC 9525: a name there is none\n"
        yield "context.options |= ssl.OP_NO_RENEGOTIATION\n"
        if secured.alpn:
            yield f"context.set_alpn_protocols({list(secured.alpn)!r})  # RFC 7301\n"
        if options.curves:
            group = GROUPS.get(group_name(options.curves), options.curves)
            yield f"context.set_ecdh_curve({text_literal(group)})\n"
        if secured.shows_certificate:
            files = [each for each in (options.cert, options.key) if each]
            yield f"context.load_cert_chain({', '.join(map(text_literal, files))})\n"
        yield from self._trust(own_names)

    def _trust(self, own_names: bool) -> Iterator[str]:
        if not self._options.verify:
            yield "context.check_hostname = False\n"
            yield "context.verify_mode = ssl.CERT_NONE  # anybody could be the server\n"
            return
        if own_names:
            yield "context.check_hostname = False  # check_name() does it\n"
        if self._options.cacert:
            yield "context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN\n"
            yield f"context.load_verify_locations({text_literal(self._options.cacert)})\n"
        else:
            yield "context.load_default_certs()  # whom the system trusts (RFC 5280 §6)\n"


def _version(asked: str) -> str:
    """OpenSSL's name of a version; that of 1.3 where a saved trace holds none that exists."""
    return _NAMES.get(asked, _NAMES["1.3"])


def _about_name(sni: str) -> str:
    try:
        ip_address(sni)
    except ValueError:
        return "in SNI, RFC 6066 §3" if sni else "without SNI"
    return "an address is not sent in SNI (RFC 6066 §3), and checked all the same"
