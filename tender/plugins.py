"""Rules of others for the review: functions that take a Subject and yield hits.

A package offers them as entry points of the group `yangguang.review`; an installation names more
as `module:function` in YANGGUANG_REVIEW_PLUGINS. One that cannot be loaded is shown as failed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from .review.base import Subject
from .review.catalogue import Plugin

GROUP = "yangguang.review"


@cache
def plugins(named: str = "") -> dict[str, Plugin]:
    """The plug-ins by name; `named`: `module:function`, separated by commas."""
    found: dict[str, Plugin] = {}
    for point in entry_points(group=GROUP):
        found[point.name] = _loaded(point.value)
    for path in (one.strip() for one in named.split(",")):
        if path:
            found[path] = _loaded(path)
    return found


def _loaded(path: str) -> Plugin:
    module, _, name = path.partition(":")
    try:
        return getattr(import_module(module), name)
    except Exception as error:  # noqa: BLE001  (a stranger's code, whose failure blocks nobody)
        kind = type(error)

        def unloaded(subject: Subject) -> Iterable:
            raise kind("could not be loaded")

        return unloaded
