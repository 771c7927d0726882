"""make bench: one table of what recording and explaining cost, beside peers in the same run."""

from __future__ import annotations

import platform
import ssl
import sys
from collections.abc import Iterator

from bench import decrypting, explaining, large, pages, small, streams, timestamps
from bench.caddy import caddy
from bench.server import BULK, Server, nginx


def main(wanted: list[str]) -> None:
    """Print the tables. In: which of `_PARTS`; none means all."""
    sys.stdout.write(
        f"Python {platform.python_version()}, {ssl.OPENSSL_VERSION}, {platform.system()} "
        f"{platform.release()}\nRatios within one run count; the figures themselves are those of "
        "this machine at this hour.\n"
    )
    with nginx() as server:
        for part in _PARTS:
            if part in wanted or not wanted:
                for text in _PARTS[part](server):
                    sys.stdout.write(f"\n{text}\n")
                    sys.stdout.flush()


def _large(server: Server) -> Iterator[str]:
    yield large.ABOUT.format(rounds=large.ROUNDS)
    yield large.large(server, "http")
    yield large.large(server, "https")


def _small(server: Server) -> Iterator[str]:
    yield small.ABOUT.format(rounds=small.ROUNDS, count=small.COUNT)
    yield small.small(server, "http")
    yield small.small(server, "https")


def _explaining(server: Server) -> Iterator[str]:
    yield explaining.ABOUT.format(rounds=explaining.ROUNDS)
    yield explaining.explaining(server)
    with caddy() as other:
        yield explaining.over_streams(other)


def _decrypting(server: Server) -> Iterator[str]:
    yield decrypting.ABOUT.format(rounds=decrypting.ROUNDS, count=decrypting.COUNT, octets=BULK)
    yield decrypting.decrypting(server)


def _streams(server: Server) -> Iterator[str]:
    yield streams.ABOUT.format(rounds=streams.ROUNDS, count=streams.COUNT)
    with caddy() as other:
        yield streams.small(other)
        yield streams.large(other)


def _timestamps(server: Server) -> Iterator[str]:
    yield timestamps.ABOUT.format(count=timestamps.COUNT)
    yield timestamps.timestamps(server)


def _pages(_: Server) -> Iterator[str]:
    yield pages.ABOUT.format(counts=", ".join(f"{count:,}" for count in pages.COUNTS))
    yield pages.weighed()
    yield pages.timed()


_PARTS = {
    "large": _large,
    "small": _small,
    "explaining": _explaining,
    "decrypting": _decrypting,
    "streams": _streams,
    "timestamps": _timestamps,
    "pages": _pages,
}

if __name__ == "__main__":
    main(sys.argv[1:])
