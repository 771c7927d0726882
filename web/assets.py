"""Static files, under one prefix that changes whenever one of them does: /s/<version>/...

A page links one stylesheet, /s/<version>/css/<class of its body>.css: the files that it needs, one
behind the other. Sent together they are a third smaller than each for itself.

Modules import each other by relative paths, so they inherit the prefix and everything below it
may be kept by a browser for ever. No import map and no bundler are needed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, request
from werkzeug.security import safe_join

A_YEAR = 31_536_000  # seconds
SHEET = re.compile(r"css/(?P<page>page-[a-z]{1,20})\.css", re.ASCII)
ONE_PAGE = {
    "css/components/again.css": "page-again",
    "css/components/compare.css": "page-compare",
    "css/components/embed.css": "page-embed",
    "css/components/failure.css": "page-trace",
    "css/components/fingerprints.css": "page-tls",
    "css/components/follow.css": "page-follow",
    "css/components/handshake.css": "page-tls",
    "css/components/home.css": "page-home",
    "css/components/key_schedule.css": "page-tls",
    "css/components/layers.css": "page-layers",
    "css/components/learn.css": "page-learn",
    "css/components/list.css": "page-list",
    "css/components/octets.css": "page-trace",
    "css/components/more.css": "page-trace",
    "css/components/player.css": "page-trace",
    "css/components/present.css": "page-present",
    "css/components/onlooker.css": "page-trace of an onlooker",
    "css/components/quic.css": "page-streams of QUIC",
    "css/components/report.css": "page-report",
    "css/components/sections.css": "page-streams",
    "css/components/slide.css": "page-present and page-handout",
    "css/components/share.css": "page-share",
    "css/components/sockets.css": "page-sockets",
    "css/components/spot.css": "page-trace",
    "css/components/stages.css": "page-trace",
    "css/components/style.css": "page-style with its own link",
    "css/components/talk.css": "page-trace",
    "css/components/story.css": "page-story",
    "css/components/streams.css": "page-streams",
    "css/components/text.css": "pages of text, with a link of their own",
    "css/components/timeline.css": "page-trace",
    "css/components/tree.css": "page-trace",
    "css/components/trust.css": "page-tls",
    "css/components/ways.css": "page-trace",
    "css/components/wide.css": "pages with wide parts, with a link of their own",
}
"""Stylesheets that one page alone needs, by the class of its body. One that names no such class is
linked by the template that needs it."""

assets = Blueprint("assets", __name__)


@dataclass(frozen=True)
class Assets:
    """What a page links: paths below the version prefix, in the order of their links."""

    folder: Path
    version: str
    stylesheets: tuple[str, ...]
    fonts: tuple[str, ...]
    modules: tuple[str, ...]
    script: str
    icon: str

    def stylesheets_of(self, page: str) -> tuple[str, ...]:
        """What a page needs, by the class of its body."""
        return tuple(path for path in self.stylesheets if ONE_PAGE.get(path, page) == page)

    def sheet_of(self, page: str) -> bytes:
        """The stylesheet of a page, by the class of its body."""
        return b"".join((self.folder / path).read_bytes() for path in self.stylesheets_of(page))


def find_assets(folder: Path) -> Assets:
    """Look through the static folder once; its contents are taken as fixed afterwards."""
    return Assets(
        folder=folder,
        version=_version(folder),
        stylesheets=_stylesheets(folder),
        fonts=_paths(folder, "fonts/geist*.woff2"),
        modules=_paths(folder, "components/*.js", "lib/*.js", "vendor/**/*.js"),
        script="main.js" if (folder / "main.js").exists() else "",
        icon="icon.svg" if (folder / "icon.svg").exists() else "",
    )


@assets.get("/s/<version>/<path:name>")
def static_file(version: str, name: str) -> Response:
    """One file. A version that is not ours gets today's file, and is told not to keep it."""
    found: Assets = current_app.extensions["assets"]
    sheet = SHEET.fullmatch(name)
    path = safe_join(str(found.folder), name)
    if sheet:
        response = Response(found.sheet_of(sheet["page"]), mimetype="text/css")
    elif path is None or not Path(path).is_file():
        abort(404)
    else:
        # Read whole: a file that is being sent stays open where the browser hangs up.
        mimetype = guess_type(path)[0] or "application/octet-stream"
        response = Response(Path(path).read_bytes(), mimetype=mimetype)
    # They are everybody's. A frame that may not keep anything has no origin of its own, and asks
    # for them as a stranger.
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.add_etag()
    if version == found.version:
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-store"
    response.make_conditional(request)
    return response


def _version(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def _paths(folder: Path, *patterns: str) -> tuple[str, ...]:
    return tuple(
        path.relative_to(folder).as_posix()
        for pattern in patterns
        for path in sorted(folder.glob(pattern))
    )


def _stylesheets(folder: Path) -> tuple[str, ...]:
    """tokens.css first: it declares the order of the layers."""
    found = _paths(folder, "css/*.css", "css/components/*.css")
    return tuple(sorted(found, key=lambda path: path != "css/tokens.css"))
