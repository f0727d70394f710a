"""Book 3 of 6: the judgement (评标·定标).

Draws, panels, score sheets, report, candidates, award committee, contract. Beside a lot's course
stand `inviting` (who is invited, drawn), `lottery` (the winner drawn), `validity` (bids that stay
valid longer), and two ways to buy without a lot: `services` (one agency for a small service) and
`frameworks` (framework agreements and their call-offs).
"""
