"""Names that are looked up in vain: resolvers that fail in one way each, and what zones do wrong.

Which resolver is asked about which of them, `lab.whole` says.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from lab.behaviour import Ask, Named, Shelf

SHELF: Final = Shelf(
    "resolvers",
    "Resolvers in trouble",
    "The name is good, and whoever is asked about it is not. Nothing is sent to the server itself.",
    {},
    (
        Named(
            "resolver-gone", "No resolver there", "nothing listens at its port, and ICMP says so"
        ),
        Named(
            "resolver-silent", "A silent resolver", "each question is asked twice, then given up"
        ),
        Named(
            "resolver-unreachable",
            "No way to the resolver",
            "its address is one that no connection can be made to",
        ),
        Named(
            "resolver-untrusted",
            "An untrusted resolver",
            "DNS over TLS, and the certificate is somebody else's",
        ),
        Named(
            "resolver-plain", "A resolver without TLS", "our ClientHello is answered in plain HTTP"
        ),
        Named(
            "resolver-page",
            "A web page for an answer",
            "DNS over HTTPS, at a path where no DNS is answered",
        ),
        Named(
            "lame",
            "A lame delegation",
            "its zone names a server that knows nothing of it",
            ask=Ask(dns_trace=True),
        ),
        Named("bad-record", "Three bytes of an address", "an A record that holds no address"),
        Named("many-aliases", "Aliases without end", "ten names, each an alias of the next"),
    ),
)

ALIASES: Final = 10
LAME: Final = {"lame.lab.test.": ("ns.lame.lab.test.", "127.0.0.1")}
"""A zone, the server that it is said to have, and that one's address, where the root is served."""


def _chain() -> dict[str, tuple[str, ...]]:
    names = ["many-aliases", *(f"alias-{number}" for number in range(1, ALIASES + 1))]
    pairs = pairwise(names)
    return {f"{name}.lab.test.": (f"CNAME {other}.lab.test.",) for name, other in pairs}


RECORDS: Final = {
    "bad-record.lab.test.": (r"A \# 3 7f0000",),
    **_chain(),
}
