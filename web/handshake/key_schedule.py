"""The keys of a connection: each secret and key with its step, and a record that they open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from netcore.handshake.conversations import Conversation, conversations
from netcore.handshake.key_schedule import key_schedule
from netcore.handshake.script import lines_of, script
from netcore.handshake.steps import (
    CBC_DECRYPT,
    CONCATENATE,
    DERIVED,
    NOT_KNOWN,
    RECORDED,
    Input,
    KeySchedule,
    Step,
)
from netcore.pdu import Pdu
from web import words
from web.addresses import unit_href
from web.facts import Raw, clean, size
from web.handshake.conversation import VERSIONS
from web.overlay import by_engine
from web.spoken import N_, figure, ngettext
from web.spoken import gettext as _
from web.tale import Tale
from web.titles import unit_title

SHOWN_OCTETS = 256  # of a value; more are counted
FIRST_OCTETS = 8
RECORD_OCTETS = 32  # that are shown of a record, closed and opened
_DIGESTS = {"sha256": "SHA-256", "sha384": "SHA-384", "sha1": "SHA-1", "": "MD5 and SHA-1"}
_CERTAINTY = {
    DERIVED: ("known", N_("derived")),
    RECORDED: ("known", N_("observed")),
    NOT_KNOWN: ("unknown", N_("not known")),
}
_RECEIVED_IN = {
    "verify_data": "Finished",
    "binder": N_("the ClientHello"),
    "mac": N_("the record"),
    "plaintext": N_("the opened record"),
}


@dataclass(frozen=True)
class InputView:
    """What goes into a step."""

    name: str  # of the parameter
    text: str
    href: str  # to the step or to the message that it comes from, "" for a constant


@dataclass(frozen=True)
class StepView:
    """One value of the schedule."""

    anchor: str
    name: str
    function: str
    inputs: tuple[InputView, ...]
    css: str
    certainty: str  # "derived", "observed" or "not known"
    source: str  # where the value is known from, or why it is not
    first: str  # the first bytes
    value: str  # all of them, up to a limit
    size: str
    what: words.Text
    why: words.Text
    spec: str
    code: str
    opened: str  # "opened 3 records", "" for none
    opened_href: str  # to the first of them


@dataclass(frozen=True)
class StageView:
    """Steps that belong together."""

    title: str
    what: words.Text
    steps: tuple[StepView, ...]


@dataclass(frozen=True)
class RecordView:
    """The record that the schedule ends in."""

    href: str
    title: str
    size: str
    before: str  # first bytes as they crossed
    after: str  # first bytes once opened
    text: str  # the same as text


@dataclass(frozen=True)
class KeyScheduleView:
    """The section; without stages `none` says why."""

    intro: words.Explanation | None
    none: words.Text
    certificate: words.Explanation | None
    stages: tuple[StageView, ...]
    record: RecordView | None
    left_out: words.Text
    script_href: str
    script_note: words.Text


def key_schedule_view(conversation: Conversation, tale: Tale, base: str) -> KeyScheduleView:
    """The key schedule of one connection.

    In: `base`, the path of the trace, which links begin with.
    """
    schedule = key_schedule(conversation, tale.explanation)
    if not schedule.steps:
        reason = {"reason": schedule.reason}
        none = words.handshake("keys_none", reason).what
        return KeyScheduleView(None, none, None, (), None, words.Text(), "", words.Text())
    facts = _facts(conversation, schedule)
    view = _View(schedule, tale, base, facts)
    left_out = words.handshake("keys_left_out", facts).what if schedule.left_out else words.Text()
    return KeyScheduleView(
        intro=words.handshake("keys", facts),
        none=words.Text(),
        certificate=words.handshake("keys_certificate", {"kind": _use_of_certificate(schedule)}),
        stages=tuple(view.stages()),
        record=view.record(),
        left_out=left_out,
        script_href=f"{base}/tls/{conversation.number}.py",
        script_note=words.handshake("keys_script", {}).what,
    )


def key_schedule_script(conversation: Conversation, tale: Tale, name: str) -> str:
    """The steps as a Python program, "" where there are none. In: the file's `name`."""
    schedule = key_schedule(conversation, tale.explanation)
    if not schedule.steps:
        return ""
    facts = _facts(conversation, schedule)
    about = f"{facts['version']} with {facts['cipher_suite']}."
    return script(schedule, about, name)


