"""Status codes and field names of HTTP, by IANA (the files name each registry)."""

from __future__ import annotations

from typing import Final, NamedTuple

from netcore.registries.tables import read_numbers, read_rows


class FieldName(NamedTuple):
    """What the registry says of a field name."""

    status: str  # "permanent", "provisional", "deprecated", "obsoleted"
    reference: str  # "RFC 9110 §8.6", or the title of a document that is no RFC


STATUS_CODES: Final = read_numbers("http.toml")["status_codes"]

FIELD_NAMES: Final = {
    name.lower(): FieldName(status, reference)
    for name, status, reference in read_rows("http_field_names.csv")
}
"""By name in lower case."""
