"""A trace as an HTTP archive (HAR 1.2), for browsers' network panels and their like.

Theory of operation. One entry for each request. Heads and bodies come out of the octets that were
recorded, never out of what was asked for; sizes are those of the wire; what was not recorded is -1
or said in a `comment`. A request that did not come to be sent is an entry with status 0, as
browsers write it: `_error` in its response says why. docs/har.md tells what each field holds here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from netcore.content_coding import Budget
from netcore.exports import bodies, cookies, websocket
from netcore.exports.har_urls import first_url, next_method, redirect_url, without_fragment
from netcore.exports.hops import Hop, hops, not_kept, timings
from netcore.exports.messages import Message, Pair
from netcore.exports.streams import all_pairs
from netcore.pdus import explain
from netcore.titles import title_of
from netcore.trace import Chose, Completed, Failed, Trace, Truncated

Json = dict[str, object]

DECODED_OCTETS: Final = 64 << 20
"""Content of all responses together that one archive holds."""

_PAGE: Final = "page_1"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def har(trace: Trace) -> bytes:
    """The archive, JSON in UTF-8. Raises nothing, whatever the trace holds."""
    archive = _Archive(trace)
    entries = archive.entries()
    log: Json = {
        "version": "1.2",
        "creator": _creator(trace.software),
        "pages": [archive.page(entries)],
        "entries": entries,
    }
    if archive.comment:
        log["comment"] = archive.comment
    encoded = msgspec.json.encode({"log": _clean(log)})
    return msgspec.json.format(encoded, indent=2) + b"\n"


class _Archive:
    """What the entries of one archive share."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._started = _read_time(trace.started)
        explanation = explain(trace.events)
        self._websockets = explanation.websocket
        found = hops(trace.events)
        asked = {number for hop in found for stage, number, _ in hop.calls if stage == "dns"}
        # What was asked of a resolver over HTTPS is how the name was found, not what was fetched.
        self._pairs = [
            pair
            for pair in all_pairs(explanation)
            if _sent_at(pair) and _sent_at(pair) not in asked
        ]
        limit = trace.options.limits.decoded_octets
        self._budget = Budget(DECODED_OCTETS if limit is None else min(limit, DECODED_OCTETS))
        self._local: dict[str, str] = {}  # socket -> our port
        self._remote: dict[str, str] = {}  # socket -> the server's address
        self._cut: set[str] = set()  # channels that were not kept from here on
        self.comment = ""

    def page(self, entries: Sequence[Json]) -> Json:
        """HAR's page: the fetch as a whole."""
        outcome = self._trace.outcome
        ends_ns = [hop.end_ns for hop in hops(self._trace.events)]
        loaded = isinstance(outcome, Completed) and ends_ns
        return {
            "startedDateTime": self._time(0),
            "id": _PAGE,
            "title": self._trace.url,
            "pageTimings": {"onContentLoad": -1, "onLoad": ends_ns[-1] / 1e6 if loaded else -1},
        }

    def entries(self) -> list[Json]:
        """An entry for each request that was sent, or would have been."""
        found: list[Json] = []
        url, method = first_url(self._trace.url), self._trace.options.method
        for hop in hops(self._trace.events):
            self._read_calls(hop)
            asked = self._chosen(hop, "target", "url")
            url = asked or self._chosen(hop, "redirect", "redirect") or url
            method = self._trace.options.method if asked else method
            if _is_refused(hop) and (found or not url):
                self.comment = hop.failure  # no request came of it
                continue
            entry = self._entry(hop, url, method)
            found.append(entry)
            response = entry["response"]
            assert isinstance(response, dict)
            method = next_method(method, response["status"])
        return found

    def _entry(self, hop: Hop, url: str, method: str) -> Json:
        pair = self._pair(hop)
        response = pair.response if pair else None
        entry: Json = {
            "pageref": _PAGE,
            "startedDateTime": self._time(hop.start_ns),
            "time": 0,
            "request": self._request(hop, pair.request, url) if pair else _unsent(hop, url, method),
            "response": self._response(hop, response, url),
            "cache": {},
        }
        took = timings(hop, _events(response), _events(pair.request if pair else None))
        entry["time"], entry["timings"] = took.total, msgspec.to_builtins(took)
        socket = hop.socket
        if socket in self._remote:
            entry["serverIPAddress"] = self._remote[socket]
            entry["connection"] = self._local.get(socket, socket)
        number = socket.rpartition(":")[2]
        entry.update(websocket.entry_of(self._websockets.get(number), self._started))
        comments = _comments(pair)
        if comments:
            entry["comment"] = " ".join(comments)
        return entry

    def _pair(self, hop: Hop) -> Pair | None:
        """The request that was sent in this hop, with its response."""
        at = bisect_left(self._pairs, hop.first, key=_sent_at)
        found = self._pairs[at : at + 1]
        return found[0] if found and _sent_at(found[0]) <= hop.last else None

    def _response(self, hop: Hop, response: Message | None, url: str) -> Json:
        if response is None:
            return _no_response(hop)
        status = response.start_line("status_code")
        content = bodies.decode(response, self._trace.options.limits.codings, self._budget)
        is_cut, failure = self._is_cut(hop, content), hop.failure
        body_octets = self._crossed(hop, response) if is_cut else response.body_octets
        held = bodies.content_json(content, bodies.media_type(response))
        # That the end of a coding is missing says nothing where the end of the content is.
        telling = content.trouble and not (content.ends_early and (is_cut or failure))
        notes = [content.trouble] if telling else []
        if is_cut:
            whole = hop.outcome.body_octets if isinstance(hop.outcome, Completed) else -1
            if whole != len(content.octets):
                notes.append(self._cut_note(len(content.octets), whole))
        if failure:
            notes.append("Not the whole content: the fetch failed before its end.")
        if notes:
            held["comment"] = " ".join(notes)
        elif content.decoded:
            held["compression"] = len(content.octets) - body_octets
        shown: Json = {
            "status": int(status) if status.isascii() and status.isdigit() else 0,
            "statusText": response.start_line("reason_phrase"),
            "httpVersion": response.start_line("http_version"),
            "cookies": cookies.of_response(response.values("set-cookie"), self._when(hop.end_ns)),
            "headers": _headers(response),
            "content": held,
            "redirectURL": redirect_url(status, response, url),
            "headersSize": response.head_octets,
            "bodySize": body_octets,
        }
        return {**shown, "_error": failure} if failure else shown

    # What was not kept

    def _read_calls(self, hop: Hop) -> None:
        for _, _, call in hop.calls:
            if call.peer:
                self._remote[call.socket] = _split(call.peer)[0]
            elif call.call == "getpeername" and call.result:
                self._remote[call.socket] = _split(call.result)[0]
            elif call.call == "getsockname" and call.result:
                self._local[call.socket] = _split(call.result)[1]
        for event in self._trace.events[hop.first - 1 : hop.last]:
            if isinstance(event, Truncated):
                self._cut.add(event.what)

    def _is_cut(self, hop: Hop, content: bodies.Content) -> bool:
        """Whether octets of this response crossed that were not kept."""
        if not {f"{hop.socket}.received", "events"} & self._cut:
            return False
        outcome = hop.outcome
        whole = isinstance(outcome, Completed) and outcome.body_octets == len(content.octets)
        return not whole or bool(content.trouble)

    def _crossed(self, hop: Hop, response: Message) -> int:
        """Octets of a body that was not kept whole, -1 where nothing tells."""
        length = next(iter(response.values("content-length")), "")
        if hop.failure or not (length.isascii() and length.isdigit()):
            if not response.is_alone or "events" in self._cut:
                return -1
            came = sum(
                call.length
                for stage, _, call in hop.calls
                if call.channel == f"{hop.socket}.received" and stage != "close"
            )
            return max(-1, came - sum(len(h.octets) for h in (*response.interim, response.head)))
        return int(length[:18])

    def _request(self, hop: Hop, request: Message, url: str) -> Json:
        content, octets, note = request.content, request.body_octets, ""
        if self._is_request_cut(hop, request):
            octets = self._request_crossed(hop, request)
            coded = request.values("transfer-encoding")
            note = self._cut_note(len(content), -1 if coded else octets)
        shown: Json = {
            "method": request.start_line("method"),
            "url": url,
            "httpVersion": request.start_line("http_version"),
            "cookies": cookies.of_request(request.values("cookie")),
            "headers": _headers(request),
            "queryString": bodies.pairs(url.partition("?")[2]),
            "headersSize": request.head_octets,
            "bodySize": octets,
        }
        if content or note:
            shown["postData"] = bodies.post_data(content, bodies.media_type(request), note)
        return shown

    def _is_request_cut(self, hop: Hop, request: Message) -> bool:
        """Whether octets of this request crossed that were not kept."""
        if "events" not in self._cut and not any(not_kept(call) for _, call in hop.moved("send")):
            return False
        announced = next(iter(request.values("content-length")), "0")
        return announced != str(request.body_octets)

    def _request_crossed(self, hop: Hop, request: Message) -> int:
        """Octets of a request's body that was not kept whole, -1 where nothing tells."""
        if not request.is_alone or "events" in self._cut:
            return -1
        return sum(call.length for _, call in hop.moved("send")) - len(request.head.octets)

    def _cut_note(self, kept: int, whole: int) -> str:
        """In: octets of content that are there; how many there were, -1 if nothing tells."""
        limit = self._trace.options.limits.kept_octets
        of = f" of {whole:,}" if whole >= 0 else ""
        return (
            f"Not the whole content: its first {kept:,}{of} octets. "
            f"The recording keeps {limit:,} octets of each direction of a connection."
        )

    # Time

    def _when(self, time_ns: int) -> datetime:
        try:
            return self._started + timedelta(microseconds=time_ns // 1_000)
        except OverflowError:
            return self._started

    def _time(self, time_ns: int) -> str:
        return self._when(time_ns).isoformat(timespec="microseconds")

    def _chosen(self, hop: Hop, stage: str, what: str) -> str:
        """The URL that was chosen in this stage of a hop, "" if none was."""
        if hop.stage(stage) is None:
            return ""
        chosen = [
            event.value
            for event in self._trace.events[hop.first - 1 : hop.last]
            if isinstance(event, Chose) and event.what == what and "://" in event.value
        ]
        return without_fragment(chosen[0]) if chosen else ""


def _unsent(hop: Hop, url: str, method: str) -> Json:
    """A request of which nothing was recorded: not sent, or sent where nothing was kept."""
    shown: Json = {
        "method": method,
        "url": url,
        "httpVersion": _version(hop),
        "cookies": [],
        "headers": [],
        "queryString": bodies.pairs(url.partition("?")[2]),
        "headersSize": -1,
        "bodySize": -1,
    }
    if any(call.length for _, call in hop.moved("send")):
        shown["comment"] = "Of this request nothing was recorded that can be read."
    return shown


def _no_response(hop: Hop) -> Json:
    outcome = hop.outcome
    shown: Json = {
        "status": outcome.status_code if isinstance(outcome, Completed) else 0,
        "statusText": outcome.reason_phrase if isinstance(outcome, Completed) else "",
        "httpVersion": _version(hop) if isinstance(outcome, Completed) else "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "x-unknown"},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
    }
    if hop.failure:
        shown["_error"] = hop.failure
    else:
        shown["comment"] = "Of this response nothing was recorded that can be read."
    return shown


def _version(hop: Hop) -> str:
    """The version of HTTP as the way there tells it, "" where it tells none."""
    return "h3" if hop.socket.startswith("udp:") else ""


def _headers(message: Message) -> list[Json]:
    return [{"name": name, "value": value} for name, value in message.field_lines]


def _comments(pair: Pair | None) -> list[str]:
    if pair is None or pair.response is None:
        return []
    return [
        "Before this response came an interim one: " + title_of(head) + "."
        for head in pair.response.interim
    ]


def _events(message: Message | None) -> Iterable[int]:
    if message is None:
        return []
    units = (*message.interim, message.head, *message.parts)
    return (number for unit in units for number in unit.events)


def _sent_at(pair: Pair) -> int:
    """The number of the call that began to send the request."""
    return next(iter(pair.request.head.events), 0)


def _is_refused(hop: Hop) -> bool:
    """Whether the hop ended before anything was done for it."""
    begun = {stage.name for stage in hop.stages} - {"target", "redirect"}
    return isinstance(hop.outcome, Failed) and not begun


def _split(endpoint: object) -> tuple[str, str]:
    """The address and the port of "127.0.0.1:443" or "[::1]:443"."""
    address, _, port = str(endpoint).rpartition(":")
    return address.strip("[]").partition("%")[0], port


def _creator(software: str) -> Json:
    name, _, version = software.partition("/")
    return {"name": name.capitalize(), "version": version}


def _read_time(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
        return read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return _EPOCH


def _clean(value: object) -> object:
    """The same without halves of surrogate pairs, which JSON in UTF-8 cannot hold."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _clean(each) for key, each in value.items()}
    return [_clean(each) for each in value] if isinstance(value, list) else value
