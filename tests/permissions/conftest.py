"""One course for all tests of a class."""

from __future__ import annotations

import gc

import pytest

from .bench import Bench
from .course import Course


@pytest.fixture(scope="class")
def course(request, installation_keys):
    """The course, kept at every station of it, on the database of the class."""
    database = request.cls.database
    bench = Bench(database, installation_keys, request.getfixturevalue(f"{database}_template"))
    try:
        played = Course(bench)
        gc.collect()
        gc.freeze()  # what stays until the end need not be looked at after each request
        yield played
    finally:
        gc.unfreeze()
        bench.close()
