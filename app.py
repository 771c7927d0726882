"""Wiretale: type a URL and see the tale of that one request on the wire.

`python app.py` serves it on this machine, with the lab beside it. `create_app` is for servers
that bring their own process.
"""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from lab.whole import Lab
from netcore.client import fetch
from netcore.trace import BadTrace, decode
from web import (
    again,
    assets,
    by_hand,
    depth,
    files,
    first_run,
    language,
    learn,
    live,
    packing,
    pages,
    redraw,
    saying,
    security,
    small_print,
    sockets,
    stopping,
    stories,
)
from web.compare.story import compare
from web.error_page import error_page
from web.following import following
from web.handshake.story import handshakes
from web.http3.story import http3
from web.jobs import Jobs
from web.keyboard import key_groups
from web.layers.story import layers
from web.measured import told_by
from web.octets.room import octets_room
from web.overlay import spoken_in
from web.pages import Settings
from web.phrases import way_said
from web.player.pages import player
from web.quic.story import quic
from web.report import report
from web.sharing import embed, share
from web.sharing.reach import is_loopback
from web.sharing.single_file import single_file
from web.sharing.taken import taken
from web.store import Store
from web.streams.story import streams
from web.style_guide import style_guide
from web.tale import tell
from web.tracing import Tracing
from web.ways import onlooker

PORT = 8765
PORTS_TRIED = 50

ONLY_HERE = {
    "allow_private": "reach this machine's network",
    "scripts": "run programs on this machine",
}
"""Options for an app that this machine alone can reach, and what others could do otherwise."""


ROOMS = (
    again.again,
    assets.assets,
    by_hand.by_hand,
    compare,
    embed.embed,
    files.files,
    first_run.first_run,
    following,
    handshakes,
    http3,
    language.languages,
    layers,
    learn.learn,
    live.live,
    octets_room,
    onlooker.onlooker,
    pages.pages,
    player,
    quic,
    redraw.redraw,
    report,
    saying.saying,
    share.share,
    small_print.small_print,
    sockets.sockets,
    stopping.stopping,
    stories.stories,
    streams,
    style_guide,
    taken,
)
"""What has addresses of its own."""


def create_app(config: Mapping[str, Any] | None = None) -> Flask:
    """The application.

    Args:
        config: Flask's configuration and our own:
            ALLOW_PRIVATE (bool): lift the guard's rules on addresses and ports; ANY_METHOD (bool):
            POST, PUT and DELETE to any server. For an app that this machine alone can reach.
            CAPTURE (bool): capture the packets of every fetch, where CAP_NET_RAW is there.
            PATH (bool): let visitors have the way to a server probed, hop by hop.
            LAB (lab.whole.Lab): a running lab, offered on the home page.
            SELF_HOSTS (tuple of str): our own names and addresses, which are never fetched.
            FETCH: what fetches, `netcore.client.fetch` if left out.
            JOBS (web.jobs.Jobs): who runs the fetches.
            SCRIPTS_KEY (str): who opens /learn with it may run scripts of exercises, as the user
            of this process. Only for an app that this machine alone can reach.
            EMBED_ANCESTORS (str): whose pages may show an embedded view: sources of the policy's
            frame-ancestors, "*" if left out.
            INSTANCE (Path): the folder for the database and the secret key.
    """
    config = dict(config or {})
    instance = Path(config.pop("INSTANCE", Path(__file__).resolve().parent / "instance"))
    app = Flask(__name__, static_folder=None, instance_path=str(instance.resolve()))
    settings = _settings(config)
    jobs = config.pop("JOBS", None) or Jobs()
    other_ends = told_by(settings.lab.log) if settings.lab else None
    tracing = Tracing(config.pop("FETCH", fetch), jobs, Store(instance), other_ends)
    app.secret_key = _secret_key(instance)
    embed.allow(app, config.pop("EMBED_ANCESTORS", embed.ANYBODY))
    app.config.update(config)
    found = assets.find_assets(Path(app.root_path) / "static")
    app.extensions |= {"settings": settings, "tracing": tracing, "assets": found}
    security.protect(app)
    packing.pack(app)
    language.speak(app)
    depth.offer_depths(app)
    _templates(app, found, settings)
    for room in ROOMS:
        app.register_blueprint(room)
    app.register_error_handler(HTTPException, error_page)
    return app


def _settings(config: dict[str, Any]) -> Settings:
    """Takes what is not Flask's out of the configuration."""
    return Settings(
        allow_private=config.pop("ALLOW_PRIVATE", False),
        lab=config.pop("LAB", None),
        capture=config.pop("CAPTURE", False),
        path=config.pop("PATH", False),
        any_method=config.pop("ANY_METHOD", False),
        self_hosts=config.pop("SELF_HOSTS", ()),
        scripts_key=config.pop("SCRIPTS_KEY", ""),
    )


def _templates(app: Flask, found: assets.Assets, settings: Settings) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    def asset(path: str) -> str:
        return f"/s/{found.version}/{path}"

    app.jinja_env.globals |= {"assets": found, "asset": asset, "settings": settings}
    app.jinja_env.globals |= {
        "key_groups": key_groups,
        "way_said": way_said,
        "spoken_in": spoken_in,
    }


