"""Putting releases together: the compiled release of a record (OCDS 1.1, "Merging"). Pure.

Objects are merged field by field, lists of objects with an id by id, all other lists and values
are replaced; null takes a field away. `ocdsmerge` makes the same of our releases, by test.
"""

from __future__ import annotations

from collections.abc import Iterable

WHOLE = frozenset({"additionalIdentifiers", "identifiers", "criteria", "additionalClassifications"})
"""Lists whose items have an id and that are nevertheless replaced as a whole (wholeListMerge)."""

OMITTED = ("id", "date", "tag")
"""What belongs to a release and not to what is compiled (omitWhenMerged)."""


def compiled(releases: Iterable[dict[str, object]]) -> dict[str, object]:
    """The compiled release of the releases of one process, which come in the order of dates."""
    whole: dict[str, object] = {"tag": ["compiled"]}
    for release in releases:
        whole |= {"id": f"{release['ocid']}-{release['date']}", "date": release["date"]}
        _merge(whole, {name: value for name, value in release.items() if name not in OMITTED})
    return whole


def _merge(into: dict[str, object], new: dict[str, object]) -> None:
    for name, value in new.items():
        if value is None:
            into.pop(name, None)
        elif isinstance(value, dict):
            held = into.get(name)
            into[name] = dict(held) if isinstance(held, dict) else {}
            _merge(into[name], value)
        elif isinstance(value, list) and name not in WHOLE and _identified(value):
            into[name] = _by_id(into.get(name), value)
        else:
            into[name] = value


def _identified(values: list) -> bool:
    return bool(values) and all(isinstance(one, dict) and "id" in one for one in values)


def _by_id(held: object, new: list[dict]) -> list[dict]:
    found: dict[object, dict] = {one["id"]: dict(one) for one in held} \
        if isinstance(held, list) else {}
    for one in new:
        target: dict[str, object] = found.setdefault(one["id"], {})
        _merge(target, one)
    return list(found.values())
