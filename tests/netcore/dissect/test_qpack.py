"""Instructions of QPACK: where each ends, as the dissector reads it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcore.dissect.qpack import (
    instruction_end,
    read_decoder_instruction,
    read_encoder_instruction,
    read_field_section,
)
from netcore.field import NOT_EXPLAINED, find
from netcore.reader import dissect
from tools.vectors import VECTORS, read_octets


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_an_instruction_of_a_vector_ends_where_its_octets_do(kind: str) -> None:
    for path in VECTORS.glob(f"qpack_{kind}_instruction/*.hex"):
        octets = read_octets(path)
        end = instruction_end(octets + b"more", 0, is_encoder=kind == "encoder")
        assert "cut" in path.stem or end == len(octets)
        assert instruction_end(octets[:-1] or b"\xff", 0, is_encoder=kind == "encoder") == -1


@settings(deadline=None, max_examples=400)
@given(st.binary(min_size=1, max_size=40), st.booleans())
def test_what_ends_is_read_without_a_gap(octets: bytes, is_encoder: bool) -> None:
    end = instruction_end(octets, 0, is_encoder=is_encoder)
    if end > 0:
        read = read_encoder_instruction if is_encoder else read_decoder_instruction
        tree = dissect(read, octets[:end], "qpack")
        gaps = [leaf for leaf in tree.leaves() if leaf.name == NOT_EXPLAINED]
        assert not gaps or any(field.error for field in tree.walk())


def test_an_index_of_the_static_table_has_its_entry_as_label() -> None:
    tree = dissect(read_field_section, bytes.fromhex("0000 d1 5000"), "qpack_field_section")
    index, name = find(tree, "index"), find(tree, "name_index")
    assert index is not None
    assert name is not None
    assert (index.label, name.label) == (":method: GET", ":authority")
