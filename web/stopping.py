"""Stopping: who started a fetch ends it, while it waits for a worker or for a server."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, redirect, request, session
from flask.typing import ResponseReturnValue

from web.spoken import gettext as _
from web.tracing import Tracing

stopping = Blueprint("stopping", __name__)


@stopping.post("/t/<trace_id>/stop")
def stop(trace_id: str) -> ResponseReturnValue:
    """End a fetch; of one that has ended, nothing changes. `part=1` answers without a page.

    Whoever started the trace may stop it, and nobody else who has its address.
    """
    if not may_stop(trace_id):
        abort(403, _("Only who started this trace can stop it."))
    tracing: Tracing = current_app.extensions["tracing"]
    tracing.stop(trace_id)
    if request.args.get("part") == "1":
        return Response(status=204)
    return redirect(f"/t/{trace_id}", 303)


@stopping.app_template_global()
def may_stop(trace_id: str) -> bool:
    """Whether the trace was started in this browser."""
    return trace_id in session.get("traces", [])
