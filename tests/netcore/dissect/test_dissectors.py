"""What holds for every dissector: partition, locality, totality, determinism; golden trees."""

from __future__ import annotations

import ast
import contextlib
import inspect
import ipaddress
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore import dissect as package
from netcore.dissect import DISSECTORS
from netcore.dissect.der_identifiers import dotted_oid
from netcore.field import NOT_EXPLAINED, Field
from netcore.reader import dissect
from netcore.registries.hpack import EOS, HUFFMAN_CODE
from tools.vectors import VECTORS, read_octets, render, tree_of

PATHS = sorted(VECTORS.glob("*/*.hex"))
VALID = [path for path in PATHS if not path.stem.startswith("broken_")]
NAMES = st.sampled_from(sorted(DISSECTORS))


def name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def explain(name: str, octets: bytes) -> Field:
    return dissect(DISSECTORS[name], octets, name.partition(".")[0])


def check_partition(field: Field) -> None:
    """The parts of a field touch, in order, and cover it."""
    at = field.start
    for child in field.children:
        assert child.start == at, f"{child.name} does not begin where what stands before it ends"
        check_partition(child)
        at = child.end
    if field.children:
        assert at == field.end, f"the parts of {field.name} do not cover it"


def own_values(leaf: Field, octets: bytes) -> set[object]:
    """Everything that the bits of a leaf alone can mean."""
    whole = int.from_bytes(octets, "big") >> (len(octets) * 8 - leaf.end)
    number = whole & ((1 << leaf.length) - 1)
    own = octets[leaf.start // 8 : leaf.end // 8]
    text = own.decode("latin-1")
    values: set[object] = {number, text}
    octet = HUFFMAN_CODE.get((leaf.length, number), EOS)
    if octet != EOS:
        values.add(chr(octet))
    if len(own) in (4, 16):
        values.add(str(ipaddress.ip_address(own)))
    values.add(dotted_oid(own))
    for coding in ("utf-8", "utf-16-be", "utf-32-be"):
        with contextlib.suppress(UnicodeDecodeError):
            values.add(own.decode(coding))
    if re.fullmatch("[0-9a-fA-F]+", text):
        values.add(int(text, 16))
    if re.fullmatch("[0-9]+", text, re.ASCII):
        values.add(int(text))
    return values


def check(name: str, octets: bytes) -> Field:
    """The four properties for these octets."""
    tree = explain(name, octets)
    assert (tree.start, tree.length) == (0, len(octets) * 8)
    check_partition(tree)
    assert sum(leaf.length for leaf in tree.leaves()) == len(octets) * 8
    for leaf in tree.leaves():
        assert leaf.value is None or leaf.value in own_values(leaf, octets), leaf
        assert leaf.name != NOT_EXPLAINED or leaf.error
    assert explain(name, octets) == tree
    return tree


@settings(deadline=None, max_examples=600)
@given(NAMES, st.binary(max_size=300))
def test_any_octets_have_a_tree(name: str, octets: bytes) -> None:
    check(name, octets)


@settings(deadline=None, max_examples=600)
@given(st.sampled_from(PATHS), st.floats(0, 1), st.binary(max_size=40))
def test_a_vector_that_is_cut_and_followed_by_noise_has_a_tree(
    path: Path, where: float, noise: bytes
) -> None:
    octets = read_octets(path)
    check(path.parent.name, octets[: int(len(octets) * where)] + noise)


@settings(deadline=None, max_examples=800)
@given(
    st.sampled_from(PATHS),
    st.lists(st.tuples(st.floats(0, 0.999), st.binary(min_size=1, max_size=3)), max_size=4),
)
def test_a_vector_with_changed_octets_has_a_tree(
    path: Path, changes: list[tuple[float, bytes]]
) -> None:
    octets = bytearray(read_octets(path))
    for where, new in changes:
        at = int(len(octets) * where)
        octets[at : at + len(new)] = new
    check(path.parent.name, bytes(octets))


@settings(deadline=None, max_examples=300)
@given(NAMES, st.sampled_from(PATHS))
def test_octets_of_another_format_have_a_tree(name: str, path: Path) -> None:
    check(name, read_octets(path))


@pytest.mark.parametrize("path", VALID, ids=name_of)
def test_every_octet_of_a_valid_vector_is_explained(path: Path) -> None:
    tree = check(path.parent.name, read_octets(path))
    assert [field.error for field in tree.walk() if field.error] == []
    assert NOT_EXPLAINED not in {field.name for field in tree.walk()}


@pytest.mark.parametrize("path", [path for path in PATHS if path not in VALID], ids=name_of)
def test_a_broken_vector_says_what_is_wrong(path: Path) -> None:
    tree = check(path.parent.name, read_octets(path))
    assert any(field.error for field in tree.walk())


@pytest.mark.parametrize("path", PATHS, ids=name_of)
def test_the_tree_of_a_vector_is_the_golden_one(path: Path) -> None:
    assert render(tree_of(path)) == path.with_suffix(".tree").read_text("utf-8")


@pytest.mark.parametrize("path", VALID, ids=name_of)
def test_a_leaf_whose_octets_did_not_change_keeps_its_value(path: Path) -> None:
    # A change in the last octet may change how far reading gets, but no value before it,
    # unless the value is of a group that refers back.
    octets = read_octets(path)
    if not octets:
        return
    before = {
        (leaf.start, leaf.length): leaf for leaf in explain(path.parent.name, octets).leaves()
    }
    changed = explain(path.parent.name, octets[:-1] + bytes([octets[-1] ^ 1]))
    for leaf in changed.leaves():
        old = before.get((leaf.start, leaf.length))
        if old is not None and leaf.end <= (len(octets) - 1) * 8 and old.name == leaf.name:
            assert leaf.value == old.value


def test_every_dissector_has_a_vector() -> None:
    # What is left uncut, or is no frame, is an error by its nature: no vector of it is valid.
    assert {path.parent.name for path in VALID} == set(DISSECTORS) - {"uncut", "quic_frame"}


def test_every_vector_says_where_its_octets_come_from() -> None:
    for path in PATHS:
        source = path.read_text("utf-8").splitlines()[0]
        assert re.match(r"# \w.{8,}", source), path


def _reading_functions() -> list[ast.FunctionDef]:
    files = Path(inspect.getfile(package)).parent.glob("*.py")
    trees = [ast.parse(path.read_text("utf-8")) for path in files]
    functions = [node for tree in trees for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [function for function in functions if function.name.startswith("read_")]


def test_every_function_that_reads_names_its_section() -> None:
    functions = _reading_functions()
    assert len(functions) > 60
    for function in functions:
        docstring = ast.get_docstring(function) or ""
        assert re.match(r"RFC \d+ §|X\.690 §|draft-|Not in an RFC", docstring), function.name


def _names_given(call: ast.Call) -> set[str]:
    """The names that a call gives fields: r.uint("name", ...), der.read_oid(r, "name")."""
    verb = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    at = 1 if verb.startswith("read_") or verb == "element" else 0
    name = call.args[at] if len(call.args) > at else None
    value = name.value if isinstance(name, ast.Constant) else None
    if not isinstance(value, str) or not re.fullmatch("[a-z0-9_]+", value):
        return set()  # a variable, or a section
    if verb in ("opaque", "vector"):
        return {value, f"{value}_length"}
    verbs = ("uint", "flag", "octets", "text", "rest", "group", "block")
    return {value} if at or verb in verbs else set()


def test_every_name_that_can_be_given_occurs_in_a_vector() -> None:
    seen = {field.name for path in PATHS for field in tree_of(path).walk()}
    given_names: set[str] = set()
    for function in _reading_functions():
        for call in ast.walk(function):
            if isinstance(call, ast.Call):
                given_names |= _names_given(call)
    assert len(given_names) > 80
    assert given_names - seen == set()


def test_a_client_hello_is_explained_in_under_a_millisecond() -> None:
    octets = read_octets(VECTORS / "tls_handshake" / "client_hello_python.hex")
    best = min(_seconds(octets) for _ in range(20))
    assert best < 0.001


def _seconds(octets: bytes) -> float:
    start = time.perf_counter()
    explain("tls_handshake", octets)
    return time.perf_counter() - start


HOSTILE = {
    "http1_response_head": b"HTTP/1.1 200 OK\r\nX: a" + b"\n b" * 21_000 + b"\r\n\r\n",
    "http1_trailer_section": b"a:b\r\n" * 12_000,
    "http1_chunk": b"0" * 60_000,
    "tls_handshake": b"\x01\x00\xff\xff\x03\x03" + bytes(33) + b"\xff\xfe" + b"\xc0\x2f" * 32_767,
    "tls_handshake.tls13": b"\x0b\x1e\x84\x80\x00\x1e\x84\x70" + bytes(2_000_000),
    "x509_certificate": b"\x30\x83\x09\x27\xc0" * 4 + b"\x05\x00" * 300_000,
    "http2_settings": b"\xff\xff\xff\4\0\0\0\0\0" + b"\0\1\0\0\1\0" * 100_000,
    "http2_field_section": b"a: b\r\n" * 12_000,
    "hpack_field_block": b"\0\xff\x81\xfe\1"
    + b"\x18" * 32_640
    + (b"\xff\x91\3" + b"\x18" * 528) * 999,
    "dns_message": bytes.fromhex("000081800000ffff00000000") + b"\x01a" * 30_000,
    "quic_packet_version_negotiation": bytes.fromhex("8000000000 00 00") + b"abcd" * 16_000,
    "quic_frame_ack": bytes.fromhex("02 bfffffff 00 8000ffff 00") + b"\0\0" * 65_535,
    "quic_transport_parameters": b"\x01\x01\x05" * 21_000,
    "http3_settings": bytes.fromhex("04 80030d40") + b"\x21\x01" * 100_000,
    "http3_field_section": b"a: b\r\n" * 12_000,
    "qpack_field_section": b"\0\0" + b"\xd1" * 130_000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_unit_takes_a_bounded_time(name: str) -> None:
    octets = HOSTILE[name]
    start = time.process_time()
    tree = explain(name, octets)
    assert time.process_time() - start < 1
    assert sum(leaf.length for leaf in tree.leaves()) == len(octets) * 8
    assert sum(1 for _ in tree.walk()) < 60_000
