"""Saved searches and the mail that tells of them: `letters` (pure) writes it, `acts` and `api` are
the account's side, `clock` gathers and sends, `invited` writes to those invited, `bound` to those
asked to stay bound, `fallen` about awards that may fall, `smtp` speaks to the one server that is
configured.
"""
