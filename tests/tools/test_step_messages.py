"""The player's sentences, read for translation."""

from __future__ import annotations

import io

from tools.step_messages import extract


def test_captions_and_questions_are_read_and_nothing_else() -> None:
    words = b'[a]\nask = "Why?"\ncaption = "So: {size}."\nweight = 3\n[b]\ncaption = "Then."\n'
    found = [text for _, _, text, _ in extract(io.BytesIO(words), {}, (), {})]
    assert found == ["Why?", "So: {size}.", "Then."]
