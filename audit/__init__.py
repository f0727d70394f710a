"""Book 5 of 6: the record (存证).

Everyone records, so this book lies low in the order of imports: acts and their entries,
the append-only log of C2SP tlog-tiles, its checkpoints and proofs, and a verifier that
needs nothing of ours.
"""
