"""Resolve: from a host name to its addresses, over our own sockets.

Names that lead to other names (CNAME) are followed, and the guard judges each of them; then it
judges all addresses together. /etc/hosts and search domains are not used: what was asked is what
was typed. How one name is asked for is in `netcore.lookup`.
"""

from __future__ import annotations

from collections.abc import Sequence

from netcore.address_family import of_family
from netcore.deadline import Deadlines
from netcore.dns_connection import DnsConnection
from netcore.dns_walk import Walk, WalkServers
from netcore.errors import FetchError, Refused
from netcore.guard import DNS_PORT, Admitted, Guard
from netcore.host import read_host, shown, unicode_form
from netcore.late_answers import LateAnswers
from netcore.lookup import Lookup
from netcore.name_servers import (
    RESOLV_CONF,
    NameServer,
    parse_resolve,
    parse_server,
    system_resolvers,
)
from netcore.options import Options
from netcore.protocols.dns import Answer
from netcore.protocols.dns_services import question_name
from netcore.protocols.tls_offer import spoken
from netcore.registries.root_hints import ROOT_SERVERS
from netcore.service_lookup import ServiceLookup
from netcore.services import ALIASES, Resolved, Service, Services, over_tcp
from netcore.stream_lookup import StreamLookup
from netcore.target import DEFAULT_PORTS, Target
from netcore.wire import Wire

Servers = list[Admitted] | DnsConnection | Walk
"""Whom to ask: by datagrams, one after the other, on a connection, or from the root down."""

_EXTRA_S = 0.05  # for HTTPS records behind the addresses, where they change what is done
_ADDRESSES = 2  # questions that a name's addresses take: A and AAAA


