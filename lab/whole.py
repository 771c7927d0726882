"""Lab: all servers at once, as the app starts them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from lab.authority import Authority
from lab.behaviour import GET, Ask
from lab.behaviours import BEHAVIOURS, SHELVES
from lab.dns import DnsServer
from lab.echo import Echo
from lab.hierarchy import Hierarchy
from lab.http import HOLD_S, LabServer
from lab.resolvers import DnsOverHttps, DnsOverTls
from lab.shelves import dns as names
from lab.zone import OF_EVERY_TYPE, Zone
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


BY_HAND: Final = {
    "http": "HTTP server, over TCP",
    "tcp-echo": "Echo, over TCP",
    "udp-echo": "Echo, over UDP: one datagram",
}
"""What the servers are called that bytes can be typed to."""

NOT_FOUND: Final = tuple(
    LabTarget(name, title, about, f"http://{name}.lab.test/")
    for name, title, about in names.NOT_FOUND
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
        self._behind = LabServer(
            names.SERVICE_PORT, authority=self._authority, behaviour=names.BEHIND_THE_RECORD
        )
        zone = self._zone()
        self._dns = DnsServer(zone=zone)
        self.dns_server = self._dns.address
        self._hierarchy = Hierarchy(zone)
        self._over_tls = DnsOverTls(zone, self._authority)
        self._over_https = DnsOverHttps(zone, self._authority)

    def _zone(self) -> Zone:
        """What the lab's name servers know."""
        port = self.servers[names.SERVICE].port
        records = names.RECORDS | names.https_records(port, self._behind.port)
        records["every-type.lab.test."] = OF_EVERY_TYPE
        hosts = [server.host for server in self.servers.values() if server.name != "alias"]
        hosts += ["found.lab.test.", "elsewhere.lab.test.", f"{ECHO_HOST}."]
        return Zone(hosts, records=records, failing=names.FAILING)

    def __enter__(self) -> Self:
        with self._exit:  # undoes what was started if one of them cannot start
            self._exit.enter_context(self._authority)
            self._exit.enter_context(self._hierarchy)
            for each in (self._dns, self._over_tls, self._over_https, self._behind):
                self._exit.enter_context(each)
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
        servers = (server.endpoint for server in (*self.servers.values(), self._behind))
        return (*servers, self.echo.tcp, self.echo.udp)

    @property
    def service_port(self) -> int:
        """The port that stands in an HTTPS record and in no URL."""
        return self._behind.port

    @property
    def by_hand(self) -> tuple[tuple[str, str, str], ...]:
        """Whom bytes can be typed to: name, title and URL."""
        tcp, udp = (each.rpartition(":")[2] for each in (self.echo.tcp, self.echo.udp))
        plain = self.servers["plain"]
        return (
            ("http", BY_HAND["http"], f"tcp://{plain.host}:{plain.port}"),
            ("tcp-echo", BY_HAND["tcp-echo"], f"tcp://{ECHO_HOST}:{tcp}"),
            ("udp-echo", BY_HAND["udp-echo"], f"udp://{ECHO_HOST}:{udp}"),
        )

    @property
    def shelves(self) -> tuple[LabShelf, ...]:
        """What to offer on the home page, in this order."""
        return tuple(
            LabShelf(
                shelf.title,
                shelf.about,
                (*map(self._target, shelf.rows), *(NOT_FOUND if shelf is names.SHELF else ())),
            )
            for shelf in SHELVES
        )

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
        return options.Lab(
            dns_server=self.dns_server,
            endpoints=self.endpoints,
            resolvers=(
                ("over-tcp.lab.test", f"tcp://{self.dns_server}"),
                ("over-tls.lab.test", self._over_tls.notation),
                ("over-https.lab.test", self._over_https.notation),
            ),
            name_servers=self._hierarchy.endpoints,
            services=(f"{names.SERVICE}.lab.test",),
        )
