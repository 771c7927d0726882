"""Extensions of certificates (RFC 5280 §4.2, RFC 6960, RFC 6962, RFC 7633)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from netcore.dissect import der
from netcore.dissect.der import context
from netcore.dissect.sct import read_sct_list
from netcore.dissect.x509_names import (
    read_general_name,
    read_general_names,
    read_general_names_contents,
    read_relative_distinguished_name,
)
from netcore.dissect.x509_policies import (
    read_certificate_policies,
    read_inhibit_any_policy,
    read_policy_constraints,
    read_policy_mappings,
)
from netcore.reader import Read, Reader
from netcore.registries import tls
from netcore.registries.oids import OIDS

Forms = MappingProxyType[str, tuple[str, Read]]
"""Identifier of an extension -> the section that defines its form, and its reader."""

KEY_USAGES: Final = (
    "digital_signature",
    "non_repudiation",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)
REASONS: Final = (
    "unused",
    "key_compromise",
    "ca_compromise",
    "affiliation_changed",
    "superseded",
    "cessation_of_operation",
    "certificate_hold",
    "privilege_withdrawn",
    "aa_compromise",
)

NOT_READ: Final = "of a form that is not read here"


def read_extensions(r: Reader, name: str, spec: str, explicit: int = -1) -> None:
    """RFC 5280 §4.1.2.9: Extensions, perhaps in an explicit tag."""
    with der.element(r, name, spec):
        if explicit >= 0:
            der.read_explicit(r, explicit, der.SEQUENCE)
        else:
            der.read_whole_header(r, der.SEQUENCE)
        while r.remaining:
            read_extension(r)


def read_extension(r: Reader) -> None:
    """RFC 5280 §4.2."""
    with der.element(r, "extension", "RFC 5280 §4.2") as group:
        der.read_header(r, der.SEQUENCE)
        oid = der.read_oid(r, "extn_id")
        group.label = OIDS.get(oid, oid)
        if der.next_tag(r) == der.BOOLEAN:
            der.read_boolean(r, "critical")
        spec, read = _FORMS.get(oid, ("", read_unknown_extension))
        with der.element(r, "extn_value", spec, group.label):
            der.read_header(r, der.OCTET_STRING)
            read(r)


def read_unknown_extension(r: Reader) -> None:
    """RFC 5280 §4.2: the value of an extension that no table knows; its elements if it has any."""
    if der.is_element(r.peek(r.remaining)):
        der.read_any(r)
    else:
        r.rest("octet_string", NOT_READ)


def read_authority_key_identifier(r: Reader) -> None:
    """RFC 5280 §4.2.1.1."""
    with der.element(r, "authority_key_identifier"):
        der.read_header(r, der.SEQUENCE)
        if der.next_tag(r) == context(0):
            der.read_octet_string(r, "key_identifier", tag=context(0))
        if der.next_tag(r) == context(1, constructed=True):
            names = context(1, constructed=True)
            read_general_names(r, "authority_cert_issuer", "RFC 5280 §4.2.1.1", names)
        if der.next_tag(r) == context(2):
            der.read_integer(r, "authority_cert_serial_number", tag=context(2))


def read_subject_key_identifier(r: Reader) -> None:
    """RFC 5280 §4.2.1.2."""
    der.read_octet_string(r, "subject_key_identifier")


def read_key_usage(r: Reader) -> None:
    """RFC 5280 §4.2.1.3."""
    der.read_flags(r, "key_usage", KEY_USAGES)


def read_subject_alt_name(r: Reader) -> None:
    """RFC 5280 §4.2.1.6."""
    read_general_names(r, "subject_alt_name", "RFC 5280 §4.2.1.6")


def read_issuer_alt_name(r: Reader) -> None:
    """RFC 5280 §4.2.1.7."""
    read_general_names(r, "issuer_alt_name", "RFC 5280 §4.2.1.7")


def read_basic_constraints(r: Reader) -> None:
    """RFC 5280 §4.2.1.9."""
    with der.element(r, "basic_constraints") as group:
        der.read_header(r, der.SEQUENCE)
        is_ca = der.next_tag(r) == der.BOOLEAN and der.read_boolean(r, "ca")
        group.label = "an authority" if is_ca else "no authority"
        if r.remaining:
            der.read_integer(r, "path_len_constraint")


def read_name_constraints(r: Reader) -> None:
    """RFC 5280 §4.2.1.10."""
    with der.element(r, "name_constraints"):
        der.read_header(r, der.SEQUENCE)
        for number, name in ((0, "permitted_subtrees"), (1, "excluded_subtrees")):
            if der.next_tag(r) != context(number, constructed=True):
                continue
            with der.element(r, name):
                der.read_header(r, context(number, constructed=True))
                while r.remaining:
                    read_general_subtree(r)


def read_general_subtree(r: Reader) -> None:
    """RFC 5280 §4.2.1.10."""
    with der.element(r, "general_subtree"):
        der.read_header(r, der.SEQUENCE)
        with r.group("base"):
            read_general_name(r, is_subtree=True)
        for number, name in ((0, "minimum"), (1, "maximum")):
            if der.next_tag(r) == context(number):
                der.read_integer(r, name, tag=context(number))


def read_ext_key_usage(r: Reader) -> None:
    """RFC 5280 §4.2.1.12."""
    with der.element(r, "ext_key_usage"):
        der.read_header(r, der.SEQUENCE)
        while r.remaining:
            der.read_oid(r, "key_purpose_id")


def read_crl_distribution_points(r: Reader) -> None:
    """RFC 5280 §4.2.1.13, §4.2.1.15."""
    with der.element(r, "crl_distribution_points"):
        der.read_header(r, der.SEQUENCE)
        while r.remaining:
            read_distribution_point(r)


def read_distribution_point(r: Reader) -> None:
    """RFC 5280 §4.2.1.13."""
    with der.element(r, "distribution_point"):
        der.read_header(r, der.SEQUENCE)
        if der.next_tag(r) == context(0, constructed=True):
            with der.element(r, "distribution_point_name"):
                der.read_header(r, context(0, constructed=True))
                read_distribution_point_name(r)
        if der.next_tag(r) == context(1):
            der.read_flags(r, "reasons", REASONS, tag=context(1))
        if der.next_tag(r) == context(2, constructed=True):
            with der.element(r, "crl_issuer"):
                der.read_header(r, context(2, constructed=True))
                read_general_names_contents(r)


def read_distribution_point_name(r: Reader) -> None:
    """RFC 5280 §4.2.1.13."""
    relative = context(1, constructed=True)
    if der.next_tag(r) == relative:
        read_relative_distinguished_name(r, "name_relative_to_crl_issuer", relative)
        return
    with der.element(r, "full_name"):
        der.read_header(r, context(0, constructed=True))
        read_general_names_contents(r)


def read_information_access(r: Reader) -> None:
    """RFC 5280 §4.2.2.1, §4.2.2.2."""
    with der.element(r, "information_access"):
        der.read_header(r, der.SEQUENCE)
        while r.remaining:
            with der.element(r, "access_description") as group:
                der.read_header(r, der.SEQUENCE)
                method = der.read_oid(r, "access_method")
                group.label = OIDS.get(method, method)
                with r.group("access_location", label=group.label):
                    read_general_name(r)


def read_embedded_sct_list(r: Reader) -> None:
    """RFC 6962 §3.3: the list of TLS, in an OCTET STRING of its own."""
    with der.element(r, "signed_certificate_timestamp_list"):
        der.read_header(r, der.OCTET_STRING)
        read_sct_list(r)


def read_features(r: Reader) -> None:
    """RFC 7633 §4.1: extensions of TLS that the server must answer."""
    with der.element(r, "features"):
        der.read_header(r, der.SEQUENCE)
        while r.remaining:
            der.read_integer(r, "tls_feature", registry=tls.EXTENSION_TYPES)


def read_precertificate_poison(r: Reader) -> None:
    """RFC 6962 §3.1."""
    der.read_null(r, "precertificate_poison")


def read_ocsp_nocheck(r: Reader) -> None:
    """RFC 6960 §4.2.2.2.1."""
    der.read_null(r, "ocsp_nocheck")


def read_nonce(r: Reader) -> None:
    """RFC 9654 §2.1: a number that comes back in the answer; some write it without its header."""
    if der.next_tag(r) == der.OCTET_STRING and der.is_element(r.peek(r.remaining)):
        der.read_octet_string(r, "nonce")
    else:
        r.rest("octet_string")


_FORMS: Final[Forms] = MappingProxyType(
    {
        "2.5.29.14": ("RFC 5280 §4.2.1.2", read_subject_key_identifier),
        "2.5.29.15": ("RFC 5280 §4.2.1.3", read_key_usage),
        "2.5.29.17": ("RFC 5280 §4.2.1.6", read_subject_alt_name),
        "2.5.29.18": ("RFC 5280 §4.2.1.7", read_issuer_alt_name),
        "2.5.29.19": ("RFC 5280 §4.2.1.9", read_basic_constraints),
        "2.5.29.30": ("RFC 5280 §4.2.1.10", read_name_constraints),
        "2.5.29.31": ("RFC 5280 §4.2.1.13", read_crl_distribution_points),
        "2.5.29.32": ("RFC 5280 §4.2.1.4", read_certificate_policies),
        "2.5.29.33": ("RFC 5280 §4.2.1.5", read_policy_mappings),
        "2.5.29.35": ("RFC 5280 §4.2.1.1", read_authority_key_identifier),
        "2.5.29.36": ("RFC 5280 §4.2.1.11", read_policy_constraints),
        "2.5.29.37": ("RFC 5280 §4.2.1.12", read_ext_key_usage),
        "2.5.29.46": ("RFC 5280 §4.2.1.15", read_crl_distribution_points),
        "2.5.29.54": ("RFC 5280 §4.2.1.14", read_inhibit_any_policy),
        "1.3.6.1.5.5.7.1.1": ("RFC 5280 §4.2.2.1", read_information_access),
        "1.3.6.1.5.5.7.1.11": ("RFC 5280 §4.2.2.2", read_information_access),
        "1.3.6.1.5.5.7.1.24": ("RFC 7633 §4.1", read_features),
        "1.3.6.1.5.5.7.48.1.2": ("RFC 9654 §2.1", read_nonce),
        "1.3.6.1.5.5.7.48.1.5": ("RFC 6960 §4.2.2.2.1", read_ocsp_nocheck),
        "1.3.6.1.4.1.11129.2.4.2": ("RFC 6962 §3.3", read_embedded_sct_list),
        "1.3.6.1.4.1.11129.2.4.3": ("RFC 6962 §3.1", read_precertificate_poison),
        "1.3.6.1.4.1.11129.2.4.5": ("RFC 6962 §3.3", read_embedded_sct_list),
    }
)
