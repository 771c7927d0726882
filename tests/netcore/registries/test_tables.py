"""Every file of a registry names the page that it comes from."""

from __future__ import annotations

from pathlib import Path

from netcore import registries
from netcore.registries.tables import read_numbers, read_rows

FOLDER = Path(registries.__path__[0])
# Lists that no registry has: one of our own, the tables of RFCs, the servers of the root zone.
ELSEWHERE = {
    "private_names.csv",
    "hpack_static_table.csv",
    "hpack_huffman_code.csv",
    "qpack_static_table.csv",
    "root_hints.csv",
}


def test_every_file_names_its_registry_and_page() -> None:
    files = [*FOLDER.glob("*.toml"), *(f for f in FOLDER.glob("*.csv") if f.name not in ELSEWHERE)]
    assert len(files) >= 5
    for path in files:
        text = path.read_text("utf-8")
        assert text.startswith("# IANA"), path
        assert "https://www.iana.org/assignments/" in text[:400], path


def test_numbers_may_be_written_in_decimal_or_hexadecimal() -> None:
    tables = read_numbers("tls.toml")
    assert tables["alerts"][40] == "handshake_failure"
    assert tables["signature_schemes"][0x0804] == "rsa_pss_rsae_sha256"


def test_rows_leave_out_comments_and_column_names() -> None:
    rows = list(read_rows("tls_cipher_suites.csv"))
    assert rows[0] == ["0x0000", "TLS_NULL_WITH_NULL_NULL"]
    assert len({value for value, _ in rows}) == len(rows)
