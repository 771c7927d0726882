"""Store: finished traces, kept for a day in SQLite, or as long as was chosen when sharing one.

A trace is saved in its own form, JSON lines, compressed. It is never pickled. Ids are drawn from
the system's random numbers: who has an id may see the trace, and nobody can guess one.
"""

from __future__ import annotations

import gzip
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    and_,
    create_engine,
    delete,
    func,
    or_,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from netcore import trace as saved_form
from netcore.trace import Completed, Failed, Trace

LIFETIME_S = 24 * 3_600
TRACE_OCTETS = 8 << 20  # of one trace, compressed
TOTAL_OCTETS = 2 << 30  # of all traces
REMEMBERED_S = 30 * 24 * 3_600  # how long it is known that there was a trace
CODE_S = 4 * 3_600  # the life of a spoken code
CODE_LETTERS = "acdefhjkmnprtuvwxy"  # none sounds or looks much like another one
CODE_LENGTH = 8
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


class Lasting(Tables):
    """Says of a saved trace that it ends at another time than its day does."""

    __tablename__ = "lasting"

    id: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[float]  # seconds since 1970


class GoneTrace(Tables):
    """Says of an id that there was a trace of it, and of one that expired what it was of."""

    __tablename__ = "gone"

    id: Mapped[str] = mapped_column(primary_key=True)
    url: Mapped[str]  # without its query; "" of one that somebody deleted
    gone: Mapped[float] = mapped_column(index=True)  # seconds since 1970


class SpokenCode(Tables):
    """A short name of a trace that can be said aloud."""

    __tablename__ = "code"

    code: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str]
    until: Mapped[float]


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

    def ends(self, trace_id: str) -> float:
        """Until when a trace is kept, in seconds since 1970; 0 if there is none."""
        with Session(self._engine) as session:
            saved = session.scalar(
                select(StoredTrace.saved).where(StoredTrace.id == trace_id, self._alive())
            )
            lasting = session.get(Lasting, trace_id)
        if saved is None:
            return 0.0
        return lasting.until if lasting else saved + LIFETIME_S

    def keep(self, trace_id: str, for_s: float) -> None:
        """Keep a trace for so long from now. Nothing happens if there is none."""
        if not self.ends(trace_id):
            return
        with Session(self._engine) as session, session.begin():
            session.merge(Lasting(id=trace_id, until=self._clock() + for_s))

    def delete(self, trace_id: str) -> None:
        """Forget a trace and its codes; what is left is that there was one, without its URL."""
        with Session(self._engine) as session, session.begin():
            session.execute(delete(StoredTrace).where(StoredTrace.id == trace_id))
            session.merge(GoneTrace(id=trace_id, url="", gone=self._clock()))
            self._forget_orphans(session)

    def gone(self, trace_id: str) -> str | None:
        """Of an id that had a trace: the URL, as far as it is kept; None if there never was one."""
        with Session(self._engine) as session:
            url = session.scalar(
                select(StoredTrace.url).where(StoredTrace.id == trace_id, ~self._alive())
            )
            if url is not None:
                return _without_query(url)
            gone = session.get(GoneTrace, trace_id)
            return None if gone is None else gone.url

    def code(self, trace_id: str) -> str:
        """A code for a trace that is said aloud; the one that it has, while that lives."""
        with Session(self._engine) as session, session.begin():
            now = self._clock()
            session.execute(delete(SpokenCode).where(SpokenCode.until <= now))
            if self._code_of(session, trace_id):
                return self._code_of(session, trace_id)
            code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
            session.merge(SpokenCode(code=code, id=trace_id, until=now + CODE_S))
            return code

    def code_of(self, trace_id: str) -> str:
        """The code that a trace has; "" if it has none."""
        with Session(self._engine) as session:
            return self._code_of(session, trace_id)

    def _code_of(self, session: Session, trace_id: str) -> str:
        living = SpokenCode.until > self._clock()
        code = select(SpokenCode.code).where(SpokenCode.id == trace_id, living)
        return session.scalar(code) or ""

    def spoken(self, code: str) -> str:
        """The id that a code stands for; "" if it stands for none, or no more."""
        with Session(self._engine) as session:
            found = session.get(SpokenCode, code)
            return found.id if found is not None and found.until > self._clock() else ""

    def close(self) -> None:
        """Close the database."""
        self._engine.dispose()

    def _alive(self) -> ColumnElement[bool]:
        now = self._clock()
        lasting = select(Lasting.id)
        return or_(
            StoredTrace.id.in_(lasting.where(Lasting.until > now)),
            and_(StoredTrace.saved > now - LIFETIME_S, StoredTrace.id.not_in(lasting)),
        )

    def _make_room(self, session: Session, needed: int) -> None:
        now = self._clock()
        for trace_id, url in session.execute(
            select(StoredTrace.id, StoredTrace.url).where(~self._alive())
        ).all():
            session.merge(GoneTrace(id=trace_id, url=_without_query(url), gone=now))
            session.execute(delete(StoredTrace).where(StoredTrace.id == trace_id))
        session.execute(delete(GoneTrace).where(GoneTrace.gone < now - REMEMBERED_S))
        self._forget_orphans(session)
        total = session.scalar(select(func.sum(StoredTrace.octets))) or 0
        oldest = select(StoredTrace.id, StoredTrace.octets).order_by(StoredTrace.saved)
        for trace_id, octets in session.execute(oldest).all():
            if total + needed <= self._total_octets:
                return
            session.execute(delete(StoredTrace).where(StoredTrace.id == trace_id))
            total -= octets

    @staticmethod
    def _forget_orphans(session: Session) -> None:
        """What is said of traces that are not there any more."""
        kept = select(StoredTrace.id)
        session.execute(delete(BroughtTrace).where(BroughtTrace.id.not_in(kept)))
        session.execute(delete(Lasting).where(Lasting.id.not_in(kept)))
        session.execute(delete(SpokenCode).where(SpokenCode.id.not_in(kept)))


def _without_query(url: str) -> str:
    """A URL without what is most often private in it; "" where that cannot be told."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return (
        "" if "@" in parts.netloc else urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
    )


def _outcome(trace: Trace) -> str:
    match trace.outcome:
        case Completed() as completed:
            return f"{completed.status_code} {completed.reason_phrase}".strip()
        case Failed() as failure:
            return failure.code
        case None:
            return "torn off"
