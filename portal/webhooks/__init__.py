"""Webhooks: what is public is told to whoever asked, signed, at least once, in order per tender.

`signing` and `addresses` are pure, `sending` is the one way out, `acts` and `api` the owner's
side, `clock` the tick's. The server fetches no address that a user gave, with this one exception
(docs/adr/0009-webhooks-are-the-one-way-out.md).
"""
