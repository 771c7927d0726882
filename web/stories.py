"""Stories: three walks of a few minutes through the examples, with a question before each answer.

Their texts are content/stories/<slug>.toml. A step names what it shows by the names of units and
fields, and numbers in its texts are facts of the example, so that both hold for one that was
recorded anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, abort
from flask import render_template as render

from web import words
from web.breakdown import Breakdown, breakdown
from web.examples import example
from web.facts import FieldFacts, clean, size
from web.fieldtree import Row, value_of
from web.language import language
from web.overlay import read_file, spoken_in
from web.panes import Panes, Selection, panes
from web.places import Place, find_place
from web.spoken import gettext as _
from web.tale import Tale, tell
from web.written import written

FOLDER: Final = Path(__file__).resolve().parent.parent / "content" / "stories"
ROWS_BEFORE: Final = 1  # of sixteen bytes, above the first that is meant
ROWS: Final = 4

stories = Blueprint("stories", __name__)


@dataclass(frozen=True)
class Story:
    """A story as it is offered."""

    slug: str
    number: int
    title: str
    about: str
    steps: tuple[Mapping[str, Any], ...]

    @property
    def href(self) -> str:
        """Where it begins."""
        return f"/stories/{self.slug}"


@dataclass(frozen=True)
class Excerpt:
    """What a step shows of an example, and where all of it is opened."""

    href: str
    title: str
    layer: str
    name: str  # of the field that is meant, or ""
    value: str
    rows: tuple[Row, ...]
    call: str  # where no bytes are meant: the call
    parts: Breakdown | None


@dataclass(frozen=True)
class StepView:
    """One step of a story."""

    story: Story
    number: int
    title: str
    text: words.Text
    ask: words.Text
    reveal: words.Text
    excerpt: Excerpt
    lab: str  # the server of the lab that shows the same, or ""
    compare: str  # the set of the lab's servers that shows the difference, or ""
    present: str  # the whole example, a step a slide
    before: str  # links, or ""
    after: str
    next_story: Story | None  # behind the last step


def all_stories() -> tuple[Story, ...]:
    """The stories in their order, in the language of the request."""
    return _stories(language())


@cache
def _stories(spoken: str) -> tuple[Story, ...]:
    found = []
    for path in FOLDER.glob("*.toml"):
        entry = read_file(words.CONTENT, f"stories/{path.name}", spoken)
        steps = tuple(entry["step"])
        found.append(Story(path.stem, entry["number"], entry["title"], entry["about"], steps))
    return tuple(sorted(found, key=lambda story: story.number))


@stories.get("/stories/<slug>")
@stories.get("/stories/<slug>/<int:number>")
def page(slug: str, number: int = 1) -> str:
    """A step of a story; the first one where none is named."""
    story = next((story for story in all_stories() if story.slug == slug), None)
    if story is None or not 0 < number <= len(story.steps):
        abort(404, _("There is no such story, or it has no such step."))
    return render("pages/story.html", step=step_view(story, number), all_stories=all_stories())


def step_view(story: Story, number: int) -> StepView:
    """A step. In: `number`, counted from 1, of a step that exists."""
    step = story.steps[number - 1]
    facts = {
        name: written(_fact(step, wanted), language())
        for name, wanted in step.get("facts", {}).items()
    }

    def told(key: str) -> words.Text:
        return words.text(step[key].format_map(facts), spoken_in(step[key]))

    last = number == len(story.steps)
    following = next((each for each in all_stories() if each.number == story.number + 1), None)
    return StepView(
        story=story,
        number=number,
        title=step["title"],
        text=told("text"),
        ask=told("ask"),
        reveal=told("reveal"),
        excerpt=_excerpt(step["trace"], _place(step["trace"], step["open"])),
        lab=step.get("lab", ""),
        compare=step.get("compare", ""),
        present=f"/t/{step['trace']}/present",
        before=f"{story.href}/{number - 1}" if number > 1 else "",
        after="" if last else f"{story.href}/{number + 1}",
        next_story=following if last else None,
    )


@cache
def _tale(trace_id: str) -> Tale:
    trace = example(trace_id)
    assert trace is not None, f"{trace_id} is no example"
    return tell(trace)


def _place(trace_id: str, wanted: Mapping[str, Any]) -> Place:
    return find_place(_tale(trace_id), wanted)


def _fact(step: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    """A number or a name from an example: the value of a field, the size of a unit.

    `is = "size"` asks for the size of a field too; `trace` names another example.
    """
    place = _place(wanted.get("trace", step["trace"]), wanted)
    field = place.path[-1]
    if "field" not in wanted or wanted.get("is") == "size":
        return size(field.length // 8)
    facts = FieldFacts(place.path, place.octets)
    return clean(field.label) or facts.shown("value") or value_of(field, place.octets)


def _excerpt(trace_id: str, place: Place) -> Excerpt:
    base = f"/t/{trace_id}"
    shown = panes(_tale(trace_id), base, place.event, Selection(place.unit, place.field))
    view = shown.view if place.unit else None
    field = place.path[-1] if place.path else None
    return Excerpt(
        href=f"{base}/e/{place.event}{place.query}",
        title=view.title if view else shown.title,
        layer=shown.layer,
        name=field.name if field and place.field else "",
        value=view.detail.value if view and place.field else "",
        rows=_rows(shown, place),
        call=shown.call.text if shown.call and not view else "",
        parts=breakdown(view.tree) if view and field and field.children else None,
    )


def _rows(shown: Panes, place: Place) -> tuple[Row, ...]:
    """The rows around what is meant."""
    if shown.view is None or not place.path:
        return ()
    first = place.path[-1].start // 8 // 16 - shown.view.octets.first // 16 - ROWS_BEFORE
    first = max(0, first)
    return shown.view.octets.rows[first : first + ROWS]
