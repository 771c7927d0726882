"""How many wrong codes may be tried."""

from __future__ import annotations

from web.sharing.guesses import ALL, EACH, WINDOW_S, Guesses


def test_each_address_and_all_together_are_bounded_for_a_while() -> None:
    now = [0.0]
    guesses = Guesses(lambda: now[0])
    for _ in range(EACH):
        assert guesses.may("a")
        guesses.wrong("a")
    assert not guesses.may("a")
    assert guesses.may("b")
    for at in range(ALL - EACH):
        guesses.wrong(f"other {at}")
    assert not guesses.may("b")
    now[0] += WINDOW_S
    assert guesses.may("a")
