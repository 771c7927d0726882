"""Resolve: from a host name to its addresses, over our own sockets.

A and AAAA are asked together, each from a socket and port of its own. A server that does not
answer is asked again, in turn with the others. Answers that do not fit are recorded and ignored.
/etc/hosts and search domains are not used: what was asked is what was typed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

from netcore.deadline import Deadlines
from netcore.errors import FetchError
from netcore.guard import Admitted, Guard
from netcore.options import Options
from netcore.protocols.dns import AAAA, A, Answer, Ignored, Question, ask, judge
from netcore.target import Target
from netcore.wire import READ, CallFailed, Socket, Wire

_TRIES = 2
_RESOLUTION_DELAY_S = 0.25  # RFC 8305 §3: how long the other question is waited for
_LARGEST = 4096
_DRAINED = 8  # datagrams taken from a socket that nobody waits for any more
_SERVERS = 3  # as many as the C library uses of resolv.conf
_RESOLV_CONF = Path("/etc/resolv.conf")
_PORT = 53


class Resolver:
    """Resolves the names of one fetch."""

    def __init__(self, wire: Wire, guard: Guard, options: Options, deadlines: Deadlines) -> None:
        self._wire = wire
        self._guard = guard
        self._options = options
        self._deadlines = deadlines
        self._queries = 0

    def resolve(self, target: Target) -> tuple[Admitted, ...]:
        """All addresses of the target's host, IPv6 first, each admitted by the guard.

        Raises: FetchError with a code of dns, Refused.
        """
        addresses = self._given(target) or self._localhost(target) or self._ask(target)
        return self._guard.vet_addresses(target, addresses)

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

    def _ask(self, target: Target) -> list[str]:
        name = target.server_name
        servers = self._servers(name)
        chain = [name]
        while True:
            lookup = _Lookup(self._wire, self._deadlines, self._options, servers, chain[-1])
            lookup.queries = self._queries
            try:
                answers = lookup.run()
            finally:
                self._queries = lookup.queries
                lookup.close()
            best = max(answers, key=lambda each: (bool(each.addresses), len(each.aliases)))
            # The two answers can lead different ways: the names on both are judged.
            ways = {each.rdtype: self._extended(chain, each.aliases) for each in answers}
            chain = ways[best.rdtype]
            addresses = [one for each in answers for one in each.addresses]
            if addresses:
                return addresses
            if not best.aliases or best.rcode != "NOERROR":
                raise _no_address(name, chain[-1], answers)

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
            self._guard.vet_name(alias)
        return chain

    def _servers(self, name: str) -> list[Admitted]:
        """Whom to ask about `name`."""
        lab = self._options.lab.dns_server
        if lab and (name == "lab.test" or name.endswith(".lab.test")):
            listed, why = [lab], "The lab answers for names under lab.test."
        elif self._options.dns_server:
            listed, why = [self._options.dns_server], "It was asked for with --dns-server."
        else:
            listed, why = system_resolvers(), f"{_RESOLV_CONF} names it."
        servers = []
        for each in listed:
            address, port = parse_server(each)
            servers.append(self._guard.admit_resolver(address, port))
        self._wire.recorder.chose("resolver", ", ".join(listed), why)
        return servers


class _Lookup:
    """The questions for one name, and what came back."""

    def __init__(
        self,
        wire: Wire,
        deadlines: Deadlines,
        options: Options,
        servers: list[Admitted],
        name: str,
    ) -> None:
        self.queries = 0
        self._wire = wire
        self._deadlines = deadlines
        self._limits = options.limits
        self._servers = servers
        self._name = name
        self._open: list[tuple[Socket, Question]] = []
        self._answers: dict[str, Answer] = {}
        self._settles_s: float | None = None  # when the answers that are there have to do

    def run(self) -> list[Answer]:
        """The answers, to AAAA first. Raises: FetchError."""
        tries = self._servers * _TRIES
        for server, later in zip(tries, [*tries[1:], None], strict=True):
            missing = [each for each in (A, AAAA) if each not in self._answers]
            for rdtype in missing:
                self._send(server, rdtype)
            self._collect(self._wire.recorder.now_s() + self._limits.dns_try_s)
            if self._settled():
                break
            if later not in (None, server):
                self._forget_refusals()
        answers = [self._answers[each] for each in (AAAA, A) if each in self._answers]
        if not answers or not (self._settled() or any(each.addresses for each in answers)):
            raise self._timeout()
        return answers

    def close(self) -> None:
        """Take what is there already, so that it is recorded, and close the sockets."""
        for socket, _ in self._open:
            with contextlib.suppress(CallFailed):  # the call that failed is in the trace
                for _ in range(_DRAINED):
                    if socket.recv(_LARGEST) is None:
                        break
            socket.close()
        self._open.clear()

    def _send(self, server: Admitted, rdtype: str) -> None:
        self.queries += 1
        if self.queries > self._limits.dns_queries:
            raise FetchError(
                "dns.timeout",
                f"{self._limits.dns_queries} questions were asked and the name is not resolved.",
            )
        question = ask(self._name, rdtype)
        try:
            socket = self._wire.udp(server)
            self._open.append((socket, question))
            socket.connect()
            socket.local()
            socket.send(question.octets)
        except CallFailed as failed:
            self._wire.recorder.chose(
                "dns answer", "none", f"The question could not be sent: {failed.errno}."
            )
            self._drop([each for each in self._open if each[1] is question])

    def _collect(self, until_s: float) -> None:
        """Take datagrams until the name is settled, the time is up, or no server listens."""
        while self._open and not self._settled():
            now_s = self._wire.recorder.now_s()
            end_s = until_s if self._settles_s is None else min(until_s, self._settles_s)
            left_s = end_s - now_s
            remaining_s = self._deadlines.remaining_s()
            if left_s <= 0:
                return
            if remaining_s is not None:
                left_s = min(left_s, remaining_s)
            ready = self._wire.wait([(socket, READ) for socket, _ in self._open], left_s)
            for socket, question in [each for each in self._open if each[0] in ready]:
                self._take(socket, question)

    def _take(self, socket: Socket, question: Question) -> None:
        try:
            datagram = socket.recv(_LARGEST)
        except CallFailed as failed:
            self._wire.recorder.chose(
                "dns answer", "none", f"Nothing listens at the resolver's port: {failed.errno}."
            )
            self._drop([(socket, question)])
            return
        if datagram is None:
            return
        verdict = judge(question, datagram)
        if isinstance(verdict, Ignored):
            self._wire.recorder.chose("dns answer", "ignored", verdict.why)
            return
        if verdict.truncated:
            raise FetchError(
                "dns.truncated",
                "The answer did not fit into one datagram (TC=1). Asking again over TCP comes "
                "with a later version.",
            )
        if verdict.note:
            self._wire.recorder.chose("dns answer", "note", verdict.note)
        self._accept(verdict)

    def _accept(self, answer: Answer) -> None:
        self._answers.setdefault(answer.rdtype, answer)
        if self._settles_s is None and (answer.addresses or answer.rcode == "NXDOMAIN"):
            self._settles_s = self._wire.recorder.now_s() + _RESOLUTION_DELAY_S

    def _settled(self) -> bool:
        if len(self._answers) == 2:
            return True
        return self._settles_s is not None and self._wire.recorder.now_s() >= self._settles_s

    def _forget_refusals(self) -> None:
        """Another server may do better than one that failed or refused."""
        for rdtype, answer in list(self._answers.items()):
            if answer.rcode not in ("NOERROR", "NXDOMAIN"):
                del self._answers[rdtype]

    def _drop(self, which: list[tuple[Socket, Question]]) -> None:
        for each in which:
            self._open.remove(each)
            each[0].close()

    def _timeout(self) -> FetchError:
        listed = ", ".join(dict.fromkeys(_shown(each) for each in self._servers))
        return FetchError(
            "dns.timeout",
            f"No usable answer for {self._name} came from {listed}; each question was asked "
            f"{_TRIES} times.",
        )


def _no_address(name: str, last: str, answers: list[Answer]) -> FetchError:
    rcodes = {each.rcode for each in answers}
    of = name if name == last else f"{last}, which {name} is an alias of,"
    if "NXDOMAIN" in rcodes:
        return FetchError("dns.nxdomain", f"The name {of} does not exist (NXDOMAIN).")
    other = sorted(rcodes - {"NOERROR"})
    if other:
        return FetchError("dns.rcode", f"The resolver answered {', '.join(other)} for {of}.")
    return FetchError("dns.nodata", f"The name {of} exists and has no address (no A, no AAAA).")


def _shown(server: Admitted) -> str:
    host = f"[{server.address}]" if ":" in server.address else server.address
    return f"{host}:{server.port}"


def system_resolvers(path: Path = _RESOLV_CONF) -> list[str]:
    """The name servers of resolv.conf, at most three; this machine if there are none."""
    try:
        with path.open("rb") as file:
            text = file.read(65_536).decode("ascii", "replace")
    except OSError:
        text = ""
    lines = (line.split() for line in text.splitlines())
    listed = [words[1] for words in lines if words[:1] == ["nameserver"] and len(words) > 1]
    return [each for each in listed if _is_address(each)][:_SERVERS] or ["127.0.0.1"]


def parse_server(text: str) -> tuple[str, int]:
    """ "ADDR", "ADDR:PORT" or "[ADDR]:PORT" -> address and port; port 53 if none is given.

    Raises: FetchError guard.bad_host.
    """
    host, port = text, str(_PORT)
    if text.startswith("["):
        host, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":") or port
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    if not _is_address(host) or not _is_port(port):
        raise FetchError(
            "guard.bad_host", f"{text!r} is not the address of a resolver (ADDR or ADDR:PORT)."
        )
    return str(ip_address(host)), int(port)


def parse_resolve(text: str) -> tuple[str, int, list[str]]:
    """curl's "HOST:PORT:ADDR[,ADDR]" -> host in lower case, port, addresses.

    Raises: FetchError guard.bad_host.
    """
    host, _, rest = text.partition(":")
    port, _, listed = rest.partition(":")
    addresses = [each.strip().removeprefix("[").removesuffix("]") for each in listed.split(",")]
    if not host or not _is_port(port) or not all(map(_is_address, addresses)):
        raise FetchError(
            "guard.bad_host", f"{text!r} is not HOST:PORT:ADDR with an address at the end."
        )
    return host.lower().rstrip("."), int(port), addresses


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65_536
