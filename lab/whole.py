"""Lab: all servers at once, as the app starts them."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from lab.authority import Authority
from lab.behaviour import GET, Ask, Named
from lab.behaviours import BEHAVIOURS, SHELVES
from lab.deaf import Deaf
from lab.dns import DnsServer
from lab.echo import Echo
from lab.families import V6
from lab.hierarchy import Hierarchy
from lab.http import HOLD_S, LabServer
from lab.log import Log
from lab.resolvers import DnsOverHttps, DnsOverTls
from lab.shelves import dns as names
from lab.shelves import nobody, resolvers
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


UNKNOWN: Final = "no-such-name"

BY_HAND: Final = {
    "http": "HTTP server, over TCP",
    "tcp-echo": "Echo, over TCP",
    "udp-echo": "Echo, over UDP: one datagram",
}
"""What the servers are called that bytes can be typed to."""


ECHO_HOST: Final = "echo.lab.test"


class Lab:
    """Every lab server, the lab's DNS and its certificate authority.

    A context manager. `servers` holds them by name, `cacert` is the PEM file to trust,
    `dns_server` "127.0.0.1:PORT", `endpoints` the (address, port) pairs of the servers, written
    "127.0.0.1:8443": the echo servers are among them, and the DNS server is not. `log` holds what
    the servers noted of their own calls.
    """

    def __init__(self, *, hold_s: float = HOLD_S) -> None:
        """Make keys and bind ports. `hold_s` is how long `slow` holds its body back."""
        self._exit = contextlib.ExitStack()
        self._authority = Authority()
        self.log = Log()
        self.cacert = self._authority.cacert
        self.servers: dict[str, LabServer] = {}
        links: dict[str, str] = {}
        for name in BEHAVIOURS:
            server = LabServer(
                name, authority=self._authority, links=links, hold_s=hold_s, log=self.log
            )
            self.servers[name] = server
            links[name] = server.url
        self.echo = Echo(self.log)
        self._behind = LabServer(
            names.SERVICE_PORT,
            authority=self._authority,
            behaviour=names.BEHIND_THE_RECORD,
            log=self.log,
        )
        zone = self._zone()
        self._dns = DnsServer(zone=zone, log=self.log)
        self.dns_server = self._dns.address
        self._hierarchy = Hierarchy(zone, self.log)
        self._over_tls = DnsOverTls(zone, self._authority, self.log)
        self._over_https = DnsOverHttps(zone, self._authority, self.log)
        self._deaf = Deaf()

    def _zone(self) -> Zone:
        """What the lab's name servers know."""
        port = self.servers[names.SERVICE].port
        records = names.RECORDS | names.https_records(port, self._behind.port)
        records |= resolvers.RECORDS | nobody.RECORDS
        records["every-type.lab.test."] = OF_EVERY_TYPE
        both = [server for server in self.servers.values() if server.has_ipv6]
        records |= {f"{server.host}.": (f"AAAA {V6}",) for server in both}
        hosts = [server.host for server in self.servers.values() if server.name != "alias"]
        hosts += ["found.lab.test.", "elsewhere.lab.test.", f"{ECHO_HOST}."]
        hosts += ["alias-10.lab.test.", *self._named_hosts(records)]
        return Zone(hosts, records=records, failing=names.FAILING, delegated=resolvers.LAME)

    def _named_hosts(self, records: Collection[str]) -> list[str]:
        """The hosts of targets by name that nothing else is known of."""
        others = {*records, *names.FAILING, f"{UNKNOWN}.lab.test."}
        named = (f"{each.name}.lab.test." for shelf in SHELVES for each in shelf.named)
        return [host for host in named if host not in others]

    def __enter__(self) -> Self:
        with self._exit:  # undoes what was started if one of them cannot start
            self._exit.enter_context(self._authority)
            self._exit.enter_context(self._hierarchy)
            for each in (self._dns, self._over_tls, self._over_https, self._behind):
                self._exit.enter_context(each)
            self._exit.enter_context(self.echo)
            self._exit.callback(self._deaf.close)
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
        servers = (each for server in self.servers.values() for each in server.endpoints)
        datagrams = (f"127.0.0.1:{port}" for port in (self._deaf.silent, self._deaf.refusing))
        return (
            *servers,
            self._behind.endpoint,
            self.echo.tcp,
            self.echo.udp,
            *datagrams,
            nobody.UNREACHABLE,
        )

    @property
    def has_ipv6(self) -> bool:
        """Whether some of its servers are at `::1` too, which the machine has to have."""
        return any(server.has_ipv6 for server in self.servers.values())

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
                (*map(self._target, shelf.rows), *map(self._named, shelf.named)),
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

    def _named(self, named: Named) -> LabTarget:
        url = named.url.format(
            name=named.name, silent=self._deaf.silent, refusing=self._deaf.refusing
        )
        return LabTarget(named.name, named.title, named.about, url, named.ask)

    def options_lab(self) -> options.Lab:
        """What a fetch has to know in order to reach these servers."""
        return options.Lab(
            dns_server=self.dns_server,
            endpoints=self.endpoints,
            resolvers=(
                ("over-tcp.lab.test", f"tcp://{self.dns_server}"),
                ("over-tls.lab.test", self._over_tls.notation),
                ("over-https.lab.test", self._over_https.notation),
                *self._bad_resolvers(),
            ),
            name_servers=self._hierarchy.endpoints,
            services=(f"{names.SERVICE}.lab.test",),
        )

    def _bad_resolvers(self) -> Iterator[tuple[str, str]]:
        """Who is asked about the names whose resolvers fail."""
        own = {
            "gone": f"127.0.0.1:{self._deaf.refusing}",
            "silent": f"127.0.0.1:{self._deaf.silent}",
            "unreachable": f"tcp://{nobody.UNREACHABLE}",
            "untrusted": f"tls://{self.servers['wrong-host'].endpoint}",
            "plain": f"tls://{self.servers['not-tls'].endpoint}",
            "page": f"https://{self._over_https.endpoint}/elsewhere",
        }
        return ((f"resolver-{name}.lab.test", notation) for name, notation in own.items())
