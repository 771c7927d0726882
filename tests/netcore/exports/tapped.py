"""The lab with its servers tapped: what HTTP each of them was sent, connection by connection."""

from __future__ import annotations

import os
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from lab import Lab, LabServer
from lab import whole as lab_whole
from lab.visit import Connection


class Tapped(socket.socket):
    """A second handle on a connection that remembers what was received through it."""

    def __init__(self, tapped: socket.socket, heard: bytearray) -> None:
        super().__init__(tapped.family, tapped.type, tapped.proto, os.dup(tapped.fileno()))
        self.settimeout(tapped.gettimeout())
        self._heard = heard

    def recv(self, most: int, flags: int = 0, /) -> bytes:
        octets = super().recv(most, flags)
        self._heard += octets
        return octets


class TappedServer(LabServer):
    """A lab server that remembers what it was sent, inside TLS where there is some."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(*arguments, **named)  # type: ignore[arg-type]
        self.heard: list[bytearray] = []
        self.hellos: list[bytes] = []
        context = self._context
        if context is not None:
            context._msg_callback = self._note_hello  # type: ignore[attr-defined]

    def _note_hello(self, _: object, way: str, __: int, kind: int, said: int, data: bytes) -> None:
        if (way, kind, said) == ("read", 22, 1):  # a handshake message, and it is ClientHello
            self.hellos.append(data)

    def _answer_all(self, connection: Connection) -> None:
        heard = bytearray()
        self.heard.append(heard)
        if isinstance(connection, socket.socket) and not isinstance(connection, ssl.SSLSocket):
            with Tapped(connection, heard) as tapped:
                super()._answer_all(tapped)
            return
        receive = connection.recv

        def recv(most: int, /) -> bytes:
            octets = receive(most)
            heard.extend(octets)
            return octets

        connection.recv = recv  # type: ignore[method-assign]
        super()._answer_all(connection)

    def take(self) -> list[bytes]:
        """What has been sent since this was asked last, in the order of the connections."""
        for thread in list(self._visitors.values()):
            while thread.ident is None:  # between being noted and being started
                time.sleep(0)
            thread.join(10)  # it reads on until the client has gone, which it has
        heard, self.heard = self.heard, []
        return [bytes(each) for each in heard]

    def take_hellos(self) -> list[bytes]:
        """The ClientHellos since this was asked last."""
        hellos, self.hellos = self.hellos, []
        return hellos


@contextmanager
def tapped_lab() -> Iterator[Lab]:
    """The whole lab, of such servers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lab_whole, "LabServer", TappedServer)
        with Lab(hold_s=0.05) as lab:
            yield lab


def heard_by(lab: Lab) -> dict[str, list[bytes]]:
    """What each server was sent since this was asked last, by its name, if it was sent anything."""
    heard = {name: server.take() for name, server in lab.servers.items() if _is_tapped(server)}
    return {name: said for name, said in heard.items() if said}


def _is_tapped(server: LabServer) -> bool:
    assert isinstance(server, TappedServer)
    return True
