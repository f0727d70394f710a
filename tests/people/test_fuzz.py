"""Whatever is sent to the routes about people, the answer is a refusal in words, never a 500."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from people.api import api
from people.edge import ROUTES

PLAIN = st.none() | st.booleans() | st.integers(-2**60, 2**60) | st.text(max_size=40)
JSON = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.text(max_size=12), inner, max_size=4), max_leaves=8)
OWN = [route for route in ROUTES if route.view.__module__ == "people.api"]
ADDRESSES = st.sampled_from(["0" * 32, "f" * 32, "x", "..%2f", "%00", "1" * 500])


def body_of(route):
    """Bodies that look like the route's own: its fields with anything in them, and more."""
    if route.body is None:
        return JSON
    schema = route.body() if isinstance(route.body, type) else route.body
    likely = st.one_of(PLAIN, JSON, st.sampled_from(
        ["91330703MA2TERTA3E", "2026-03-09T09:00:00+08:00", "0" * 32, "A" * 43 + "=", "expert",
         "Wuyi-River-19", "11010519491231002X", "123456", "x" * 4000]))
    return st.fixed_dictionaries({}, optional=dict.fromkeys(schema.fields, likely)) | JSON


def test_no_input_is_an_error_of_ours(world):
    assert len(OWN) > 20 and api.name == "people_api"
    actors = [None, world.account("tenderer"), world.admin("sys_admin"), world.admin("sec_admin")]
    clients = [world.client(actor) for actor in actors]

    @settings(max_examples=150, deadline=None, derandomize=True,
              suppress_health_check=list(HealthCheck))
    @given(st.data())
    def attack(data):
        route = data.draw(st.sampled_from(OWN))
        path = route.rule
        while "<" in path:
            head, _, rest = path.partition("<")
            path = head + data.draw(ADDRESSES) + rest.partition(">")[2]
        client = data.draw(st.sampled_from(clients))
        if route.method == "GET":
            query = data.draw(st.dictionaries(st.sampled_from(["cursor", "limit", "x"]),
                                              st.text(max_size=12), max_size=2))
            answer = client.get(path, query_string=query)
        else:
            content = json.dumps(data.draw(body_of(route))).encode("utf-8", "surrogatepass")
            answer = client.open(path, method=route.method, data=content,
                                 content_type="application/json",
                                 headers={"Idempotency-Key": "fuzz" + data.draw(
                                     st.text("abc", min_size=6, max_size=6))})
        if answer.status_code == 401:
            client.issued = None  # it may have signed itself out
        assert answer.status_code < 500, (route.method, path, answer.status_code)
        if answer.status_code >= 400:
            assert answer.mimetype == "application/problem+json"
            assert {"code", "law", "facts", "detail", "do"} <= set(answer.json)

    attack()
