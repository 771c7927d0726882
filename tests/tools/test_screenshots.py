"""The pages that are photographed, as far as no browser is needed."""

from __future__ import annotations

import re
from urllib.request import urlopen

from tools.screenshots import (
    ACTS,
    FOLDER,
    SCREENS,
    SCROLLED_TO,
    STATIC,
    THEMES,
    embedding,
    identity,
    number_of,
    own_colours,
)


def test_a_page_of_another_origin_has_the_embed_in_a_frame() -> None:
    with (
        embedding("http://127.0.0.1:9/embed/x?view=story&step=6") as address,
        urlopen(address, timeout=10) as answer,
    ):
        body = answer.read().decode()
    assert '<iframe src="http://127.0.0.1:9/embed/x?view=story&amp;step=6"' in body
    assert 'name="color-scheme" content="light dark"' in body


def test_the_colours_of_states_are_kept_in_both_themes() -> None:
    sheet = (STATIC / "css" / "tokens.css").read_text()
    for state in ("ok", "warn", "err"):
        light, dark = re.findall("#([0-9A-F]{6})", sheet.partition(f"--{state}:")[2][:40])
        assert {bytes.fromhex(light), bytes.fromhex(dark)} <= set(own_colours())


def test_ids_and_numbers_are_read_off_addresses() -> None:
    assert identity("http://127.0.0.1:9/t/k3f9") == "k3f9"
    assert number_of("http://127.0.0.1:9/t/k3f9/e/44?u=1&f=24-40") == "44"


def test_every_picture_is_there_at_each_width_in_both_themes() -> None:
    names = {path.name.rsplit("-", 2)[0] for path in FOLDER.glob("*.png")}
    assert names >= {*ACTS, *SCROLLED_TO, "home", "trace", "steps", "bits", "share", "embed"}
    wanted = {f"{name}-{w}-{theme}.png" for name in names for w in SCREENS for theme in THEMES}
    assert {path.name for path in FOLDER.glob("*.png")} == wanted
