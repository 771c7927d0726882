"""The form of an address: what it holds, and why it was not accepted."""

from __future__ import annotations

from dataclasses import dataclass

from web.reach_form import UNTOUCHED_REACH, ReachForm
from web.request_form import UNTOUCHED_REQUEST, RequestForm
from web.socket_form import UNTOUCHED_SOCKET, SocketForm
from web.spoken import N_
from web.tls_form import UNTOUCHED, TlsForm

VERSIONS = {
    "auto": N_("HTTP/2 or 1.1, as the server likes"),
    "1.1": "HTTP/1.1",
    "2": "HTTP/2",
    "3": "HTTP/3",
}
"""Of HTTP, that the form offers, and what they are called there."""
TIMES = range(1, 6)
"""How often the form can have an address asked for, on one connection if the server lets it."""


@dataclass(frozen=True)
class Form:
    """What the form holds, and why it was not accepted."""

    url: str = ""
    http: str = "auto"
    follow: bool = False
    insecure: bool = False
    messages: str = ""  # for a WebSocket, one a line
    times: int = 1
    dns_trace: bool = False  # for names of the lab alone
    path: bool = False
    tls: TlsForm = UNTOUCHED
    socket: SocketForm = UNTOUCHED_SOCKET
    request: RequestForm = UNTOUCHED_REQUEST
    reach: ReachForm = UNTOUCHED_REACH
    error: str = ""

    @property
    def changed(self) -> bool:
        """Whether one of the further options is not as it is by default."""
        own = self.http != "auto" or self.times != 1 or self.follow or self.insecure
        own = own or bool(self.messages) or self.dns_trace or self.path
        return own or any(part.changed for part in self.parts)

    @property
    def parts(self) -> tuple[TlsForm | SocketForm | RequestForm | ReachForm, ...]:
        """What says for itself what of it cannot be asked for."""
        return self.request, self.reach, self.tls, self.socket
