"""The merged schema of OCDS with the extensions that we serve ourselves put into it."""

import copy
import json
import re
from functools import cache
from pathlib import Path

import pytest

from portal.ocds import exact, terms

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "../shared/ocds"


@cache
def schema(name):
    path = SCHEMA / name
    if not path.is_file():
        pytest.skip("the merged OCDS schema lies outside the repository and is not here")
    return json.loads(path.read_text("utf-8"))


@cache
def merger():
    """What merges by the standard's own program."""
    import ocdsmerge

    return ocdsmerge.Merger(extended("release-schema-extended.json"))


def own_extensions():
    """(its description, its patch of the release schema) of each extension we serve."""
    for address in terms.OWN_EXTENSIONS:
        folder = (ROOT / "portal" / address.lstrip("/")).parent
        said = json.loads((folder / "extension.json").read_text("utf-8"))
        yield folder, said, json.loads((folder / said["schemas"][0]).read_text("utf-8"))


@cache
def extended(name):
    """A schema of `../shared/ocds` with our own definitions where they belong."""
    whole = copy.deepcopy(schema(name))
    release = whole["properties"]["releases"]["items"] if "package" in name else whole
    known = _titled(release)
    for _folder, _said, patch in own_extensions():
        definitions = patch["definitions"]
        known |= {name: [part] for name, part in definitions.items() if name not in known}
        for title, part in definitions.items():
            for place in known[title]:
                if place is not part:
                    for field, said in part["properties"].items():
                        assert field not in place["properties"], f"{title}.{field} exists already"
                        place["properties"][field] = _whole(said, known)
    return whole


def _titled(release):
    """Every definition that is in the merged schema, by its name; each stands in many places."""
    tender = release["properties"]["tender"]
    found = {"Tender": [tender],
             "Bid": [release["properties"]["bids"]["properties"]["details"]["items"]],
             "Lot": [tender["properties"]["lots"]["items"]],
             "Period": [tender["properties"]["tenderPeriod"]],
             "OrganizationReference": [tender["properties"]["procuringEntity"]], "Document": []}

    def walk(value):
        if isinstance(value, dict):
            if value.get("title") == "Document" and "documentType" in value.get("properties", {}):
                found["Document"].append(value)
            for one in list(value.values()):
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(release)
    return found


def _whole(said, known):
    if isinstance(said, list):
        return [_whole(one, known) for one in said]
    if not isinstance(said, dict):
        return said
    if "$ref" in said:
        said = known[said["$ref"].rpartition("/")[2]][0] | {
            name: one for name, one in said.items() if name != "$ref"}
    return {name: _whole(one, known) for name, one in said.items()}


def unknown(value, said, path=""):
    """The fields of `value` that its schema does not know."""
    if isinstance(value, list):
        for one in value:
            yield from unknown(one, said.get("items", {}), path)
    elif isinstance(value, dict) and "properties" in said:
        patterns = said.get("patternProperties", {})
        for name, one in value.items():
            if name in said["properties"]:
                yield from unknown(one, said["properties"][name], f"{path}/{name}")
            elif not any(re.search(pattern, name) for pattern in patterns):
                yield f"{path}/{name}"


def check(package):
    """Validate a package as text that went over the wire; what was sent."""
    from decimal import Decimal

    from jsonschema import Draft4Validator, FormatChecker

    sent = json.loads(exact.dumps(package), parse_float=Decimal)
    said = extended("release-package-schema-extended.json")
    wrong = [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in
             Draft4Validator(said, format_checker=FormatChecker()).iter_errors(sent)]
    assert not wrong, wrong
    strange = sorted(set(unknown(sent, said)))
    assert not strange, strange
    return sent
