"""Securing: what the options tell each TLS connection of a fetch, and what came of it.

What names somebody was given for the host of the URL: a name for SNI and a client certificate do
not go along to another host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from netcore.errors import FetchError
from netcore.options import Options
from netcore.protocols.tls import Session, Tls
from netcore.protocols.tls_context import DEFAULT, Offer
from netcore.protocols.tls_offer import offer_of, spoken
from netcore.recorder import Recorder
from netcore.target import Target

if TYPE_CHECKING:
    from netcore.protocols.quic import Quic
    from netcore.protocols.quic_session import QuicSession


class Securing:
    """Begins the handshakes of one fetch, and records what was decided."""

    def __init__(self, options: Options, recorder: Recorder) -> None:
        self._options = options
        self._chose = recorder.chose
        self._first = ""  # the host of the URL
        self._offer = DEFAULT

    def prepare(self, first: Target) -> None:
        """Check what is to be offered, before anything is sent.

        In: `first`, what the URL leads to.
        Raises: FetchError tls.version or tls.bad_option.
        """
        self._first = first.host.removesuffix(".")
        self._offer = offer_of(self._options)

    def begin(self, target: Target, name: str, session: Session | None) -> Tls:
        """TLS for one connection.

        In: `name`, whom the certificate has to be for; `session`, one to resume.
        Raises: FetchError tls.error or tls.bad_option if a file cannot be used any more.
        """
        is_first = target.host.removesuffix(".") == self._first
        return Tls(
            name,
            verify=self._options.verify,
            cacert=self._options.cacert,
            versions=(self._options.tls_min, self._options.tls_max),
            offer=self._offer_to(name, target.server_name or "none", is_first),
            session=session,
        )

    def begin_quic(self, target: Target, name: str, session: QuicSession | None) -> Quic:
        """QUIC for one connection, in as far as TLS's options say what it offers.

        In: as for `begin`.
        Raises: FetchError tls.bad_option.
        """
        from netcore.protocols.quic import Quic

        limits = self._options.limits
        is_first = target.host.removesuffix(".") == self._first
        offer = self._offer_to(name, target.server_name or "none", is_first)
        if self._options.http != "3":  # it stands in for what the options speak of
            offer = msgspec.structs.replace(offer, alpn=("h3",))
        own = "" if target.address else target.server_name
        return Quic(
            name,
            sni=own if offer.sni is None else offer.sni,
            offer=offer,
            verify=self._options.verify,
            cacert=self._options.cacert,
            idle_s=limits.quic_idle_s,
            datagrams=limits.datagrams,
            session=session,
        )

    def _offer_to(self, name: str, own_sni: str, is_first: bool) -> Offer:
        """What is offered to one host, as decisions where it was asked for."""
        offer, elsewhere = self._offer, f"It was given for {self._first}, and this is another host."
        if offer.cert and is_first:
            self._chose("client certificate", "ready", "It is shown if the server asks for one.")
        elif offer.cert:
            self._chose("client certificate", "withheld", elsewhere)
            offer = msgspec.structs.replace(offer, cert="", key="")
        checked = f" The certificate has to be for {name} all the same."
        checked = checked if self._options.verify else ""
        if offer.sni and not is_first:
            self._chose("sni", own_sni, f"Not {offer.sni}: {elsewhere[0].lower()}{elsewhere[1:]}")
            return msgspec.structs.replace(offer, sni=None)
        if offer.sni:
            self._chose("sni", offer.sni, f"It was asked for in place of {name}.{checked}")
        elif offer.sni is not None:
            self._chose("sni", "none", f"It was switched off.{checked}")
        return offer

    def note(self, tls: Tls, session: Session | None) -> None:
        """Record what came of a handshake that is done.

        Raises: FetchError tls.unsupported_alpn if what was agreed on cannot be spoken.
        """
        chose = self._chose
        if self._options.ciphers and tls.version == "TLS 1.3":
            chose(
                "cipher list",
                "not used",
                "The list that was given is for TLS 1.2 and below. For TLS 1.3 three suites are "
                "always offered, and the server picks.",
            )
        if session is not None and tls.resumed:
            chose("session", "resumed", f"The server took the {session.form}.")
        elif session is not None:
            why = f"The server did not take the {session.form} and made a whole handshake."
            chose("session", "not resumed", why)
        self._note_protocol(tls)

    def _note_protocol(self, tls: Tls) -> None:
        chose = self._chose
        wanted = spoken(self._options)
        version = f"HTTP/{wanted[-1].rpartition('/')[2]}"
        if tls.alpn:
            chose("alpn", tls.alpn, "The server chose it from what was offered.")
        elif self._offer.alpn:
            chose("alpn", "none", f"The server did not answer the offer; {version} it is.")
        else:
            chose("alpn", "not offered", f"It was switched off; {version} it is.")
        if self._options.http in ("2", "h2c-upgrade") and tls.alpn in ("", "http/1.1"):
            agreed = f"The server chose {tls.alpn}" if tls.alpn else "ALPN agreed on nothing"
            chose("http version", "1.1", f"HTTP/2 was asked for. {agreed}, so HTTP/1.1 is spoken.")
        if tls.alpn and tls.alpn not in wanted:
            raise FetchError(
                "tls.unsupported_alpn",
                f"The server chose {tls.alpn} from what was offered, and what is spoken here is "
                f"{' or '.join(wanted)}.",
            )
