"""Templates are compiled once for a whole run of the tests, not once for each application."""

from __future__ import annotations

from types import CodeType
from typing import ClassVar

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class Compiled(BytecodeCache):
    """Keeps what was compiled in memory, by the name and the text of a template."""

    kept: ClassVar[dict[tuple[str, str], CodeType | None]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket with what was kept, if it was."""
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what a bucket holds."""
        self.kept[bucket.key, bucket.checksum] = bucket.code


def keep_compiled_templates() -> None:
    """Have every application of this process share what was compiled."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}
