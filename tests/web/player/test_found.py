"""Facts as captions have them."""

from __future__ import annotations

from web.player.found import LONGEST, found, shown


def test_counts_have_separators_and_text_is_cut() -> None:
    assert shown(18_204) == "18,204"
    assert len(shown("x" * 500)) <= LONGEST


def test_control_characters_from_outside_do_not_reach_a_caption() -> None:
    assert "\x1b" not in shown("a\x1b[31m")


def test_a_proposal_keeps_its_facts_in_order() -> None:
    assert found("chunk", text="3e", value=62).facts == (("text", "3e"), ("value", "62"))
