"""Book 6 of 6: the watch (监督).

Objections and complaints, red flags, statistics, village works.
"""
