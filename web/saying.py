"""Saying: what somebody types while a WebSocket is open, handed to the fetch that sends it."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, redirect, request, session
from flask.typing import ResponseReturnValue

from netcore.outbox import MESSAGE_OCTETS
from web.spoken import gettext as _
from web.tracing import Tracing

saying = Blueprint("saying", __name__)


@saying.post("/t/<trace_id>/messages")
def say(trace_id: str) -> ResponseReturnValue:
    """Send a message, or close. `part=1` answers without a page.

    Whoever started the trace may speak on it, and nobody else who has its address.
    """
    if trace_id not in session.get("traces", []):
        abort(403, _("Only who started this trace can speak on its WebSocket."))
    tracing: Tracing = current_app.extensions["tracing"]
    if request.form.get("do") == "close":
        tracing.hang_up(trace_id)
    else:
        _send(tracing, trace_id, request.form.get("message", ""))
    if request.args.get("part") == "1":
        return Response(status=204)
    return redirect(f"/t/{trace_id}#talk", 303)


def _send(tracing: Tracing, trace_id: str, text: str) -> None:
    text = text.replace("\r\n", "\n")
    if len(text.encode()) > MESSAGE_OCTETS:
        abort(
            413,
            _(
                "A message that is typed here has at most %(most)s bytes.",
                most=f"{MESSAGE_OCTETS:,}",
            ),
        )
    if not tracing.say(trace_id, text):
        abort(409, _("This WebSocket takes no message now: it is closed, or many are waiting."))
