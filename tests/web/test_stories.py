"""The three stories: each step asks, then shows the place in an example that answers."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from lab.behaviours import BEHAVIOURS
from web.compare.story import LAB_SETS
from web.stories import StepView, Story, all_stories, step_view

STEPS = [(story, at) for story in all_stories() for at in range(1, len(story.steps) + 1)]


def test_there_are_three_in_their_order() -> None:
    assert [story.number for story in all_stories()] == [1, 2, 3]


@pytest.mark.parametrize(("story", "number"), STEPS, ids=lambda x: getattr(x, "slug", x))
def test_a_step_asks_before_it_shows_and_opens_the_right_place(
    client: FlaskClient, story: Story, number: int
) -> None:
    page = html.unescape(client.get(f"{story.href}/{number}").text)
    step = step_view_of(client, story.slug, number)
    assert f"Step {number} of {len(story.steps)}" in page
    assert step.ask.endswith("?")
    assert page.index(step.ask) < page.index("<details")
    assert "{" not in step.reveal
    place = client.get(step.excerpt.href).text
    assert step.excerpt.title in html.unescape(place)
    if step.excerpt.name:
        assert re.search(r'class="field on"', place)
    assert step.excerpt.rows or step.excerpt.call
    assert not step.lab or step.lab in BEHAVIOURS
    assert not step.compare or step.compare in LAB_SETS
    assert client.get(step.present).status_code == 200


def step_view_of(client: FlaskClient, slug: str, number: int) -> StepView:
    """The view, as a request sees it."""
    story = next(each for each in all_stories() if each.slug == slug)
    with client.application.test_request_context("/"):
        return step_view(story, number)


def test_one_walks_through_a_story_and_on_to_the_next(client: FlaskClient) -> None:
    href, walked = all_stories()[0].href, 0
    while walked < 40:
        walked += 1
        page = client.get(href).text
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        if onward is None:
            break
        assert client.get(onward[1]).status_code == 200
        href = onward[1]
    assert walked == len(all_stories()[0].steps)
    assert f'href="{all_stories()[1].href}"' in page
    back = re.search(r'rel="prev" href="([^"]+)"', page)
    assert back is not None
    assert client.get(back[1]).status_code == 200


def test_the_last_story_leads_to_the_exercises(client: FlaskClient) -> None:
    last = all_stories()[-1]
    assert "Go on with the exercises" in client.get(f"{last.href}/{len(last.steps)}").text


def test_steps_that_are_done_look_so_and_to_look_comes_before_to_go_on(client: FlaskClient) -> None:
    page = client.get("/stories/why-so-many-hellos/3").text
    assert page.count('<li class="done">') == 2
    assert 'class="button next" rel="next"' in page
    assert page.count("button primary") == 1


@pytest.mark.parametrize("path", ["nothing", "what-http2-saved/0", "what-http2-saved/99"])
def test_there_are_no_other_stories_and_steps(client: FlaskClient, path: str) -> None:
    assert client.get(f"/stories/{path}").status_code == 404


def test_what_is_said_of_costs_holds_for_the_examples(client: FlaskClient) -> None:
    """The texts say "more" and "the same"; the recordings have to agree."""
    last = step_view_of(client, "what-http2-saved", len(all_stories()[2].steps)).reveal
    numbers = [int(number) for number in re.findall(r"(\d+) bytes", last)]
    *opening, head = numbers
    assert sum(opening) > head
