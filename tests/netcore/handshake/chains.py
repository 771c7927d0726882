"""A fetch from a server that shows a chain of certificates."""

from __future__ import annotations

from netcore import Trace, fetch
from netcore.options import Lab, Options
from tests.netcore.protocols import refused
from tests.netcore.protocols.refused import HOST, Chain
from tests.netcore.protocols.shown import shown


def fetched(chain: Chain, host: str = HOST, version: str = "1.3", **more: object) -> Trace:
    """In: `version`, the one that the server speaks; `more`, options of the fetch."""
    with shown(chain, version) as server:
        wanted = Options(
            cacert=server.cacert,
            resolve=() if host == refused.ADDRESS else (f"{host}:{server.port}:127.0.0.1",),
            lab=Lab(endpoints=(f"127.0.0.1:{server.port}",)),
            **more,  # type: ignore[arg-type]
        )
        trace = fetch(f"https://{host}:{server.port}/", wanted)
        server.wait()
    return trace
