"""Book 3 of 6: the judgement (评标·定标).

Draws, panels, score sheets, report, candidates, award committee, contract.
"""