def write_key_href(pdu: Pdu, tale: Tale, base: str) -> str:
    """Where the key is told that opened the first record of a unit; "" if none is told.

    In: `base`, the path of the trace, which the link begins with.
    """
    record = next(iter(tale.explanation.ground(pdu.origin[0])), None)
    if record is None:
        return ""
    number = record.channel.partition(":")[2].partition(".")[0]
    for conversation in conversations(tale.explanation):
        if conversation.number == number:
            for step in key_schedule(conversation, tale.explanation).steps:
                if step.kind == "write_key" and record in [each.origin[0] for each in step.opens]:
                    return f"{base}/tls/{number}/keys#{_anchor(step.name)}"
    return ""


def _facts(conversation: Conversation, schedule: KeySchedule) -> dict[str, Raw]:
    """What every text of the section may name."""
    known = [step.certainty for step in schedule.steps]
    names = {step.kind for step in schedule.steps}
    return {
        "version": VERSIONS.get(conversation.hellos.version),
        "cipher_suite": conversation.hellos.cipher_suite,
        "steps": len(known),
        "known": len(known) - known.count(NOT_KNOWN),
        "derived": known.count(DERIVED),
        "recorded": known.count(RECORDED),
        "left_out": schedule.left_out,
        "resumed": "psk" in names,
        "extended": "session_hash" in names,
        "aead": _cipher(conversation.hellos.cipher_suite),
    }


def _use_of_certificate(schedule: KeySchedule) -> str:
    kinds = {step.kind for step in schedule.steps}
    if "encrypted_secret" in kinds:
        return "encrypted_secret"
    return "none" if kinds & {"psk", "old_secret"} else "signed"


def _cipher(suite: str) -> str:
    """ "AES-128-GCM" for "TLS_AES_128_GCM_SHA256"."""
    named = suite.removeprefix("TLS_").rpartition("_WITH_")[2]
    return named.rpartition("_SHA")[0].replace("_", "-") or named.replace("_", "-")


class _View:
    """Makes the views of one schedule."""

    def __init__(
        self, schedule: KeySchedule, tale: Tale, base: str, facts: Mapping[str, Raw]
    ) -> None:
        self._schedule, self._tale, self._base, self._common = schedule, tale, base, facts
        self._hrefs: dict[int, str] = {}

    def stages(self) -> Iterable[StageView]:
        """Steps in a row of one stage."""
        for stage, steps in groupby(self._schedule.steps, lambda step: step.stage):
            text = words.handshake(f"stage_{stage}", self._common)
            yield StageView(text.ask, text.what, tuple(map(self._step, steps)))

    def record(self) -> RecordView | None:
        """The record on screen, closed and opened."""
        plain = [step for step in self._schedule.steps if step.kind == "plaintext"]
        if not plain or plain[0].output is None:
            return None
        (pdu,), octets = plain[0].opens, plain[0].output
        span = pdu.origin[0]
        sealed = self._tale.explanation.channels[span.channel].octets[span.start : span.end]
        shown = octets[:RECORD_OCTETS]
        return RecordView(
            href=self._href(pdu),
            title=clean(unit_title(pdu)),
            size=size(len(sealed)),
            before=sealed[:RECORD_OCTETS].hex(" "),
            after=shown.hex(" "),
            text=clean(shown.decode("latin-1"), 4 * RECORD_OCTETS),
        )

    def _step(self, step: Step) -> StepView:
        octets = step.output or b""
        said = words.handshake(f"step_{step.kind}", {**self._common, **_step_facts(step)})
        shown = octets[:SHOWN_OCTETS].hex(" ")
        css, certainty = _CERTAINTY[step.certainty]
        if len(octets) > SHOWN_OCTETS:
            shown = _("%(first)s … %(size)s in all", first=shown, size=size(len(octets)))
        return StepView(
            anchor=_anchor(step.name),
            name=step.name,
            function=step.function,
            inputs=tuple(map(self._input, step.inputs)),
            css=css,
            certainty=_(certainty),
            source=_source(step),
            first=octets[:FIRST_OCTETS].hex(" ") + (" …" if len(octets) > FIRST_OCTETS else ""),
            value=shown,
            size=figure(size(len(octets))) if octets else "",
            what=said.what,
            why=said.why,
            spec=step.spec,
            code=lines_of(step),
            opened=_opened(step.opens) if step.kind == "write_key" else "",
            opened_href=self._href(step.opens[0]) if step.opens else "",
        )

    def _input(self, of: Input) -> InputView:
        if of.step:
            return InputView(of.name, of.step, f"#{_anchor(of.step)}")
        if of.pdu is None:
            return InputView(of.name, _constant(of), "")
        is_short = isinstance(of.value, bytes) and len(of.value) <= FIRST_OCTETS
        text = _constant(of) if is_short else clean(unit_title(of.pdu))
        return InputView("" if of.value == of.pdu.octets else of.name, text, self._href(of.pdu))

    def _href(self, pdu: Pdu) -> str:
        if id(pdu) not in self._hrefs:
            self._hrefs[id(pdu)] = unit_href(pdu, self._tale, self._base)
        return self._hrefs[id(pdu)]


