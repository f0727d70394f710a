"""Whatever replaces a whole says at which version it was read: If-Match is needed, or judged where it
is sent. Two writers do not undo one another unseen."""

from people.edge import ROUTES
from portal import factory as _factory  # noqa: F401 - every package's routes are declared

BYTES = {
    "PUT /bids/<bid_id>/plain-files/<part>": "bytes that a signed declaration names by their hash",
    "PATCH /bids/<bid_id>/versions/<version>/parts/<part>/upload": "resumed at its own offset (tus)",
    "PUT /lots/<lot_id>/bid-trials/<part>": "keeps nothing",
}
"""What sends bytes and replaces no statement of anybody's."""


def test_what_replaces_a_whole_is_matched_with_what_was_read():
    found = {f"{route.method} {route.rule.removeprefix('/api/v1')}": route for route in ROUTES
             if route.method in ("PUT", "PATCH")}
    assert len(found) > 12 and BYTES.keys() <= found.keys()
    unmatched = {name for name, route in found.items() if not (route.if_match or route.matched)}
    assert unmatched == BYTES.keys(), "no If-Match"
