"""Book 6 of 6: the watch (监督).

Objections to the buyer and complaints to the supervisor, what a supervisor watches, village works
with their figures.
"""
