"""Call what is below you, watch what is below you, never reach up."""

import sys

import pytest

from .source import ELSEWHERE, ORDER, PURE, modules, of, pure_modules


def _package(name):
    return name.split(".")[0]


@pytest.mark.parametrize("package", ORDER)
def test_imports_follow_the_total_order(package):
    rank = ORDER.index(package)
    for module in of(package):
        above = [name for name, _ in module.imports()
                 if _package(name) in ORDER and ORDER.index(_package(name)) > rank]
        assert not above, f"{module.dotted} reaches up to {above}"


def test_pure_modules_know_neither_flask_nor_sql_nor_clock():
    assert {module.package for module in pure_modules()} == set(PURE)
    allowed = set(sys.stdlib_module_names) | {"cryptography", "argon2", "pyotp", "defusedxml"}
    for module, name in ((one, name) for one in pure_modules() for name, _ in one.imports()):
        package = _package(name)
        if package in ORDER:
            parts = name.split(".")
            assert len(parts) == 1 or {parts[1], ".".join(parts[1:3])} & set(
                    PURE.get(package, ())), f"{module.dotted}: {name} is not pure"
        else:
            assert package in allowed, f"{module.dotted} imports {name}"


def test_no_clock_and_no_environment_in_rules():
    for module in pure_modules():
        for word in ("datetime.now(", ".utcnow(", "time.time(", "date.today(", "os.environ",
                     "getenv("):
            assert word not in module.text, f"{module.dotted} reads {word}"


@pytest.mark.parametrize("package,name", [(package, name) for package, names in ELSEWHERE.items()
                                          for name in sorted(names)])
def test_programs_of_others_load_neither_flask_nor_database(package, name):
    module = next(one for one in modules() if one.package == package and one.name == name)
    seen, waiting = set(), [module]
    by_name = {one.dotted: one for one in modules()}
    while waiting:
        one = waiting.pop()
        if one.dotted in seen:
            continue
        seen.add(one.dotted)
        for imported, _ in one.imports():
            assert _package(imported) not in ("flask", "sqlalchemy", "flask_sqlalchemy"), \
                f"{module.dotted} loads {imported} through {one.dotted}"
            if imported in by_name:
                waiting.append(by_name[imported])


def test_the_order_names_every_package():
    assert {module.package for module in modules()} == set(ORDER)
