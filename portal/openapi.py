"""The API document (OpenAPI 3.1), made from the one list of routes."""

from __future__ import annotations

import re
from functools import cache

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import fields

from people import fields as ours
from people.edge import ROUTES, Route
from people.permissions import ACTIONS

PLUGIN = MarshmallowPlugin(schema_name_resolver=lambda schema: _name(schema))

PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem document; `code` is a word of docs/refusals.md.",
    "required": ["type", "title", "status", "code", "law", "facts", "detail", "do"],
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "code": {"type": "string"}, "law": {"type": "string"}, "facts": {"type": "object"},
        "detail": {"$ref": "#/components/schemas/TwoLanguages"},
        "do": {"$ref": "#/components/schemas/TwoLanguages"},
        "fields": {"type": "object"},
    },
}
TWO_LANGUAGES = {"type": "object", "required": ["zh", "en"],
                 "properties": {"zh": {"type": "string"}, "en": {"type": "string"}}}

KINDS = (
    (ours.Time, {"type": "string", "format": "date-time"}),
    (ours.DecimalText, {"type": "string", "pattern": r"^-?(0|[1-9][0-9]*)(\.[0-9]+)?$"}),
    (ours.Base64, {"type": "string", "contentEncoding": "base64"}),
    (ours.AllowedActions, {"type": "array", "items": {"type": "string"}}),
    (ours.HexId, {"type": "string", "pattern": "^[0-9a-f]{32}$"}),
    (ours.Hash, {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
    (ours.Uscc, {"type": "string", "pattern": "^[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]{18}$"}),
)


def _name(schema: object) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    name = f"{kind.__module__.split('.')[0]}.{kind.__name__}"
    # A nested schema that shows less of a thing is another schema of the document.
    if not isinstance(schema, type) and (schema.only or schema.exclude):
        name += "Brief"
    return name


def _describe(converter, field: fields.Field, **_kwargs) -> dict:
    for kind, told in KINDS:
        if isinstance(field, kind):
            # What we say may be a time that has not come yet.
            empty = field.allow_none or (kind is ours.Time and isinstance(field.parent, ours.Out))
            return told | ({"type": [told["type"], "null"]} if empty else {})
    if isinstance(field, (ours.Whole, ours.Text)):
        return {name: field.metadata[name] for name in
                ("minimum", "maximum", "minLength", "maxLength") if name in field.metadata}
    return {}


@cache
def document() -> dict[str, object]:
    """The whole document as a JSON object; made once, routes do not change while we run."""
    spec = APISpec(title="阳光 Yangguang", version="1", openapi_version="3.1.0",
                   plugins=[PLUGIN], info={"description": (
                       "Open e-tendering. Amounts are integer fen, times RFC 3339 with an offset, "
                       "decimals strings. Every refusal is a problem document with its article.")})
    if _describe not in PLUGIN.converter.attribute_functions:
        PLUGIN.converter.add_attribute_function(_describe)
    spec.components.schema("Problem", PROBLEM)
    spec.components.schema("TwoLanguages", TWO_LANGUAGES)
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    paths: dict[str, dict] = {}
    for route in ROUTES:
        paths.setdefault(re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.rule), {})[
            route.method.lower()] = _operation(route)
    for rule, operations in paths.items():
        spec.path(path=rule, operations=operations)
    return spec.to_dict()


def _operation(route: Route) -> dict[str, object]:
    operation: dict[str, object] = {
        "operationId": f"{route.view.__module__.split('.')[0]}_{route.view.__name__}",
        "summary": route.summary, "tags": [route.view.__module__.split(".")[0]],
        "parameters": _parameters(route), "responses": _responses(route),
        "x-audience": route.action or route.audience,
    }
    if route.action:
        operation["description"] = ACTIONS[route.action].meaning
    if route.audience != "open" and route.signed_in:
        operation["security"] = [{"bearer": []}, {}]
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": {
            "application/json": {"schema": route.body}}}
    elif route.raw or route.stream:
        operation["requestBody"] = {"required": True, "description":
                                    f"At most {route.limit} bytes.", "content": {
                                        "application/octet-stream": {
                                            "schema": {"type": "string", "format": "binary"}}}}
    return operation


def _parameters(route: Route) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for kind, name in re.findall(r"<(?:(\w+):)?(\w+)>", route.rule):
        schema: dict[str, object] = {"type": "integer" if kind == "int" else "string"}
        if name.endswith("_id"):
            schema["pattern"] = "^[0-9a-f]{32}$"
        found.append({"in": "path", "name": name, "required": True, "schema": schema})
    if route.query is not None:
        schema = route.query() if isinstance(route.query, type) else route.query
        for name, field in schema.fields.items():
            found.append({"in": "query", "name": field.data_key or name,
                          "required": field.required,
                          "schema": PLUGIN.converter.field2property(field)})
    if route.many:
        found += [{"in": "query", "name": "cursor", "schema": {"type": "string"}},
                  {"in": "query", "name": "limit", "schema": {"type": "integer", "minimum": 1,
                                                              "maximum": 200}}]
    if route.keyed:
        found.append({"in": "header", "name": "Idempotency-Key", "required": True,
                      "schema": {"type": "string", "minLength": 8, "maxLength": 128}})
    if route.sensitive:
        found.append({"in": "header", "name": "Access-Reason", "schema": {"type": "string"},
                      "description": "Why it is read: 4 to 200 characters, UTF-8, percent-encoded. "
                      "Needed unless everybody may read it just now; kept in the security log."})
    if route.if_match or route.matched:
        found.append({"in": "header", "name": "If-Match", "required": route.if_match,
                      "schema": {"type": "string"}})
    return found


def _responses(route: Route) -> dict[str, object]:
    problem = {"description": "Refused.", "content": {"application/problem+json": {
        "schema": {"$ref": "#/components/schemas/Problem"}}}}
    good: dict[str, object] = {"description": "Done."}
    if route.returns is not None:
        schema: object = route.returns
        if route.many:
            schema = {"type": "object", "required": ["items", "next"], "properties": {
                "items": {"type": "array", "items": route.returns},
                "next": {"type": ["string", "null"]}}}
        good["content"] = {"application/json": {"schema": schema}}
    status = 204 if route.returns is None and route.method not in ("GET", "HEAD") \
        and route.status == 200 \
        else route.status
    found = {str(status): good, "default": problem}
    if route.method == "GET" and route.returns is None:  # a file or a stream of lines
        found |= {"206": {"description": "The part that Range asked for."},
                  "304": {"description": "It is as If-None-Match or If-Modified-Since know it."}}
    return found


