"""Store: finished traces, kept for a day in SQLite.

A trace is saved in its own form, JSON lines, compressed. It is never pickled. Ids are drawn from
the system's random numbers: who has an id may see the trace, and nobody can guess one.
"""

from __future__ import annotations

import gzip
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import ColumnElement, LargeBinary, create_engine, delete, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from netcore import trace as saved_form
from netcore.trace import Completed, Failed, Trace

LIFETIME_S = 24 * 3_600
TRACE_OCTETS = 8 << 20  # of one trace, compressed
TOTAL_OCTETS = 2 << 30  # of all traces
COMPRESSION = 5


class TraceTooLarge(Exception):
    """The trace is larger than the store takes."""


class Tables(DeclarativeBase):
    """The tables of this store."""


class StoredTrace(Tables):
    """A saved trace, with what a list of traces shows beside it."""

    __tablename__ = "trace"

    id: Mapped[str] = mapped_column(primary_key=True)
    saved: Mapped[float] = mapped_column(index=True)  # seconds since 1970
    url: Mapped[str]
    outcome: Mapped[str]  # "200 OK" or the code of the failure
    succeeded: Mapped[bool]
    duration_ns: Mapped[int]
    octets: Mapped[int]  # of `lines`
    lines: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class BroughtTrace(Tables):
    """Says of a saved trace that somebody brought it along: it was recorded elsewhere."""

    __tablename__ = "brought"

    id: Mapped[str] = mapped_column(primary_key=True)


def new_id() -> str:
    """128 random bits in 22 characters that a URL may hold."""
    return secrets.token_urlsafe(16)


class Store:
    """Saved traces by id."""

    def __init__(
        self,
        folder: Path,
        clock: Callable[[], float] = time.time,
        trace_octets: int = TRACE_OCTETS,
        total_octets: int = TOTAL_OCTETS,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._engine = create_engine(f"sqlite:///{folder / 'traces.sqlite'}")
        self._clock = clock
        self._trace_octets = trace_octets
        self._total_octets = total_octets
        Tables.metadata.create_all(self._engine)

    def save(self, trace_id: str, trace: Trace, *, brought: bool = False) -> None:
        """Keep a trace; what has expired, and the oldest ones beyond the quota, make room.

        Args:
            trace_id: its id.
            trace: what to keep.
            brought: whether somebody brought it along.

        Raises:
            TraceTooLarge: it is not kept.
        """
        lines = gzip.compress(saved_form.encode(trace), COMPRESSION)
        if len(lines) > self._trace_octets:
            raise TraceTooLarge(f"{len(lines):,} octets, and {self._trace_octets:,} are the limit")
        row = StoredTrace(
            id=trace_id,
            saved=self._clock(),
            url=trace.url,
            outcome=_outcome(trace),
            succeeded=isinstance(trace.outcome, Completed),
            duration_ns=trace.events[-1].time_ns if trace.events else 0,
            octets=len(lines),
            lines=lines,
        )
        with Session(self._engine) as session, session.begin():
            self._make_room(session, len(lines))
            session.merge(row)
            if brought:
                session.merge(BroughtTrace(id=trace_id))

    def load(self, trace_id: str) -> Trace | None:
        """The trace of that id; None if there is none or its day is over."""
        with Session(self._engine) as session:
            lines = session.scalar(
                select(StoredTrace.lines).where(StoredTrace.id == trace_id, self._alive())
            )
        return None if lines is None else saved_form.decode(gzip.decompress(lines))

    def was_brought(self, trace_id: str) -> bool:
        """Whether somebody brought that trace along."""
        with Session(self._engine) as session:
            return session.get(BroughtTrace, trace_id) is not None

    def describe(self, trace_ids: Sequence[str]) -> list[StoredTrace]:
        """Those of the traces that are still kept, without their events, the latest first."""
        rows = (
            select(StoredTrace)
            .where(StoredTrace.id.in_(trace_ids), self._alive())
            .order_by(StoredTrace.saved.desc())
        )
        with Session(self._engine) as session:
            return list(session.scalars(rows))

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def _alive(self) -> ColumnElement[bool]:
        return StoredTrace.saved > self._clock() - LIFETIME_S

    def _make_room(self, session: Session, needed: int) -> None:
        session.execute(delete(StoredTrace).where(~self._alive()))
        session.execute(delete(BroughtTrace).where(BroughtTrace.id.not_in(select(StoredTrace.id))))
        total = session.scalar(select(func.sum(StoredTrace.octets))) or 0
        oldest = select(StoredTrace.id, StoredTrace.octets).order_by(StoredTrace.saved)
        for trace_id, octets in session.execute(oldest).all():
            if total + needed <= self._total_octets:
                return
            session.execute(delete(StoredTrace).where(StoredTrace.id == trace_id))
            total -= octets


def _outcome(trace: Trace) -> str:
    match trace.outcome:
        case Completed() as completed:
            return f"{completed.status_code} {completed.reason_phrase}".strip()
        case Failed() as failure:
            return failure.code
        case None:
            return "torn off"
