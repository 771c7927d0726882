"""What HTTPS records say of a service (RFC 9460): priority, target and parameters.

A record with priority 0 is an alias (AliasMode): the service is that of another name. The others
are ways to reach it (ServiceMode), the lowest priority first. This module reads them; what may be
used of them is for `netcore.services` to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import dns.name
import dns.rdtypes.svcbbase as svcb
import msgspec

HTTPS: Final = "HTTPS"
DEFAULT_ALPN: Final = "http/1.1"  # RFC 9460 §9.1.1: meant too, unless no-default-alpn is there
UNDERSTOOD: Final = frozenset(
    {
        svcb.ParamKey.MANDATORY,
        svcb.ParamKey.ALPN,
        svcb.ParamKey.NO_DEFAULT_ALPN,
        svcb.ParamKey.PORT,
        svcb.ParamKey.IPV4HINT,
        svcb.ParamKey.IPV6HINT,
    }
)
"""The parameters that a fetch acts upon. ECH is not among them: OpenSSL does not offer it yet."""


class ServiceRecord(msgspec.Struct, frozen=True):
    """One HTTPS record."""

    priority: int  # 0: an alias
    target: str  # the name of the service; "" for the owner's own
    owner: str
    alpn: tuple[str, ...] = ()  # the default included where it is meant
    port: int | None = None
    hints: tuple[str, ...] = ()  # addresses, IPv6 first
    ech: bool = False
    missing: tuple[str, ...] = ()  # mandatory keys that are not understood or not there (§8)

    @property
    def is_alias(self) -> bool:
        """Whether it is in AliasMode."""
        return self.priority == 0

    @property
    def name(self) -> str:
        """The effective name of the service (§2.5)."""
        return self.target or self.owner


def question_name(host: str, port: int, default_port: int) -> str:
    """Whose HTTPS record speaks of an origin (§9.1): "example.com", "_8443._https.example.com"."""
    return host if port == default_port else f"_{port}._https.{host}"


def read_services(records: Iterable[Any], owner: str) -> tuple[ServiceRecord, ...]:
    """The records of one answer, in the order of their priorities.

    In: records of type HTTPS as dnspython has read them, and the name that they belong to.
    """
    found = [_read(record, owner) for record in records]
    return tuple(sorted(found, key=lambda each: each.priority))


def _read(record: Any, owner: str) -> ServiceRecord:
    params: dict[int, Any] = dict(record.params)
    alpn = [_text(each) for each in getattr(params.get(svcb.ParamKey.ALPN), "ids", ())]
    if svcb.ParamKey.NO_DEFAULT_ALPN not in params and DEFAULT_ALPN not in alpn:
        alpn.append(DEFAULT_ALPN)
    hints = [
        str(address)
        for key in (svcb.ParamKey.IPV6HINT, svcb.ParamKey.IPV4HINT)
        for address in getattr(params.get(key), "addresses", ())
    ]
    mandatory = getattr(params.get(svcb.ParamKey.MANDATORY), "keys", ())
    missing = [key for key in mandatory if key not in UNDERSTOOD or key not in params]
    return ServiceRecord(
        priority=int(record.priority),
        target=_name(record.target),
        owner=owner,
        alpn=tuple(alpn),
        port=getattr(params.get(svcb.ParamKey.PORT), "port", None),
        hints=tuple(hints),
        ech=svcb.ParamKey.ECH in params,
        missing=tuple(str(svcb.key_to_text(key)) for key in missing),  # type: ignore[no-untyped-call]
    )


def _name(name: dns.name.Name) -> str:
    return "" if name == dns.name.root else name.to_text(omit_final_dot=True).lower()


def _text(octets: bytes) -> str:
    return octets.decode("latin-1")
