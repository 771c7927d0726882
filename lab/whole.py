"""Lab: all servers at once, as the app starts them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Final, Self

from lab.authority import Authority
from lab.behaviour import GET, Ask
from lab.behaviours import BEHAVIOURS, SHELVES
from lab.dns import DnsServer
from lab.echo import Echo
from lab.http import HOLD_S, LabServer
from netcore import options


@dataclass(frozen=True)
class LabTarget:
    """A request to start with, and what the home page says of it."""

    name: str
    title: str
    about: str
    url: str
    ask: Ask = GET


@dataclass(frozen=True)
class LabShelf:
    """Targets that belong together."""

    title: str
    about: str
    targets: tuple[LabTarget, ...]


NO_SUCH_NAME: Final = LabTarget(
    "no-such-name",
    "No such name",
    "a name that its zone denies",
    "http://no-such-name.lab.test/",
)


ECHO_HOST: Final = "echo.lab.test"


class Lab:
    """Every lab server, the lab's DNS and its certificate authority.

    A context manager. `servers` holds them by name, `cacert` is the PEM file to trust,
    `dns_server` "127.0.0.1:PORT", `endpoints` the (address, port) pairs of the servers, written
    "127.0.0.1:8443": the echo servers are among them, and the DNS server is not.
    """

    def __init__(self, *, hold_s: float = HOLD_S) -> None:
        """Make keys and bind ports. `hold_s` is how long `slow` holds its body back."""
        self._exit = contextlib.ExitStack()
        self._authority = Authority()
        self.cacert = self._authority.cacert
        self.servers: dict[str, LabServer] = {}
        links: dict[str, str] = {}
        for name in BEHAVIOURS:
            server = LabServer(name, authority=self._authority, links=links, hold_s=hold_s)
            self.servers[name] = server
            links[name] = server.url
        self.echo = Echo()
        hosts = [server.host for server in self.servers.values()]
        self._dns = DnsServer([*hosts, ECHO_HOST])
        self.dns_server = self._dns.address

    def __enter__(self) -> Self:
        with self._exit:  # undoes what was started if one of them cannot start
            self._exit.enter_context(self._authority)
            self._exit.enter_context(self._dns)
            self._exit.enter_context(self.echo)
            for server in self.servers.values():
                self._exit.enter_context(server)
            self._exit = self._exit.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for server in self.servers.values():
            server.release.set()
        self._exit.close()

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The pairs that the guard lets through in every mode."""
        servers = (server.endpoint for server in self.servers.values())
        return (*servers, self.echo.tcp, self.echo.udp)

    @property
    def by_hand(self) -> tuple[tuple[str, str, str], ...]:
        """Whom bytes can be typed to: name, title and URL."""
        tcp, udp = (each.rpartition(":")[2] for each in (self.echo.tcp, self.echo.udp))
        plain = self.servers["plain"]
        return (
            ("http", "HTTP server, over TCP", f"tcp://{plain.host}:{plain.port}"),
            ("tcp-echo", "Echo, over TCP", f"tcp://{ECHO_HOST}:{tcp}"),
            ("udp-echo", "Echo, over UDP: one datagram", f"udp://{ECHO_HOST}:{udp}"),
        )

    @property
    def shelves(self) -> tuple[LabShelf, ...]:
        """What to offer on the home page, in this order."""
        *shelves, trouble = (
            LabShelf(shelf.title, shelf.about, tuple(map(self._target, shelf.rows)))
            for shelf in SHELVES
        )
        return (*shelves, replace(trouble, targets=(NO_SUCH_NAME, *trouble.targets)))

    @property
    def targets(self) -> list[LabTarget]:
        """The same without shelves."""
        return [target for shelf in self.shelves for target in shelf.targets]

    def _target(self, name: str) -> LabTarget:
        row = BEHAVIOURS[name]
        url = self.servers[name].url.removesuffix("/") + row.ask.path
        return LabTarget(name, row.title, row.about, url, row.ask)

    def options_lab(self) -> options.Lab:
        """What a fetch has to know in order to reach these servers."""
        return options.Lab(dns_server=self.dns_server, endpoints=self.endpoints)
