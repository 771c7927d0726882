"""Special addresses and names: the copies of IANA's registries, and our own list."""

from __future__ import annotations

import datetime
import re
from ipaddress import ip_network
from pathlib import Path

import pytest

from netcore.registries.special import NAMES_NOT_FETCHED, SPECIAL_PURPOSE_BLOCKS

REGISTRIES = Path(__file__).parents[3] / "netcore" / "registries"


def test_every_block_has_its_name_and_its_reference() -> None:
    blocks = {str(each.block): each for each in SPECIAL_PURPOSE_BLOCKS}
    assert len(blocks) == len(SPECIAL_PURPOSE_BLOCKS) == 51
    assert blocks["100.64.0.0/10"].name == "Shared Address Space"
    assert blocks["3fff::/20"].reference == "RFC 9637"
    assert all(each.name and each.reference for each in SPECIAL_PURPOSE_BLOCKS)
    assert ip_network("64:ff9b::/96") in {each.block for each in SPECIAL_PURPOSE_BLOCKS}


def test_a_reason_names_its_reference_where_there_is_one() -> None:
    assert NAMES_NOT_FETCHED["localhost"] == "localhost is a special-use name (RFC 6761)"
    assert NAMES_NOT_FETCHED["eap.arpa"] == "eap.arpa is a special-use name"
    assert NAMES_NOT_FETCHED["metadata.goog"] == "it is the metadata service of Google Cloud"


def test_names_are_in_the_form_in_which_the_guard_compares_them() -> None:
    for name in NAMES_NOT_FETCHED:
        assert name == name.lower().strip(".")
    assert "example.com" not in NAMES_NOT_FETCHED  # a public web site of IANA's own


@pytest.mark.parametrize(
    "file", ["ipv4_special_purpose.csv", "ipv6_special_purpose.csv", "special_use_names.csv"]
)
def test_the_copies_of_ianas_registries_are_younger_than_a_year(file: str) -> None:
    text = (REGISTRIES / file).read_text("utf-8")
    assert "https://www.iana.org/assignments/" in text
    checked = re.search(r"checked: (\d{4}-\d\d-\d\d)", text)
    assert checked is not None
    age = datetime.datetime.now(datetime.UTC).date() - datetime.date.fromisoformat(checked[1])
    assert age.days < 366, f"compare {file} with its registry and write the new date into it"
