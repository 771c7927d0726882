"""Pages keep to their weight, and the first page of a long trace has five hundred rows."""

from __future__ import annotations

import pytest
from flask import Flask

from bench.weights import CAP, ROWS, Weight, keep, page, rows, weights


def test_each_part_of_a_trace_page_keeps_to_its_budget(app: Flask) -> None:
    over = [each for each in weights(app) if not each.keeps]
    assert over == []


def test_the_first_page_of_a_long_trace_has_five_hundred_rows(app: Flask) -> None:
    path = keep(app, CAP)
    assert rows(page(app, path)) == ROWS
    assert rows(page(app, f"{path}/list?page=2")) == ROWS
    assert page(app, f"{path}/list").count("page=2") >= 1


def test_what_is_over_its_budget_does_not_keep_to_it() -> None:
    assert Weight("a page", 10, 10).keeps
    assert not Weight("a page", 11, 10).keeps


def test_a_page_that_is_not_there_weighs_nothing_that_could_be_measured(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="404"):
        page(app, "/t/nothing")
