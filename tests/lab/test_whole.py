"""The lab as a whole: what the home page offers."""

import pytest

from lab import BEHAVIOURS, Lab
from lab.behaviours import SHELVES

pytestmark = pytest.mark.wire


BY_NAME = [named.name for shelf in SHELVES for named in shelf.named]


def test_every_target_has_its_words_and_its_url(lab: Lab) -> None:
    names = [target.name for target in lab.targets]
    assert sorted(names) == sorted([*BEHAVIOURS, *BY_NAME])
    for target in lab.targets:
        assert target.title
        assert len(target.about) <= 75
        host = "localhost" if target.name == "own-machine" else f"{target.name}.lab.test"
        assert f"://{host}" in target.url


def test_shelves_are_short_enough_to_be_looked_over(lab: Lab) -> None:
    assert len(lab.shelves) == 16
    for shelf in lab.shelves:
        assert shelf.title
        assert shelf.about.endswith((".", "?"))
        assert 4 <= len(shelf.targets) <= 14
    titles = [target.title for target in lab.targets]
    assert len(set(titles)) == len(titles)


def test_a_target_may_ask_for_more_than_the_root(lab: Lab) -> None:
    asks = {target.name: target for target in lab.targets}
    assert asks["keep-alive"].url.endswith("/1")
    assert asks["100-continue"].ask.method == "POST"
    assert asks["100-continue"].ask.headers == (("Expect", "100-continue"),)
