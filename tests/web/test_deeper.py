"""What a developer and a reader of RFCs are told beyond the words of a field."""

from __future__ import annotations

from netcore.field import Field
from web.deeper import deeper, standard_facts

LENGTH = Field("length", 24, 16, 512)
TYPE = Field("type", 0, 8, 22, label="handshake")
RECORD = Field("tls_record", 0, 40, spec="RFC 8446 §5.1", children=(TYPE, LENGTH))
OCTETS = bytes.fromhex("1603010200")


def test_a_developer_gets_octets_coding_python_and_what_would_break() -> None:
    told = {
        fact.name: fact.text for fact in deeper("tls_record", (RECORD, LENGTH), OCTETS).developer
    }
    assert told["Raw"] == "02 00"
    assert told["In Python"] == 'int.from_bytes(data[3:5], "big")'
    assert told["If it were wrong"].startswith("With 513 in place of 512")


def test_a_reader_of_rfcs_gets_section_name_parents_and_registry() -> None:
    facts = {fact.name: fact for fact in deeper("tls_record", (RECORD, TYPE), OCTETS).rfc}
    assert facts["In the standard"].href == ("https://www.rfc-editor.org/rfc/rfc8446#section-5.1")
    assert facts["Written there"].text == "uint8 type"
    assert facts["Within"].text == "tls_record"
    assert facts["Registry"].text == "IANA, TLS ContentType"
    assert facts["Registered as"].text == "handshake"


def test_each_standard_of_a_text_has_its_own_link() -> None:
    facts = standard_facts("RFC 6066 §3, RFC 7541 §Appendix B")
    assert [fact.href.rpartition("/")[2] for fact in facts] == [
        "rfc6066#section-3",
        "rfc7541#appendix-B",
    ]


def test_where_there_is_nothing_to_say_nothing_is_said() -> None:
    told = deeper("any", (Field("octets", 0, 0),), b"")
    assert told.developer == ()
    assert told.rfc == ()
