"""What a certificate says of itself, for a label; its fields are not read here."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import NameOID

LABEL_CHARACTERS = 64  # RFC 5280 appendix A.1: ub-common-name


def common_name(untrusted: bytes) -> str:
    """The subject's common name, "" if there is none or the octets are not a certificate."""
    try:
        subject = x509.load_der_x509_certificate(untrusted).subject
        names = subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except Exception:
        return ""  # a hostile certificate may fail in more ways than the library lists
    return str(names[0].value)[:LABEL_CHARACTERS] if names else ""
