"""Kept: what was computed from a whole tale, for as long as the tale itself is kept."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

from web.language import language
from web.tale import Tale

_T = TypeVar("_T")


def kept(compute: Callable[[Tale], _T]) -> Callable[[Tale], _T]:
    """Compute something of a tale once for each language. In: what never changes for a tale."""
    known: WeakKeyDictionary[Tale, dict[str, _T]] = WeakKeyDictionary()

    @wraps(compute)
    def remembered(tale: Tale) -> _T:
        by_language = known.setdefault(tale, {})
        spoken = language()
        if spoken not in by_language:
            by_language[spoken] = compute(tale)
        return by_language[spoken]

    return remembered