def _step_facts(step: Step) -> dict[str, Raw]:
    """What the text of one step may name besides."""
    sender = step.name.partition("_")[0]
    messages = [unit_title(each.pdu) for each in step.inputs if each.pdu]
    parts = {each.name: each for each in step.inputs}
    number = parts.get("sequence number")
    group = parts.get("group")
    return {
        "kind": step.kind,
        "sender": sender if sender in ("client", "server") else None,
        "octets": len(step.output) if step.output is not None else None,
        "first4": step.output[:4].hex(" ") if step.output else None,
        "label": step.label,
        "digest": _DIGESTS[step.digest],
        "certainty": step.certainty,
        "equal": step.equal,
        "opened": len(step.opens),
        "count": len(step.inputs) if step.output is not None else None,
        "messages": " … ".join(dict.fromkeys((messages[0], messages[-1]))) if messages else None,
        "group": group.value if group and isinstance(group.value, str) else None,
        "number": number.value if number and isinstance(number.value, int) else None,
        "explicit": step.kind == "nonce" and step.function == CONCATENATE,
        "block": step.function == CBC_DECRYPT,
        "covers": "ciphertext" if "iv_and_ciphertext" in parts else "content",
    }


def _anchor(name: str) -> str:
    return f"step-{name}"


def _source(step: Step) -> str:
    if step.certainty == NOT_KNOWN:
        return by_engine(step.reason)
    if step.certainty == RECORDED:
        return _("in the key log: %(label)s", label=step.label)
    if step.equal is None:
        return _("computed here")
    where = step.label or _(_RECEIVED_IN[step.kind])
    if step.equal:
        return _("computed here, the same as in %(where)s", where=where)
    return _("computed here, not the same as in %(where)s", where=where)


def _opened(opens: Sequence[Pdu]) -> str:
    if not opens:
        return ""
    count = f"{len(opens):,}"
    return ngettext("opened %(count)s record", "opened %(count)s records", len(opens), count=count)


def _constant(of: Input) -> str:
    """A constant as a reader sees it: "derived", 32 zeros, the label in quotes."""
    if of.value is None:
        return _("not known")
    if isinstance(of.value, str):
        return f'"{of.value}"'
    if isinstance(of.value, int):
        return f"{of.value:,}"
    if not of.value:
        return _("empty")
    if len(of.value) > 1 and not any(of.value):
        return _("%(count)s zeros", count=len(of.value))
    if of.value == b" " * len(of.value):
        return _("%(count)s spaces", count=len(of.value))
    return of.value.hex(" ") if len(of.value) <= FIRST_OCTETS else clean(repr(of.value)[2:-1])
