"""Book 1 of 6: the invitation (招标).

Regime and rule profile, lots, notices, timetable, documents, questions.
"""
