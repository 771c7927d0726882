"""Dissectors: octets of one protocol data unit -> its field tree.

A dissector is a function that reads through a Reader, with `netcore.reader.dissect`:
`dissect(DISSECTORS["dns_message"], octets, "dns_message")`. The part of a name before the dot
names the format; the part behind it says what the octets cannot say themselves, such as which
key exchange was negotiated.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from netcore.dissect import (
    dns,
    field_section,
    hpack,
    http1,
    http2,
    http3,
    ip,
    ocsp,
    opaque,
    qpack,
    quic_frame,
    quic_packet,
    quic_transport_parameters,
    raw,
    tcp_segment,
    tls_handshake,
    tls_protected,
    tls_record,
    udp_datagram,
    websocket,
    x509,
)
from netcore.reader import Read

DISSECTORS: Final = MappingProxyType[str, Read](
    {
        "dns_message": dns.read_dns_message,
        "dns_message.tcp": dns.read_dns_message_over_tcp,
        "tls_record": tls_record.read_tls_plaintext,
        "tls_ciphertext": tls_record.read_tls_ciphertext,
        "tls_handshake": tls_handshake.read_handshake,
        "tls_handshake.dhe": tls_handshake.read_handshake_dhe,
        "tls_handshake.rsa": tls_handshake.read_handshake_rsa,
        "tls_handshake.tls11_ecdhe": tls_handshake.read_handshake_tls11,
        "tls_handshake.tls11_dhe": tls_handshake.read_handshake_tls11_dhe,
        "tls_handshake.tls11_rsa": tls_handshake.read_handshake_tls11_rsa,
        "tls_handshake.tls13": tls_handshake.read_handshake_tls13,
        "tls_inner_plaintext": tls_protected.read_inner_plaintext,
        "tls_aead_ciphered": tls_protected.read_aead_ciphered,
        "tls_block_ciphered.etm": tls_protected.block_ciphered(0),
        "tls_block_ciphered.sha1": tls_protected.block_ciphered(20),
        "tls_block_ciphered.sha256": tls_protected.block_ciphered(32),
        "tls_block_ciphered.sha384": tls_protected.block_ciphered(48),
        "tls_alert": tls_record.read_alert,
        "tls_change_cipher_spec": tls_record.read_change_cipher_spec,
        "x509_certificate": x509.read_certificate,
        "x509_ocsp_response": ocsp.read_ocsp_response,
        "http1_request_head": http1.read_request_head,
        "http1_response_head": http1.read_response_head,
        "http1_chunk": http1.read_chunk,
        "http1_trailer_section": http1.read_trailer_section,
        "http2_connection_preface": http2.read_connection_preface,
        **http2.FRAMES,
        "hpack_field_block": hpack.read_field_block,
        "http2_field_section": field_section.read_field_section,
        "websocket_frame": websocket.read_frame,
        "websocket_payload": websocket.read_application_data,
        "websocket_payload.close": websocket.read_close,
        "websocket_message.text": websocket.read_text_message,
        "websocket_message.binary": websocket.read_binary_message,
        **quic_packet.PACKETS,
        **quic_frame.FRAMES,
        "quic_transport_parameters": quic_transport_parameters.read_transport_parameters,
        "quic_stream_data": opaque.read_quic_stream_data,
        "http3_stream_type": http3.read_stream_type,
        **http3.FRAMES,
        "qpack_encoder_instruction": qpack.read_encoder_instruction,
        "qpack_decoder_instruction": qpack.read_decoder_instruction,
        "qpack_field_section": qpack.read_field_section,
        "http3_field_section": field_section.read_field_section_http3,
        "raw_octets": raw.read_raw_octets,
        "ip_datagram": ip.read_ip_datagram,
        "icmp_message": ip.read_icmp,
        "udp_datagram": udp_datagram.read_udp_datagram,
        "tcp_segment": tcp_segment.read_quoted_segment,
        "message_body": opaque.read_message_body,
        "quic_datagram": opaque.read_quic_datagram,
        "surplus": opaque.read_surplus,
        "not_kept": opaque.read_not_kept,
        "uncut": opaque.read_uncut,
    }
)
"""Name -> read function, for every unit that `netcore.pdus` can find, and for what handshake
messages carry that has a form of its own: certificates and answers about them."""
