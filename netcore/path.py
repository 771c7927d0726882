"""Path: through which routers packets to a target's real port go, hop by hop, without privilege.

Theory of operation. A SYN leaves with a small limit of hops (IP_TTL). The router at which it
reaches 0 drops the SYN and says so by ICMP (RFC 792, time exceeded); Linux puts that, with the
router's address, on the error queue of the socket that sent it (IP_RECVERR). Limits of 1, 2, 3 and
so on find one router after the other, until the target itself answers. Routers may keep silent,
and packets may take other ways: what is found is what these probes met.
"""

from __future__ import annotations

import struct
from ipaddress import ip_address
from typing import Final

from netcore.call_results import CallFailed
from netcore.guard import Admitted
from netcore.kernel_clock import Ancillary
from netcore.socket_options import BY_NAME
from netcore.wire import WRITE, Socket, Wire

MOST_HOPS: Final = 20
MOST_SILENT: Final = 3  # in a row, after which nobody is expected to answer
PROBE_S: Final = 1.0
ALL_S: Final = 10.0
_ERROR: Final = struct.Struct("@IBBBBII")  # struct sock_extended_err; the offender stands behind it
_BY_ICMP: Final = {2: 4, 3: 16}  # SO_EE_ORIGIN_ICMP, _ICMP6 -> octets of an address
_PLACES: Final = {2: 4, 3: 8}  # of the address in struct sockaddr_in and sockaddr_in6
_REACHED: Final = ("", "ECONNREFUSED", "ECONNRESET")


def trace_path(wire: Wire, endpoint: Admitted) -> None:
    """Find the hops to an endpoint that was admitted, and record each as a decision.

    It takes ten seconds at most, and fails nothing: what cannot be found is told as such.
    """
    until_s = wire.recorder.now_s() + ALL_S
    silent = 0
    for hops in range(1, MOST_HOPS + 1):
        seconds = min(PROBE_S, until_s - wire.recorder.now_s())
        if silent == MOST_SILENT or seconds <= 0:
            why = "Nobody answered any more; a firewall may drop the probes, or what they cause."
            wire.recorder.chose("path", "not to its end", why)
            return
        who, why, reached = _probe(wire, endpoint, hops, seconds)
        silent = 0 if who else silent + 1
        wire.recorder.chose("path", f"hop {hops}: {who or 'silent'}", why)
        if reached:
            return
    wire.recorder.chose("path", "not to its end", f"It has more than {MOST_HOPS} hops.")


def _probe(wire: Wire, endpoint: Admitted, hops: int, seconds: float) -> tuple[str, str, bool]:
    """One SYN. Out: who answered, what that says, and whether it was the target."""
    try:
        socket = wire.tcp(endpoint)
    except CallFailed as failed:
        return "", f"No socket could be made ({failed.errno}).", True
    began_s = wire.recorder.now_s()
    try:
        socket.facts.set(BY_NAME["IP_TTL"], hops)
        level, option = (
            ("IPPROTO_IPV6", "IPV6_RECVERR") if socket.is_ipv6 else ("IPPROTO_IP", "IP_RECVERR")
        )
        socket.set_option(level, option, 1, 1)
        errno = _outcome(wire, socket, seconds)
        took = f"after {(wire.recorder.now_s() - began_s) * 1000:.1f} ms"
        if errno is None:
            return "", f"Nothing came back within {seconds:g} s.", False
        if errno in _REACHED:
            return endpoint.address, f"The target itself answered, {took}.", True
        told = read_offender(socket.error_message())
        if told is None:
            return "", f"The probe failed with {errno}, and nobody said who dropped it.", True
        return told, f"This router dropped the probe and said so by ICMP, {took}.", False
    except CallFailed as failed:
        return "", f"The probe failed with {failed.errno}.", True
    finally:
        socket.close()


def _outcome(wire: Wire, socket: Socket, seconds: float) -> str | None:
    """What became of a connect: "" or the name of its error; None if nothing came back."""
    try:
        if socket.connect():
            return ""
    except CallFailed as failed:
        return failed.errno
    if not wire.wait([(socket, WRITE)], seconds):
        return None
    return socket.connect_error()


def read_offender(ancillary: Ancillary | None) -> str | None:
    """Who sent the ICMP message in a message of the error queue; None if that is not told."""
    for _, _, octets in ancillary or ():
        if len(octets) < _ERROR.size:
            continue
        origin = octets[4]
        if origin in _BY_ICMP:
            at = _ERROR.size + _PLACES[origin]
            address = octets[at : at + _BY_ICMP[origin]]
            if len(address) == _BY_ICMP[origin]:
                return str(ip_address(address))
    return None