def _secret_key(instance: Path) -> bytes:
    """The key that signs cookies: made once, kept where only we can read it."""
    path = instance / "secret_key"
    instance.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(32))
    return path.read_bytes()


class PortTaken(Exception):
    """Another program listens there."""


class Server(ThreadedWSGIServer):
    """Werkzeug's server with a thread for each request; a taken port is an exception."""

    def server_bind(self) -> None:
        """Bind, or raise PortTaken where Werkzeug would end the process."""
        try:
            super().server_bind()
        except OSError as error:
            raise PortTaken(str(error)) from error


class QuietHandler(WSGIRequestHandler):
    """Writes no line for each request, and does not tell versions."""

    def version_string(self) -> str:
        """What the Server header field says."""
        return "Wiretale"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


def bind(app: Flask, host: str, port: int) -> Server:
    """A server on the port, or on the next free one after it.

    Raises:
        PortTaken: none of the next ports is free either.
    """
    for candidate in range(port, port + PORTS_TRIED):
        try:
            return Server(host, candidate, app, QuietHandler)
        except PortTaken as error:
            taken = error
    raise taken


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until Ctrl-C. Returns the exit status."""
    wanted = _arguments(arguments)
    if wanted.single_file:
        return _write_single_file()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    here = is_loopback(wanted.host) and os.environ.get("PUBLIC") != "1"
    refusal = _refusal(wanted, here)
    if refusal:
        sys.stderr.write(refusal)
        return 2
    config = _wishes(wanted, here)
    if wanted.scripts:
        config["SCRIPTS_KEY"] = secrets.token_urlsafe(16)
    if here and ":" not in wanted.host:  # Werkzeug compares no IPv6 addresses
        # A page of another site whose name suddenly means 127.0.0.1 gets no answer.
        config["TRUSTED_HOSTS"] = ["localhost", "127.0.0.1"]
    with ExitStack() as stack:
        if wanted.lab:
            config["LAB"] = stack.enter_context(Lab())
        app = create_app(config)
        stack.callback(app.extensions["tracing"].close)
        server = bind(app, wanted.host, wanted.port)
        stack.callback(server.server_close)
        address = f"http://{_shown(wanted.host)}:{server.port}"
        sys.stdout.write(f"Wiretale is at {address}/\n")
        if wanted.scripts:
            sys.stdout.write(f"Run scripts from {address}/learn?key={config['SCRIPTS_KEY']}\n")
        sys.stdout.flush()
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends as Ctrl-C does
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.stdout.write("\n")
    return 0


def _write_single_file() -> int:
    """One saved trace from standard input, as a page on standard output. Out: the exit status."""
    try:
        told = tell(decode(sys.stdin.buffer.read()))
    except BadTrace as error:
        sys.stderr.write(f"{error}\n")
        return 1
    with TemporaryDirectory() as folder:
        app = create_app({"INSTANCE": Path(folder)})
        with app.test_request_context():
            page = single_file(told, brought=False)
        app.extensions["tracing"].close()
    sys.stdout.buffer.write(page)
    sys.stdout.flush()
    return 0


def _wishes(wanted: argparse.Namespace, here: bool) -> dict[str, Any]:
    """The configuration that the options ask for. `here`: this machine alone can reach the app."""
    return {
        "ALLOW_PRIVATE": wanted.allow_private,
        "ANY_METHOD": here,
        "CAPTURE": wanted.capture,
        "PATH": wanted.path,
        "SELF_HOSTS": (wanted.host,),
    }


def _refusal(wanted: argparse.Namespace, here: bool) -> str:
    """Why the options are refused, or "". `here`: this machine alone can reach the app."""
    for option, harm in ONLY_HERE.items():
        if getattr(wanted, option) and not here:
            others = f"through an app on {wanted.host}. Bind it to 127.0.0.1."
            if is_loopback(wanted.host):
                others = "where PUBLIC=1 says that they reach it. Leave PUBLIC unset."
            return f"--{option.replace('_', '-')} is refused: others could {harm} {others}\n"
    return ""


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python app.py", description="Serve Wiretale.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=PORT, help="the next free one is taken")
    parser.add_argument("--no-lab", dest="lab", action="store_false", help="without the lab")
    parser.add_argument(
        "--allow-private",
        action="store_true",
        help="connect to private addresses and any port too; only on loopback",
    )
    parser.add_argument(
        "--capture",
        action="store_true",
        help="record the packets of each fetch too, where CAP_NET_RAW is there (Linux)",
    )
    parser.add_argument(
        "--path",
        action="store_true",
        help="let the form offer to probe the way to a server, router by router (Linux)",
    )
    parser.add_argument(
        "--scripts",
        action="store_true",
        help="run the scripts of exercises from their pages, as you; only on loopback, and only "
        "for a browser that opens the address that is printed",
    )
    parser.add_argument(
        "--single-file",
        action="store_true",
        help="serve nothing: read one trace (JSON lines) from standard input, write it as one page",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
