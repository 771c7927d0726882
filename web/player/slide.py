"""Slide: one step, large: its stages, its arrow, its octets with their names, its words.

The same slide is projected, printed, and may be shown inside another page: `slides` makes it,
the macro `slide` of templates/components/slide.html draws it.
"""

from __future__ import annotations

from dataclasses import dataclass

from netcore.field import Field
from web import words
from web.calls import Call, call_of
from web.deeper import Deeper, told_by
from web.facts import clean
from web.fieldtree import Path, paths, size_of, value_of
from web.phrases import stage_layer
from web.player import octets
from web.player.octets import OctetStrip, octet_strip
from web.player.sketch import NARROW, Sketch, sketch
from web.player.steps import Step, steps
from web.player.view import StepLine, lines
from web.rules import event_rule, field_rule
from web.tale import Tale
from web.titles import unit_title

MOST_FIELDS = 7  # of a unit, on a slide


@dataclass(frozen=True)
class SlideStage:
    """A stage of the story: passed, shown now, or still to come."""

    title: str
    css: str
    current: bool


@dataclass(frozen=True)
class SlideField:
    """A field beside the one that the step is about."""

    name: str
    value: str
    size: str
    depth: int
    current: bool


@dataclass(frozen=True)
class Slide:
    """One step of a trace, large."""

    line: StepLine
    count: int
    host: str
    stages: tuple[SlideStage, ...]
    sketch: Sketch
    before: Sketch  # as it was a step ago: what stands behind a question
    narrow: Sketch  # both for a narrow screen
    narrow_before: Sketch
    unit: str  # what the octets are
    strip: OctetStrip | None  # None where no octets crossed
    narrow_strip: OctetStrip | None
    fields: tuple[SlideField, ...]
    call: Call | None
    told: Deeper  # the bug of forgetting it, and the rule with what was verified


def slides(tale: Tale, base: str, number: int = 0) -> tuple[Slide, ...]:
    """The slides of a trace.

    Args:
        tale: the trace.
        base: the path of the trace, "/t/<id>".
        number: of the one step that is wanted, counted from 1; 0 for all.
    """
    told, chosen = lines(tale, base), steps(tale)
    wanted = range(1, len(chosen) + 1) if not number else range(number, number + 1)
    return tuple(_slide(tale, chosen, told, at) for at in wanted if 0 < at <= len(chosen))


def _slide(tale: Tale, chosen: tuple[Step, ...], told: tuple[StepLine, ...], number: int) -> Slide:
    step = chosen[number - 1]
    event = tale.trace.events[step.event - 1]
    units = tale.explanation.of_event(step.event)
    pdu = units[step.unit - 1] if step.unit else None
    strip: OctetStrip | None = None
    narrow_strip: OctetStrip | None = None
    fields: tuple[SlideField, ...] = ()
    unit, rule = "", event_rule(event)
    if pdu is not None:
        keyed = paths(tale.explanation.tree(pdu))
        path = keyed.get(step.field) or next(iter(keyed.values()))
        field = path[-1] if step.field else None
        strip = octet_strip(pdu.octets, keyed, field)
        narrow_strip = octet_strip(pdu.octets, keyed, field, octets.NARROW)
        fields, unit = _fields(path, pdu.octets), clean(unit_title(pdu), 60)
        family = words.family_of(pdu.protocol, [each.name for each in path])
        rule = field_rule(family, path, pdu.octets)
    return Slide(
        line=told[number - 1],
        count=len(told),
        host=clean(tale.trace.url.partition("://")[2] or tale.trace.url, 60),
        stages=_stages(tale, told, number),
        sketch=sketch(tale.timeline.lanes, chosen, number),
        before=sketch(tale.timeline.lanes, chosen, number - 1),
        narrow=sketch(tale.timeline.lanes, chosen, number, NARROW),
        narrow_before=sketch(tale.timeline.lanes, chosen, number - 1, NARROW),
        unit=unit,
        strip=strip,
        narrow_strip=narrow_strip,
        fields=fields,
        call=None if tale.trace.origin else call_of(event, tale.trace.software),
        told=_projected(told_by(rule)),
    )


def _projected(told: Deeper) -> Deeper:
    """Without links to the standard, which nobody can follow on a wall or on paper."""
    return Deeper(told.developer, tuple(fact for fact in told.rfc if not fact.href))


def _stages(tale: Tale, told: tuple[StepLine, ...], number: int) -> tuple[SlideStage, ...]:
    """The stages that have steps, in order; of several requests those of the one that is shown."""
    line = told[number - 1]
    reached = {each.stage for each in told[:number] if each.hop == line.hop}
    spans = [span for span in tale.timeline.stages if span.hop == line.hop]
    names = list(dict.fromkeys(span.name for span in spans if span.name != "target"))
    now = names.index(line.stage) if line.stage in names else -1
    shown: list[SlideStage] = []
    for at, name in enumerate(names):
        css = f"L-{stage_layer(name, spans)}" + (" wait" if name == "waiting" else "")
        state = "" if at <= now or name in reached else " future"
        shown.append(SlideStage(words.stage(name).title, css + state, at == now))
    return tuple(shown)


def _fields(path: Path, octets: bytes) -> tuple[SlideField, ...]:
    """The way from the unit to the field, and the fields beside it."""
    field = path[-1]
    parent = path[-2] if len(path) > 1 else field
    siblings = parent.children or (parent,)
    at = next((index for index, each in enumerate(siblings) if each is field), 0)
    first = max(0, min(at - MOST_FIELDS // 2, len(siblings) - MOST_FIELDS))
    outer = tuple(_row(each, octets, depth) for depth, each in enumerate(path[:-1][-3:]))
    beside = siblings[first : first + MOST_FIELDS]
    return (*outer, *(_row(each, octets, len(outer), each is field) for each in beside))


def _row(field: Field, octets: bytes, depth: int, current: bool = False) -> SlideField:
    value = value_of(field, octets)
    if field.label and field.label != value:
        value = f"{value} ({clean(field.label, 40)})" if value else clean(field.label, 40)
    return SlideField(field.name, value, size_of(field), depth, current)
