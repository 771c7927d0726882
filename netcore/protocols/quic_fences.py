"""aioquic's connection behind fences: what a server may make a client hold, send or follow.

Theory of operation. The library doubles a window whenever half of it was used, counted by the
highest offset that was named: nine frames of one octet make it hold 256 MiB. Here a window is as
far beyond what was delivered in order as it was at the beginning, and slides. Streams of the
server have a number that stays. What needs no answer is counted, and too much of it ends the
connection. A server's preferred address is noted and never sent to: the guard has not seen it.

After Retry the same ClientHello goes out again (RFC 9000 §17.2.5.2); the library would make a new
one, whose secrets nobody finds who knows the first. After Version Negotiation, where its
transport parameters have to differ, at least its random stays.
"""

from __future__ import annotations

from typing import Final

from aioquic import tls
from aioquic._buffer import Buffer
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.connection import (
    CONNECTION_LIMIT_FRAME_CAPACITY,
    MAX_STREAM_DATA_FRAME_CAPACITY,
    QuicConnection,
    QuicConnectionError,
    QuicReceiveContext,
)
from aioquic.quic.packet import QuicErrorCode, QuicFrameType
from aioquic.quic.packet_builder import QuicDeliveryState, QuicPacketBuilder
from aioquic.quic.recovery import QuicPacketSpace
from aioquic.quic.stream import QuicStream

from netcore.errors import FetchError

WINDOW: Final = 2 << 20
"""Octets that may be on the way, of one stream and of the connection."""

UNI_STREAMS: Final = 8
"""Unidirectional streams that the server may open; HTTP/3 needs three."""

CRYPTO_OCTETS: Final = 128 << 10
"""Octets of TLS that a server may send: a certificate message of 100 KiB fits."""

CHALLENGES: Final = 32
PINGS: Final = 2_000
TOKENS: Final = 32


