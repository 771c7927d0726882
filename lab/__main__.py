"""`python -m lab`: run the lab in the foreground until Ctrl-C."""

from __future__ import annotations

import shlex
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Final

from lab.behaviour import Ask
from lab.whole import Lab, LabTarget

_LONG: Final = 1_000


def main() -> int:
    """Start everything, say how to reach it, and wait. Returns the exit status."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Lab() as lab:
            sys.stdout.write(f"The lab runs. DNS for lab.test: {lab.dns_server}\n\n")
            for shelf in lab.shelves:
                sys.stdout.write(f"{shelf.title}. {shelf.about}\n\n")
                sys.stdout.writelines(_command(lab, target) for target in shelf.targets)
            sys.stdout.write("Bytes by hand. Exactly what you type, over TCP or UDP.\n\n")
            sys.stdout.writelines(_by_hand(lab, title, url) for _, title, url in lab.by_hand)
            sys.stdout.write("Ctrl-C ends it.\n")
            sys.stdout.flush()
            threading.Event().wait()
    except KeyboardInterrupt:
        return 0
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _command(lab: Lab, target: LabTarget) -> str:
    """The lines that show how to trace a target from the command line."""
    words = ["python -m netcore", target.url, *_options(target.ask)]
    resolver = dict(lab.options_lab().resolvers).get(f"{target.name}.lab.test", lab.dns_server)
    words += [] if target.ask.public else ["--allow-private"]
    words += ["--dns-server", resolver]
    if target.ask.dns_trace:
        words += ["--dns-trace", "--dns-root", lab.options_lab().name_servers[0]]
    if target.url.startswith(("https:", "wss:")) or resolver.startswith(("tls:", "https:")):
        words += ["--cacert", lab.cacert]
    also = f"# Try also: {target.ask.try_with}\n" if target.ask.try_with else ""
    return f"# {target.title}: {target.about}\n{also}{' '.join(words)}\n\n"


def _by_hand(lab: Lab, title: str, url: str) -> str:
    text = shlex.quote("GET / HTTP/1.0\\r\\n\\r\\n")
    return (
        f"# {title}\npython -m netcore {url} --raw {text} --allow-private "
        f"--dns-server {lab.dns_server}\n\n"
    )


def _options(ask: Ask) -> list[str]:
    """What is asked beyond a GET, with curl's names."""
    options = [] if ask.http == "auto" else ["--http", ask.http]
    options += ["-L"] if ask.follow else []
    options += ["--repeat", str(ask.times)] if ask.times > 1 else []
    options += ["--resume-session"] if ask.resume_session else []
    for name, value in ask.headers:
        options += ["-H", _quoted(f"{name}: {value}")]
    if ask.body is not None:
        options += ["-d", _quoted(ask.body.decode())]
    for message in ask.messages:
        options += ["-d", shlex.quote(message)]
    return [*options, *_below_http(ask)]


def _below_http(ask: Ask) -> Iterator[str]:
    """What is asked of TLS, of the socket, or in place of HTTP."""
    if ask.alpn is not None:
        yield from ("--alpn", ",".join(ask.alpn))
    if ask.sni is not None:
        yield from ("--sni", shlex.quote(ask.sni))
    for name, value in ask.socket_options:
        yield from ("--sockopt", f"{name}={value}")
    if ask.raw is not None:
        yield from ("--raw", _quoted(ask.raw.decode()))


def _quoted(text: str) -> str:
    """For the shell: a long row of zeros is left to printf, and a line break is written as one."""
    if text.strip("0") == "" and len(text) > _LONG:
        return f"\"$(printf '%0{len(text)}d' 0)\""
    if text.isprintable():
        return shlex.quote(text)
    escaped = text.encode("unicode_escape").decode().replace("'", "\\'")
    return f"$'{escaped}'"


if __name__ == "__main__":
    sys.exit(main())
