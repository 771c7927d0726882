"""One recorded fetch for each way in which a peer and our client can speak TLS.

Each is made once for all tests of a process that look at it.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final, NamedTuple

import pytest

from netcore import Options, Trace, explain, fetch
from netcore.options import Lab
from netcore.pdus import Explanation
from netcore.protocols.tls_context import client_context
from netcore.trace import Completed, Failed
from tests.peers.servers import HOST, PLAIN
from tests.peers.tls_servers import LARGE, OLD, SERVERS, End, Ends, Identities, Way

RESUMED: Final = "resumed"
REFUSED: Final = "certificate refused"
LONG: Final = "long"

GCM_OR_CHACHA: Final = ("AES128-GCM-SHA256", "AES256-GCM-SHA384", "CHACHA20-POLY1305")
CBC: Final = ("AES128-SHA", "AES128-SHA256", "AES256-SHA384")
SUITES_13: Final = (
    *("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"),
)
OTHER_EXCHANGES: Final = (
    *("DHE-RSA-AES128-GCM-SHA256", "DHE-RSA-CHACHA20-POLY1305", "DHE-RSA-AES256-SHA256"),
    *("AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA256"),
)


class Case(NamedTuple):
    """A server, how it speaks, and what is special about the fetch: one of the words above."""

    server: str
    way: Way
    special: str = ""

    def __str__(self) -> str:
        """What a test is called."""
        return " ".join(filter(None, (self.server, str(self.way), self.special)))


def _tls12(*, with_and_without: bool, cbc: tuple[str, ...] = CBC) -> Iterator[Way]:
    """TLS 1.2 with ECDHE, with a key of either kind."""
    for rsa in (False, True):
        name = f"ECDHE-{'RSA' if rsa else 'ECDSA'}-"
        for suite in (*GCM_OR_CHACHA, *cbc):
            yield Way("1.2", name + suite, rsa=rsa)
        for suite in cbc if with_and_without else ():
            yield Way("1.2", name + suite, rsa=rsa, encrypt_then_mac=False)


_OPENSSL_12: Final = (
    *_tls12(with_and_without=True),
    *(Way("1.2", suite, rsa=True) for suite in OTHER_EXCHANGES),
    Way("1.2", group="P-256"),
    Way("1.2", asks=True),
    Way("1.2", asks=True, rsa=True),
)
_OPENSSL_13: Final = (
    *(Way("1.3", suite) for suite in SUITES_13),
    Way("1.3", rsa=True),
    Way("1.3", group="P-384"),  # we offer a share of another: HelloRetryRequest
    Way("1.3", group="P-521"),
    Way("1.3", asks=True),
    Way("1.3", asks=True, rsa=True),
)
_OLD: Final = tuple(
    Way(version, suite, rsa=True, encrypt_then_mac=etm)
    for version in OLD
    for suite in ("ECDHE-RSA-AES128-SHA", "DHE-RSA-AES256-SHA", "AES256-SHA")
    for etm in (True, False)
) + tuple(Way(version, "ECDHE-ECDSA-AES128-SHA") for version in OLD)

WAYS: Final[Mapping[str, tuple[Way, ...]]] = {
    "nginx": (*_OPENSSL_13, *_OPENSSL_12, *_OLD),
    "openssl": (
        *_OPENSSL_13,
        *_OPENSSL_12,
        *_OLD,
        *(Way(each, asks=True, rsa=True) for each in OLD),
    ),
    "caddy": (
        Way("1.3"),
        Way("1.3", rsa=True),
        Way("1.3", group="P-384"),
        Way("1.3", asks=True),
        *_tls12(with_and_without=False, cbc=("AES128-SHA", "AES256-SHA")),
        *(Way("1.2", suite, rsa=True) for suite in ("AES128-GCM-SHA256", "AES256-SHA")),
        Way("1.2", group="P-256"),
        Way("1.2", asks=True),
    ),
    "h2o": (
        Way("1.3"),
        Way("1.3", rsa=True),
        *_tls12(with_and_without=False),
        *(Way("1.2", suite, rsa=True) for suite in OTHER_EXCHANGES),
    ),
}
_AGAIN: Final[Mapping[str, tuple[Way, ...]]] = {
    "nginx": (Way("1.3"), Way("1.2"), Way("1.2", tickets=False), Way("1.0", rsa=True)),
    "openssl": (Way("1.3"), Way("1.3", group="P-384"), Way("1.2"), Way("1.2", tickets=False)),
    "caddy": (Way("1.3"), Way("1.2")),
    "h2o": (Way("1.3"), Way("1.2")),
}
CASES: Final = (
    *(Case(server, way) for server, ways in WAYS.items() for way in ways),
    *(Case(server, way, RESUMED) for server, ways in _AGAIN.items() for way in ways),
)
"""Those whose secrets are all there."""
REFUSALS: Final = tuple(
    Case(server, Way(version), REFUSED) for server in SERVERS for version in ("1.2", "1.3")
)
LONG_ONES: Final = (
    *(Case("nginx", way, LONG) for way in (*_OPENSSL_13[:3], *_tls12(with_and_without=True))),
    *(Case("nginx", way, LONG) for way in _OLD),
    Case("caddy", Way("1.2", "ECDHE-ECDSA-CHACHA20-POLY1305"), LONG),
    Case("caddy", Way("1.3"), LONG),
    Case("openssl", Way("1.3", group="P-384"), LONG),
)
"""Bodies of several records."""


class Noted(NamedTuple):
    """One message as OpenSSL told of it while it was being sent or read."""

    direction: str  # "sent" or "received"
    content_type: int
    octets: bytes


@dataclass
class Client:
    """Our client, with what its options do not offer; and what OpenSSL says that it does."""

    certificate: Path | None = None  # for a server that asks
    resumes: bool = False  # whether a connection continues the session of the one before
    noted: list[Noted] = field(default_factory=list)
    _context: ssl.SSLContext | None = None  # kept, for sessions belong to one
    _last: ssl.SSLObject | None = None

    @contextmanager
    def inside(self) -> Iterator[None]:
        """While the block runs every connection is made so."""

        def settled(*arguments: Any, **settings: Any) -> ssl.SSLContext:
            context = self._context or client_context(*arguments, **settings)
            if context is not self._context:
                self._settle(context)
            return context

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("netcore.protocols.tls.client_context", settled)
            yield

    def _settle(self, context: ssl.SSLContext) -> None:
        client = self

        class Resuming(ssl.SSLObject):
            @classmethod
            def _create(cls, *arguments: Any, **settings: Any) -> ssl.SSLObject:
                if client._last is not None and client.resumes:
                    settings["session"] = client._last.session
                create = super()._create  # type: ignore[misc]
                client._last = create(*arguments, **settings)
                assert client._last is not None
                return client._last

        if self.certificate:
            context.load_cert_chain(self.certificate)
        context.sslobject_class = Resuming
        context._msg_callback = self._note  # type: ignore[attr-defined]
        if self.resumes:
            self._context = context

    def _note(
        self,
        _: object,
        direction: str,
        version: object,
        content_type: int,
        msg_type: object,
        data: bytes,
    ) -> None:
        way = {"write": "sent", "read": "received"}[direction]
        self.noted.append(Noted(way, int(content_type), data))


@dataclass
class Connection:
    """A fetch that was recorded, and what OpenSSL said meanwhile."""

    case: Case
    trace: Trace
    noted: list[Noted]

    @cached_property
    def explanation(self) -> Explanation:
        """The recording, explained."""
        return explain(self.trace.events)


class Connections:
    """Makes the connection of a case when it is first asked for; servers run until the end."""

    def __init__(self, identities: Identities, cacert: Path, directory: Path) -> None:
        self._identities = identities
        self._cacert = cacert
        self._directory = directory
        self._made: dict[Case, Connection] = {}
        self._ends: dict[str, Ends] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Connections:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def of(self, case: Case) -> Connection:
        """The connection of that case."""
        if case not in self._made:
            self._made[case] = self._make(case)
        return self._made[case]

    def _make(self, case: Case) -> Connection:
        certificate = self._identities.rsa if case.way.asks else None
        client = Client(certificate, resumes=case.special == RESUMED)
        with ExitStack() as stack:
            end = self._end(case, stack)
            stack.enter_context(client.inside())
            if case.special == RESUMED:
                self._fetch(case, end)
                client.noted.clear()
            trace = self._fetch(case, end)
        outcome = trace.outcome
        if case.special == REFUSED:
            assert isinstance(outcome, Failed), outcome
            assert outcome.code == "tls.unknown_ca", outcome
        else:
            assert isinstance(outcome, Completed), outcome
            assert outcome.body_octets == (len(LARGE) if case.special == LONG else len(PLAIN))
        return Connection(case, trace, client.noted)

    def _fetch(self, case: Case, end: End) -> Trace:
        trusted = self._identities.clients if case.special == REFUSED else self._cacert
        options = Options(
            cacert=str(trusted),
            http="1.1",
            verify=case.special != RESUMED,  # of a resumed session no chain is verified
            tls_min=min(case.way.version, "1.2"),
            # h2o knows no way to leave TLS 1.3 out.
            tls_max=case.way.version if case.server == "h2o" else "1.3",
            resolve=(f"{HOST}:{end.port}:{end.address}",),
            lab=Lab(endpoints=(str(end),)),
        )
        path = "large" if case.special == LONG else "plain"
        return fetch(f"https://{HOST}:{end.port}/{path}", options)

    def _end(self, case: Case, until_fetched: ExitStack) -> End:
        """Where a server listens: all of its ways at once, or a process for each way."""
        start = SERVERS[case.server]
        if case.server == "openssl":
            place = self._place(case.server)
            ends: Ends = until_fetched.enter_context(start(place, self._identities, case.way))
            return ends[case.way]
        if case.server not in self._ends:
            ways = dict.fromkeys(
                each.way for each in (*CASES, *REFUSALS, *LONG_ONES) if each.server == case.server
            )
            server = start(self._place(case.server), self._identities, *ways)
            self._ends[case.server] = self._stack.enter_context(server)
        return self._ends[case.server][case.way]

    def _place(self, server: str) -> Path:
        return Path(mkdtemp(prefix=server, dir=self._directory))