class FencedConnection(QuicConnection):
    """A client's connection that cannot be made to hold more than a window.

    `refusal` is what was too much, once something was. `ended_by` tells who closed: "" while
    nobody has, "us" or "server". `preferred_address` is where the server would rather be.
    """

    def __init__(self, configuration: QuicConfiguration, groups: list[tls.Group]) -> None:
        self.refusal: FetchError | None = None
        self.ended_by = ""
        self.preferred_address = ""
        self.delivered = 0  # octets of streams that were taken out of events
        self.tickets: list[tls.SessionTicket] = []
        self.tokens: list[bytes] = []
        self.retries = 0
        self._groups = groups
        self._hello = b""
        self._hello_version: int | None = None
        self._early_secret: tuple[tls.CipherSuite, bytes] | None = None
        self._crypto_octets = 0
        self._counts: dict[str, int] = {}
        super().__init__(
            configuration=configuration,
            session_ticket_handler=self.tickets.append,
            token_handler=self._keep_token,
        )
        self._local_max_streams_uni.value = self._local_max_streams_uni.sent = UNI_STREAMS
        self._local_max_streams_bidi.value = self._local_max_streams_bidi.sent = 0

    # The first flight

    def _connect(self, now: float) -> None:
        before: tls.Context | None = getattr(self, "tls", None)
        if before is None or self._version != self._hello_version:
            self._hello_version = self._version
            super()._connect(now)
            return
        self._close_at = now + self._idle_timeout()
        self._give_up_packets()
        self._initialize(self._peer_cid.cid)
        self.tls = before
        self._crypto_streams[tls.Epoch.INITIAL].sender.write(self._hello)
        if self._early_secret is not None:
            suite, secret = self._early_secret
            assert self._version is not None
            self._cryptos[tls.Epoch.ZERO_RTT].send.setup(
                cipher_suite=suite, secret=secret, version=self._version
            )
        self.retries += 1

    def _give_up_packets(self) -> None:
        """What a Retry makes void: requests in 0-RTT packets have to be sent once more."""
        for packet in self._spaces[tls.Epoch.ONE_RTT].sent_packets.values():
            for handler, arguments in packet.delivery_handlers:
                handler(QuicDeliveryState.LOST, *arguments)

    def _initialize(self, peer_cid: bytes) -> None:
        before: tls.Context | None = getattr(self, "tls", None)
        super()._initialize(peer_cid)
        self.tls._supported_groups = list(self._groups)
        if before is not None:
            self.tls.client_random = before.client_random

    def _push_crypto_data(self) -> None:
        if self.tls.state == tls.State.CLIENT_EXPECT_SERVER_HELLO:
            self._hello = self._crypto_buffers[tls.Epoch.INITIAL].data or self._hello
        super()._push_crypto_data()

    def _update_traffic_key(
        self,
        direction: tls.Direction,
        epoch: tls.Epoch,
        cipher_suite: tls.CipherSuite,
        secret: bytes,
    ) -> None:
        if epoch == tls.Epoch.ZERO_RTT:
            self._early_secret = (cipher_suite, secret)
        super()._update_traffic_key(direction, epoch, cipher_suite, secret)

    # Windows

    def _write_connection_limits(self, builder: QuicPacketBuilder, space: QuicPacketSpace) -> None:
        self._local_max_streams_uni.value = UNI_STREAMS
        self._local_max_streams_bidi.value = 0
        limit = self._local_max_data
        if self.delivered + WINDOW - limit.value >= WINDOW // 2:
            limit.value = self.delivered + WINDOW
        for each in (limit, self._local_max_streams_uni):
            if each.value == each.sent:
                continue
            buffer = builder.start_frame(
                each.frame_type,
                capacity=CONNECTION_LIMIT_FRAME_CAPACITY,
                handler=self._on_connection_limit_delivery,
                handler_args=(each,),
            )
            buffer.push_uint_var(each.value)
            each.sent = each.value

    def _write_stream_limits(
        self, builder: QuicPacketBuilder, space: QuicPacketSpace, stream: QuicStream
    ) -> None:
        if not stream.max_stream_data_local or stream.receiver.is_finished:
            return
        due = stream.receiver.starting_offset() + WINDOW
        if due - stream.max_stream_data_local >= WINDOW // 2:
            stream.max_stream_data_local = due
        if stream.max_stream_data_local_sent == stream.max_stream_data_local:
            return
        buffer = builder.start_frame(
            QuicFrameType.MAX_STREAM_DATA,
            capacity=MAX_STREAM_DATA_FRAME_CAPACITY,
            handler=self._on_max_stream_data_delivery,
            handler_args=(stream,),
        )
        assert stream.stream_id is not None
        buffer.push_uint_var(stream.stream_id)
        buffer.push_uint_var(stream.max_stream_data_local)
        stream.max_stream_data_local_sent = stream.max_stream_data_local

    # What needs no answer, or none of ours

    def _handle_crypto_frame(
        self, context: QuicReceiveContext, frame_type: int, buf: Buffer
    ) -> None:
        at = buf.tell()
        offset, length = buf.pull_uint_var() or 0, buf.pull_uint_var() or 0
        buf.seek(at)
        if offset + length > CRYPTO_OCTETS:
            self._refuse(
                QuicErrorCode.CRYPTO_BUFFER_EXCEEDED,
                frame_type,
                FetchError(
                    "quic.crypto_buffer",
                    f"The server sent octet {offset + length:,} of its TLS messages; not more "
                    f"than {CRYPTO_OCTETS:,} are held.",
                ),
            )
        super()._handle_crypto_frame(context, frame_type, buf)

    def _handle_path_challenge_frame(
        self, context: QuicReceiveContext, frame_type: int, buf: Buffer
    ) -> None:
        self._count("PATH_CHALLENGE", CHALLENGES, frame_type)
        super()._handle_path_challenge_frame(context, frame_type, buf)

    def _handle_ping_frame(self, context: QuicReceiveContext, frame_type: int, buf: Buffer) -> None:
        self._count("PING", PINGS, frame_type)
        super()._handle_ping_frame(context, frame_type, buf)

    def _handle_new_token_frame(
        self, context: QuicReceiveContext, frame_type: int, buf: Buffer
    ) -> None:
        self._count("NEW_TOKEN", TOKENS, frame_type)
        super()._handle_new_token_frame(context, frame_type, buf)

    def _keep_token(self, token: bytes) -> None:
        self.tokens = [token]

    def _count(self, name: str, most: int, frame_type: int) -> None:
        self._counts[name] = self._counts.get(name, 0) + 1
        if self._counts[name] > most:
            self._refuse(
                QuicErrorCode.PROTOCOL_VIOLATION,
                frame_type,
                FetchError("quic.flood", f"The server sent more than {most:,} {name} frames."),
            )

    def _refuse(self, code: int, frame_type: int, refusal: FetchError) -> None:
        self.refusal = refusal
        raise QuicConnectionError(code, frame_type, "too much")

    def _probe_preferred_address(self) -> None:
        preferred = self._remote_preferred_address
        if preferred is not None:
            one = preferred.ipv4_address or preferred.ipv6_address
            self.preferred_address = f"{one[0]} port {one[1]}" if one else ""
        self._remote_preferred_address = None

    # Who closed

    def close(
        self,
        error_code: int = QuicErrorCode.NO_ERROR,
        frame_type: int | None = None,
        reason_phrase: str = "",
    ) -> None:
        """Close from our side, as the library does."""
        if self._close_event is None:
            self.ended_by = "us"
        super().close(error_code, frame_type, reason_phrase)

    def _handle_connection_close_frame(
        self, context: QuicReceiveContext, frame_type: int, buf: Buffer
    ) -> None:
        if self._close_event is None:
            self.ended_by = "server"
        super()._handle_connection_close_frame(context, frame_type, buf)

    def reset_tokens(self) -> list[bytes]:
        """What a datagram ends with that says that the server knows nothing of us any more."""
        known = [self._peer_cid, *self._peer_cid_available]
        return [each.stateless_reset_token for each in known if each.stateless_reset_token]
