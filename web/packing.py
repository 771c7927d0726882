"""Packing: pages, stylesheets and scripts go out compressed (RFC 9110 §8.4.1).

A trace's page is some 160,000 octets and packs to an eighth. What is kept for ever is packed once.
What lists the visitor's own traces stays as it is: it also repeats what a link brings along, and
from the length of the two together a listener could guess the list (BREACH). Other pages hold no
such list. A stream of events is not packed either: it would wait for more. A page that comes in
pieces is packed so that each piece can be read at once.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Final

from flask import Flask, Request, Response, current_app, g, request
from flask_compress import Compress
from flask_compress.flask_compress import DictCache

STATIC: Final = "assets.static_file"
CODINGS: Final = ("br", "gzip")
LEVEL: Final = 5  # of gzip: a page takes 1 to 4 ms; at 6 half as long again, for 2 %


class Kept(DictCache):
    """What is packed once: static files, by coding, path and version."""

    def set(self, key: str, value: bytes) -> None:
        """Keep the packed octets of a static file."""
        if not key.endswith(";"):
            super().set(key, value)


def pack(app: Flask) -> None:
    """Compress what this application answers, for those who accept it."""
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_STREAMS=False,
        COMPRESS_ALGORITHM=list(CODINGS),
        COMPRESS_LEVEL=LEVEL,
        COMPRESS_CACHE_BACKEND=Kept,
        COMPRESS_CACHE_KEY=_key,
    )
    compress = Compress(app)

    def packed(response: Response) -> Response:
        if "is_own" in g:
            return response
        if response.is_streamed and response.mimetype == "text/html":
            packing = _pack_pieces(response)
        else:
            packing = compress.after_request(response) if _accepted() else response
        packing.vary.add("Accept-Encoding")
        return packing

    app.after_request(packed)


def _pack_pieces(response: Response) -> Response:
    if request.accept_encodings["gzip"] > 0:
        response.response = _packed(response.iter_encoded())
        response.content_encoding = "gzip"
    return response


def _packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """What is sent of each piece ends where a decoder can go on to the end of that piece."""
    packer = zlib.compressobj(LEVEL, wbits=zlib.MAX_WBITS | 16)
    for piece in pieces:
        yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()


def lists_own() -> None:
    """The answer to this request lists the visitor's own traces: it is not packed."""
    g.is_own = True


def _accepted() -> bool:
    """Whether one of our codings is welcome: a weight of 0 says that it is not (§12.4.2)."""
    return any(request.accept_encodings[coding] > 0 for coding in CODINGS)


def _key(asked: Request) -> str:
    """The path of a static file of today's version; "" for all else."""
    version = (asked.view_args or {}).get("version")
    is_kept = asked.endpoint == STATIC and version == current_app.extensions["assets"].version
    return asked.path if is_kept else ""
