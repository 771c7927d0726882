"""Parts: the pieces of a trace page that change while the trace runs, rendered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app
from markupsafe import escape

from web.feed import Standing
from web.tale import Tale
from web.views import TraceView, trace_view

TEMPLATE = "components/parts.html"
PATH = "components/path.html"
SAVING = "components/save.html"
TALKING = "components/talk.html"
WALK = "components/walk.html"


@dataclass(frozen=True)
class Parts:
    """Rendered pieces: marks and rows by number, regions by the id of their element."""

    marks: dict[int, tuple[str, str, str]]  # lying, standing, row of the table; "" if not drawn
    regions: dict[str, str]
    lanes: dict[str, str]
    size: dict[str, tuple[int, int]]
    stage: str  # the stage that runs

    def since(self, before: Parts) -> dict[str, Any]:
        """What has to be sent to somebody who has `before`."""
        return {
            "marks": [
                {"n": number, "wide": wide, "ladder": ladder, "row": row}
                for number, (wide, ladder, row) in self.marks.items()
                if before.marks.get(number) != (wide, ladder, row)
            ],
            "gone": [number for number in before.marks if number not in self.marks],
            "order": self._order(before),
            "regions": {
                name: html for name, html in self.regions.items() if before.regions[name] != html
            },
            "lanes": self.lanes if self.lanes != before.lanes else None,
            "size": self.size if self.size != before.size else None,
        }

    def _order(self, before: Parts) -> list[int] | None:
        """All marks in order, where what is new does not go to the end: it had come before."""
        stayed = [number for number in before.marks if number in self.marks]
        order = list(self.marks)
        return None if order[: len(stayed)] == stayed else order


def parts_of(tale: Tale, trace_id: str, standing: Standing) -> Parts:
    """The parts of the page of a trace as it is now. Needs an application context."""
    view = trace_view(tale, standing, trace_id, 0)
    macros = _macros(TEMPLATE)
    wide_drawing = view.picture.drawing
    wide = [str(macros.drawn(mark, view.base, "m")) for mark in wide_drawing.marks]
    ladder = [str(macros.drawn(mark, view.base, "l")) for mark in view.ladder.marks]
    rows = [str(macros.row(row)) for row in view.rows]
    missing = len(rows) - len(wide)
    drawn = zip(view.rows, wide + [""] * missing, ladder + [""] * missing, rows, strict=True)
    stages = tale.timeline.stages
    return Parts(
        marks={row.number: (lying, standing, html) for row, lying, standing, html in drawn},
        regions=_regions(view),
        lanes={
            "names": str(macros.names(wide_drawing)),
            "wide": str(macros.lanes(wide_drawing)),
            "ladder": str(macros.lanes(view.ladder)),
            "links": str(macros.links(view.ladder)),
        },
        size={
            "names": (wide_drawing.names, wide_drawing.height),
            "wide": (wide_drawing.width, wide_drawing.height),
            "ladder": (view.ladder.width, view.ladder.height),
        },
        stage=f"{stages[-1].hop} {stages[-1].name}" if stages else "",
    )


def _macros(template: str) -> Any:
    return current_app.jinja_env.get_template(template).module


def _regions(view: TraceView) -> dict[str, str]:
    macros, talking = _macros(TEMPLATE), _macros(TALKING)
    return {
        "summary": str(macros.summary(view.summary)),
        "failure": str(macros.failure(view.failure)),
        "path": str(_macros(PATH).path(view.path)),
        "stages": str(macros.stages(view.picture.stages)),
        "walk": str(_macros(WALK).walk(view.walk)),
        "heading": str(escape(view.heading)),
        "rows-caption": str(escape(view.row_caption)),
        "save-files": str(_macros(SAVING).save_files(view.exports)),
        "save-note": str(escape(view.gives_away)),
        "talk-lines": str(talking.talk_lines(view.talk)),
        "talk-accept": str(talking.talk_accept(view.talk)),
    }
