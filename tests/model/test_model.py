"""The Promela model of the tender core: correct as it is, and each planted mutant found.

About a quarter of a minute of processor time. Without spin or gcc the tests skip by name.
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

MODEL = Path(__file__).with_name("tender.pml")
MANY = ("M0", "M8", "R1", "R2")
"""Those with many states: there it pays to let the compiler optimise."""
MUTANTS = ("M1", "M2", "M3", "M4", "M5", "M6", "M7", "R1", "R2")


def run(variant: str, folder: Path) -> tuple[int, int]:
    """(errors, states) of one variant, searched to its end or to the first error."""
    for tool in ("spin", "gcc"):
        if shutil.which(tool) is None:
            pytest.skip(f"missing tool: {tool}")
    subprocess.run(["spin", "-a", f"-D{variant}", MODEL], cwd=folder, check=True,
                   capture_output=True)
    subprocess.run(["gcc", "-O1" if variant in MANY else "-O0", "-DSAFETY", "-o", "pan", "pan.c"],
                   cwd=folder, check=True, capture_output=True)
    # -E: ends of processes that wait for a phase which does not come are no errors.
    done = subprocess.run(["./pan", "-m200000", "-w24", "-E"], cwd=folder, check=True,
                          capture_output=True, text=True)
    assert "max search depth too small" not in done.stdout
    errors = int(re.search(r"errors: (\d+)", done.stdout).group(1))
    states = int(float(re.search(r"([\d.e+]+) states, stored", done.stdout).group(1)))
    return errors, states


def test_m0_as_built_nothing_goes_wrong(tmp_path):
    errors, states = run("M0", tmp_path)
    assert errors == 0 and states > 1_000_000


@pytest.mark.parametrize("mutant", MUTANTS)
def test_the_mutant_is_found(mutant, tmp_path):
    assert run(mutant, tmp_path)[0] == 1


@pytest.mark.faults
def test_m8_a_clock_that_jumps_back_reopens_nothing(tmp_path):
    errors, states = run("M8", tmp_path)
    print(f"\nM8: {states:,} states, {errors} errors")
    assert errors == 0


def test_every_variant_of_the_page_is_in_the_model():
    said = set(re.findall(r"\b([MR]\d)\b", MODEL.read_text().partition("*/")[0]))
    assert said == {"M0", "M8", *MUTANTS}
