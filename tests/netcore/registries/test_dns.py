"""DNS numbers, against those that dnspython knows."""

from __future__ import annotations

import dns.dnssectypes
import dns.edns
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.svcbbase

from netcore.registries.dns import (
    CLASSES,
    DNSSEC_ALGORITHMS,
    DS_DIGEST_TYPES,
    EDNS_OPTIONS,
    EXTENDED_DNS_ERRORS,
    OPCODES,
    RCODES,
    RESOURCE_RECORD_TYPES,
    SVC_PARAM_KEYS,
)


def test_types_have_the_names_that_dnspython_gives_them() -> None:
    for number in dns.rdatatype.RdataType:
        if number not in (dns.rdatatype.TYPE0, dns.rdatatype.ANY):
            assert RESOURCE_RECORD_TYPES[number] == dns.rdatatype.to_text(number)
    assert RESOURCE_RECORD_TYPES[255] == "*"


def test_other_numbers_have_the_names_that_dnspython_gives_them() -> None:
    for rcode in dns.rcode.Rcode:
        assert RCODES[rcode].upper() == rcode.name
    for opcode in dns.opcode.Opcode:
        assert OPCODES[opcode].upper() == opcode.name
    assert {CLASSES[number] for number in (1, 3, 4, 254, 255)} == {"IN", "CH", "HS", "NONE", "ANY"}
    assert {int(code) for code in dns.edns.EDECode} - set(EXTENDED_DNS_ERRORS) <= {31, 32}
    assert EDNS_OPTIONS[10] == "COOKIE"


def test_numbers_of_dnssec_and_services_have_the_names_that_dnspython_gives_them() -> None:
    for algorithm in set(dns.dnssectypes.Algorithm) & set(DNSSEC_ALGORITHMS):
        assert DNSSEC_ALGORITHMS[algorithm].replace("-", "") == algorithm.name.replace("_", "")
    assert set(dns.dnssectypes.Algorithm) - set(DNSSEC_ALGORITHMS) == {4}  # reserved
    for digest in dns.dnssectypes.DSDigest:
        if digest:
            assert DS_DIGEST_TYPES[digest]
    for key in dns.rdtypes.svcbbase.ParamKey:
        assert SVC_PARAM_KEYS[key] == key.name.lower().replace("_", "-")
