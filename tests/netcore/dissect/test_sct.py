"""Signed certificate timestamps, against what the library reads in the same certificate."""

from __future__ import annotations

from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from netcore.dissect.sct import read_sct_list
from netcore.field import find_all
from tests.netcore.dissect.elements import errors, read
from tools.vectors import VECTORS, read_octets, tree_of

SERVER = VECTORS / "x509_certificate" / "server_ec.hex"


def test_logs_and_moments_are_those_that_the_library_reads() -> None:
    octets, tree = read_octets(SERVER), tree_of(SERVER)
    certificate = x509.load_der_x509_certificate(octets)
    kind = x509.PrecertificateSignedCertificateTimestamps
    expected = list(certificate.extensions.get_extension_for_class(kind).value)
    logs = [octets[log.start // 8 : log.end // 8] for log in find_all(tree, "log_id")]
    assert logs == [sct.log_id for sct in expected]
    moments = [each.value for each in find_all(tree, "timestamp")]
    assert moments == [int(sct.timestamp.timestamp() * 1000 + 0.5) for sct in expected]
    assert len(moments) == 2


@given(st.binary(max_size=60))
def test_a_timestamp_of_any_octets_has_a_tree(octets: bytes) -> None:
    tree = read(read_sct_list, len(octets).to_bytes(2, "big") + octets)
    assert sum(leaf.length for leaf in tree.leaves()) == (len(octets) + 2) * 8
    assert not octets or errors(tree)
