"""Policies in certificates: what an authority says of how it works (RFC 5280 §4.2.1)."""

from __future__ import annotations

from typing import Final

from netcore.dissect import der
from netcore.reader import Reader
from netcore.registries.oids import OIDS

_CPS: Final = "1.3.6.1.5.5.7.2.1"
_USER_NOTICE: Final = "1.3.6.1.5.5.7.2.2"


def read_certificate_policies(r: Reader) -> None:
    """RFC 5280 §4.2.1.4."""
    with der.element(r, "certificate_policies"):
        der.read_header(r, der.SEQUENCE)
        while r.remaining:
            with der.element(r, "policy_information") as group:
                der.read_header(r, der.SEQUENCE)
                oid = der.read_oid(r, "policy_identifier")
                group.label = OIDS.get(oid, oid)
                if r.remaining:
                    read_policy_qualifiers(r)


def read_policy_qualifiers(r: Reader) -> None:
    """RFC 5280 §4.2.1.4."""
    with der.element(r, "policy_qualifiers"):
        der.read_header(r, der.SEQUENCE)
        while r.remaining:
            with der.element(r, "policy_qualifier_info"):
                der.read_header(r, der.SEQUENCE)
                oid = der.read_oid(r, "policy_qualifier_id")
                if oid == _CPS:
                    der.read_string(r, "cps_uri")
                elif oid == _USER_NOTICE:
                    read_user_notice(r)
                else:
                    der.read_any(r, "qualifier")


def read_user_notice(r: Reader) -> None:
    """RFC 5280 §4.2.1.4."""
    with der.element(r, "user_notice"):
        der.read_header(r, der.SEQUENCE)
        if der.next_tag(r) == der.SEQUENCE:
            with der.element(r, "notice_ref"):
                der.read_header(r, der.SEQUENCE)
                der.read_string(r, "organization")
                with der.element(r, "notice_numbers"):
                    der.read_header(r, der.SEQUENCE)
                    while r.remaining:
                        der.read_integer(r, "notice_number")
        if r.remaining:
            der.read_string(r, "explicit_text")


def read_policy_mappings(r: Reader) -> None:
    """RFC 5280 §4.2.1.5."""
    with der.element(r, "policy_mappings"):
        der.read_header(r, der.SEQUENCE)
        while r.remaining:
            with der.element(r, "policy_mapping"):
                der.read_header(r, der.SEQUENCE)
                der.read_oid(r, "issuer_domain_policy")
                der.read_oid(r, "subject_domain_policy")


def read_policy_constraints(r: Reader) -> None:
    """RFC 5280 §4.2.1.11."""
    with der.element(r, "policy_constraints"):
        der.read_header(r, der.SEQUENCE)
        for number, name in ((0, "require_explicit_policy"), (1, "inhibit_policy_mapping")):
            if der.next_tag(r) == der.context(number):
                der.read_integer(r, name, tag=der.context(number))


def read_inhibit_any_policy(r: Reader) -> None:
    """RFC 5280 §4.2.1.14."""
    der.read_integer(r, "inhibit_any_policy")
