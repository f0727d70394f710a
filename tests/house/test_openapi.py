"""The API document says what the routes are, and every schema in it is sound."""

import json
import warnings

from people.edge import ROUTES
from portal import factory, openapi

from .source import ROOT


def _document():
    assert factory.BOOKS
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return openapi.document()


def test_every_route_stands_in_it_once_with_its_audience():
    document = _document()
    told = {(method.upper(), path): operation for path, one in document["paths"].items()
            for method, operation in one.items()}
    assert len(told) == len(ROUTES)
    for route in ROUTES:
        path = route.rule.replace("<int:", "{").replace("<path:", "{").replace("<", "{")
        operation = told[route.method, path.replace(">", "}")]
        assert operation["x-audience"] == (route.action or route.audience)
        assert operation["summary"]
    assert len({one["operationId"] for one in told.values()}) == len(told)


def test_it_is_openapi_3_1_and_its_references_lead_somewhere():
    document = _document()
    assert document["openapi"] == "3.1.0"
    text = json.dumps(document)
    for schema in document["components"]["schemas"]:
        assert schema.split(".")[0] in ("Problem", "TwoLanguages") or "." in schema
    for reference in {part.split('"')[0] for part in text.split('"$ref": "')[1:]}:
        where = document
        for step in reference.removeprefix("#/").split("/"):
            where = where[step]
        assert where
    json.dumps(document, allow_nan=False)


def test_amounts_are_integers_and_times_are_date_times():
    schemas = _document()["components"]["schemas"]
    for name, schema in schemas.items():
        for field, said in schema.get("properties", {}).items():
            if field.endswith("_fen"):
                kinds = said.get("type", said)
                assert "integer" in kinds, f"{name}.{field}: {said}"
            if field.endswith("_at"):
                assert said.get("format") == "date-time", f"{name}.{field}: {said}"


def test_the_readme_points_to_it():
    assert "openapi.json" in (ROOT / "README.md").read_text(encoding="utf-8")
