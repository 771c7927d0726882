"""What a row of the lab's table holds: a server's one function, its words, its TLS."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from lab.authority import VALID, Authority, Identity, Validity, issue
from lab.visit import Visit

Serve = Callable[[Visit], None]

_OLD: Final = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)


@dataclass(frozen=True)
class Tls:
    """How a server secures a connection, right or wrong on purpose."""

    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    maximum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    validity: Validity = VALID
    certified_host: str = ""  # "" means the server's own name
    self_signed: bool = False

    def context(self, authority: Authority, host: str) -> ssl.SSLContext:
        """The server's context, with a certificate that is made now."""
        name = self.certified_host or host
        identity: Identity = (
            issue(None, name, (name,)) if self.self_signed else authority.identity(name)
        )
        if self.validity is not VALID:
            identity = authority.identity(name, validity=self.validity)
        with warnings.catch_warnings():
            # Python warns of versions that nobody should speak. This server does on purpose.
            warnings.filterwarnings("ignore", "ssl.TLSVersion.TLSv1", DeprecationWarning)
            context = authority.server_context(identity, minimum=self.minimum, maximum=self.maximum)
        if self.maximum in _OLD:
            context.set_ciphers("DEFAULT:@SECLEVEL=0")  # they sign with SHA-1
        return context


@dataclass(frozen=True)
class Ask:
    """The request that shows best what a server does."""

    path: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    follow: bool = False  # its redirects are the point
    try_with: str = ""  # an option of the command line that shows its other side


GET: Final = Ask()


@dataclass(frozen=True)
class Behaviour:
    """One row of the table: what a server does, and what the home page says of it."""

    title: str
    about: str
    serve: Serve | None  # None: the port is taken, but nobody listens
    tls: Tls | None = None
    ask: Ask = GET

    @property
    def scheme(self) -> Literal["http", "https"]:
        """The scheme of the server's URL."""
        return "https" if self.tls else "http"


@dataclass(frozen=True)
class Shelf:
    """Rows that belong together, under a title for the home page."""

    name: str
    title: str
    about: str
    rows: dict[str, Behaviour]