class Resolver:
    """Resolves the names of one fetch."""

    def __init__(self, wire: Wire, guard: Guard, options: Options, deadlines: Deadlines) -> None:
        self._wire = wire
        self._guard = guard
        self._options = options
        self._deadlines = deadlines
        self._queries = 0  # for the name that is being resolved
        self._late = LateAnswers(wire.recorder)
        self._connections: dict[NameServer, DnsConnection] = {}

    def take_late(self) -> None:
        """Take the answers that have come by now to questions that nobody waits for any more."""
        self._late.take()

    def close(self) -> None:
        """Take them for the last time, and close their sockets and the resolvers' connections."""
        self._late.close()
        for each in self._connections.values():
            each.close()

    def resolve(self, target: Target) -> Resolved:
        """All endpoints of the target's host, IPv6 first, each admitted by the guard.

        Where its HTTPS records name others, these stand first.
        Raises: FetchError with a code of dns, Refused.
        """
        self._tell_unicode(target.server_name)
        given = self._given(target) or self._localhost(target)
        vetted = self._guard.vet_addresses
        found = Resolved(vetted(target, given)) if given else self._ask(target)
        return of_family(found, target, self._options.family)

    def _tell_unicode(self, name: str) -> None:
        """Say how people write a name that travels in another form."""
        written = unicode_form(name)
        if written != name:
            self._wire.recorder.chose(
                "idn", name, f"People write {written}; DNS, SNI and Host carry it in ASCII."
            )

    def _given(self, target: Target) -> list[str]:
        """The addresses that the user gave with --resolve."""
        for entry in self._options.resolve:
            host, port, addresses = parse_resolve(entry)
            if (host, port) == (target.server_name, target.port):
                listed = ", ".join(addresses)
                self._wire.recorder.chose("hosts", listed, f"--resolve gave it for {host}:{port}.")
                return addresses
        return []

    def _localhost(self, target: Target) -> list[str]:
        """RFC 6761 §6.3. Where private targets are refused, the guard has refused the name."""
        name = target.server_name
        if name != "localhost" and not name.endswith(".localhost"):
            return []
        self._wire.recorder.chose(
            "resolver", "none", f"{name} is this machine by definition (RFC 6761 §6.3)."
        )
        return ["127.0.0.1", "::1"]

    def _ask(self, target: Target) -> Resolved:
        name = target.server_name
        servers = self._walk(name) if self._options.dns_trace else self._servers(name)
        self._queries = 0
        beside = None
        if not isinstance(servers, Walk):
            beside = self._beside(self._service_name(target))
        try:
            return self._with_services(target, servers, beside)
        finally:
            if beside is not None:
                self._late.keep(beside.close())

    def _with_services(
        self, target: Target, servers: Servers, beside: ServiceLookup | None
    ) -> Resolved:
        addresses, failure = self._addresses(servers, target.server_name, beside)
        if failure is not None and failure.code != "dns.nodata":
            raise failure
        endpoints = self._guard.vet_addresses(target, addresses)
        services: tuple[Service, ...] = ()
        if beside is not None:
            services = self._services(target, servers, beside, addresses)
        before = over_tcp(services, spoken(self._options))
        endpoints = tuple(dict.fromkeys([*before, *endpoints]))
        if failure is not None and not endpoints:
            raise failure
        return Resolved(endpoints, services)

    def _service_name(self, target: Target) -> str:
        """Whose HTTPS records to ask for, "" for none."""
        name, lab = target.server_name, self._options.lab
        if target.scheme not in DEFAULT_PORTS:
            return ""  # octets that somebody typed: such a record speaks of HTTP
        if _is_of_the_lab(name, lab.dns_server) and name not in lab.services:
            return ""
        return question_name(name, target.port, DEFAULT_PORTS[target.scheme])

    def _beside(self, name: str) -> ServiceLookup | None:
        """The question for HTTPS records, None if none is asked or too many were."""
        room = self._options.limits.dns_queries - self._queries - _ADDRESSES
        if not name or room < 1:
            return None
        return ServiceLookup(self._wire, self._guard, name, room)

    def _services(
        self,
        target: Target,
        servers: Servers,
        beside: ServiceLookup,
        addresses: Sequence[str],
    ) -> tuple[Service, ...]:
        """What the HTTPS records of the target come to. Raises: Refused."""
        answer = self._finished(beside, _EXTRA_S if _is_secure(target) else 0)
        if answer is None or not answer.services:
            return ()
        if not _is_secure(target):
            self._tell(
                "upgrade",
                f"A browser would go on with https (RFC 9460 §9.5), for {target.server_name} has "
                "an HTTPS record; here what was typed is what is fetched.",
            )
            return ()
        services = Services(
            self._wire.recorder, self._guard, lambda name: self._addresses(servers, name)[0]
        )
        services.know(target.server_name, addresses)
        if beside.name == target.server_name:
            services.know(answer.services[0].owner, addresses)
        return self._through_aliases(target, servers, services, answer)

    def _through_aliases(
        self, target: Target, servers: Servers, services: Services, answer: Answer
    ) -> tuple[Service, ...]:
        """The services at the end of a chain of AliasMode records (RFC 9460 §2.4.2)."""
        chain: list[str] = []
        while alias := services.alias(answer.services):
            beside = self._beside(alias)
            if alias in (*chain, target.server_name) or len(chain) == ALIASES or beside is None:
                self._tell("none", f"The aliases do not end at {shown(alias)}: they are left out.")
                return ()
            chain.append(alias)
            addresses, _ = self._addresses(servers, alias, beside)
            services.know(alias, addresses)
            following = self._finished(beside, _EXTRA_S)
            if following is None or not following.services:
                endpoints = self._guard.vet_service(alias, target.port, addresses)
                if not endpoints:
                    return ()
                return (Service(0, alias, target.port, spoken(self._options), endpoints),)
            answer = following
        return services.of(target, answer)

    def _finished(self, beside: ServiceLookup, extra_s: float) -> Answer | None:
        """The answer about HTTPS records, waited for so long; one that is late is kept."""
        try:
            answer = beside.finish(extra_s)
        finally:
            self._queries += beside.queries
            self._late.keep(beside.close())
        return answer

    def _tell(self, value: str, why: str) -> None:
        self._wire.recorder.chose("https record", value, why)

    def _addresses(
        self, servers: Servers, name: str, beside: ServiceLookup | None = None
    ) -> tuple[list[str], FetchError | None]:
        """The addresses of a name, or why there are none.

        Raises: Refused, FetchError limit.total.
        """
        try:
            return self._followed(servers, name, beside), None
        except FetchError as error:
            if not error.code.startswith("dns."):
                raise
            return [], error

    def _followed(self, servers: Servers, name: str, beside: ServiceLookup | None) -> list[str]:
        """The addresses of a name, through its aliases."""
        chain = [name]
        while True:
            answers = self._look_up(servers, chain[-1], beside)
            best = max(answers, key=lambda each: (bool(each.addresses), len(each.aliases)))
            # The two answers can lead different ways: the names on both are judged.
            ways = {each.rdtype: self._extended(chain, each.aliases) for each in answers}
            chain = ways[best.rdtype]
            addresses = [one for each in answers for one in each.addresses]
            if addresses:
                return addresses
            if not best.aliases or best.rcode != "NOERROR":
                raise _no_address(name, chain[-1], answers)

    def _look_up(self, servers: Servers, name: str, beside: ServiceLookup | None) -> list[Answer]:
        if isinstance(servers, Walk):
            return servers.look_up(name)
        if isinstance(servers, DnsConnection):
            return self._look_up_on(servers, name, beside)
        lookup = Lookup(
            self._wire, self._guard, self._deadlines, self._options.limits, servers, name, beside
        )
        lookup.queries = self._queries
        try:
            return lookup.run()
        finally:
            self._queries = lookup.queries
            self._late.keep(lookup.close())

    def _look_up_on(
        self, connection: DnsConnection, name: str, beside: ServiceLookup | None
    ) -> list[Answer]:
        recorder, limits = self._wire.recorder, self._options.limits
        lookup = StreamLookup(recorder, connection, self._deadlines, limits, name, beside)
        lookup.queries = self._queries
        try:
            return lookup.run()
        finally:
            self._queries = lookup.queries

    def _extended(self, chain: Sequence[str], aliases: Sequence[str]) -> list[str]:
        """The chain with these aliases behind it. Raises: FetchError, Refused."""
        chain = list(chain)
        for alias in aliases:
            if alias in chain:
                raise FetchError("dns.cname_loop", f"The aliases (CNAME) lead back to {alias}.")
            chain.append(alias)
            most = self._options.limits.cname_links
            if len(chain) - 1 > most:
                raise FetchError(
                    "dns.chain_too_long",
                    f"{chain[0]} is an alias (CNAME) of an alias, and so on, over more than "
                    f"{most} links.",
                )
            self._vet_alias(chain[-2], alias)
        return chain

    def _vet_alias(self, name: str, alias: str) -> None:
        """Hold a name that a CNAME record leads to to the rules for the host of a URL.

        Raises: Refused guard.bad_host, guard.blocked_name.
        """
        leads = f"{name} is an alias (CNAME) of {shown(alias)}"
        try:
            _, address = read_host(alias)
        except Refused as refused:
            raise Refused(refused.code, f"{leads}, which is no host: {refused.message}") from None
        if address:
            raise Refused("guard.bad_host", f"{leads}, an address where a name has to stand.")
        self._guard.vet_name(alias)

    def _servers(self, name: str) -> Servers:
        """Whom to ask about `name`. Raises: Refused, FetchError guard.bad_host."""
        lab = self._options.lab
        if _is_of_the_lab(name, lab.dns_server):
            listed = [dict(lab.resolvers).get(name, lab.dns_server)]
            why = "The lab answers for names under lab.test."
        elif self._options.dns_server:
            listed, why = [self._options.dns_server], "It was asked for with --dns-server."
        else:
            listed, why = system_resolvers(), f"{RESOLV_CONF} names it."
        servers = [parse_server(each) for each in listed]
        admitted = [self._guard.admit_resolver(each.address, each.port) for each in servers]
        self._wire.recorder.chose("resolver", ", ".join(listed), why)
        return admitted if servers[0].transport == "udp" else self._connected(servers[0])

    def _walk(self, name: str) -> Walk:
        """The way from the root to `name`. Raises: FetchError guard.bad_host."""
        lab = self._options.lab
        given: Sequence[str] = self._options.dns_roots
        why = "They were given as the servers of the root."
        if _is_of_the_lab(name, lab.dns_server) and lab.name_servers:
            given, why = lab.name_servers[:1], "The lab has a root of its own."
        roots = [parse_server(each) for each in given]
        servers: WalkServers = [(each.endpoint, (each.address,)) for each in roots]
        servers = servers or ROOT_SERVERS
        port = roots[0].port if roots else DNS_PORT
        why = (
            why if roots else "Nobody is asked for help: the walk begins at the root (root hints)."
        )
        listed = ", ".join(each.endpoint for each in roots)
        self._wire.recorder.chose("resolver", listed or f"{len(servers)} root servers", why)
        return Walk(self._wire, self._guard, self._deadlines, self._options.limits, servers, port)

    def _connected(self, server: NameServer) -> DnsConnection:
        """The connection to a resolver, the same one for all names of a fetch."""
        if server not in self._connections:
            name = self._options.dns_name or server.address
            self._connections[server] = DnsConnection(
                self._wire, self._guard, self._options, self._deadlines, server, name
            )
        return self._connections[server]


def _is_of_the_lab(name: str, dns_server: str) -> bool:
    return bool(dns_server) and (name == "lab.test" or name.endswith(".lab.test"))


def _is_secure(target: Target) -> bool:
    return target.scheme in ("https", "wss")


def _no_address(name: str, last: str, answers: list[Answer]) -> FetchError:
    rcodes = {each.rcode for each in answers}
    of = name if name == last else f"{last}, which {name} is an alias of,"
    if "NXDOMAIN" in rcodes:
        return FetchError("dns.nxdomain", f"The name {of} does not exist (NXDOMAIN).")
    other = sorted(rcodes - {"NOERROR"})
    if other:
        return FetchError("dns.rcode", f"The resolver answered {', '.join(other)} for {of}.")
    return FetchError("dns.nodata", f"The name {of} exists and has no address (no A, no AAAA).")
