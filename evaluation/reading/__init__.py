"""What others may ask of the judgement; nothing here changes anything.

Who may be shown what is the edge's question, except in two places where the answer is not a
matter of roles: the candidates (`awarding`) and the sheets (`judgement`).
"""

from .awarding import (
    Voting,
    award,
    ballot_page,
    candidate_rows,
    candidates,
    committee,
    contract,
    eligible,
    fallen,
    given_up,
    judges,
    member_of,
    result,
    tallies_text,
    vote_row,
    voting,
)
from .draws import (
    contributions,
    draw_page,
    draws_of,
    held_draw,
    place_order,
    supervisors_of,
    tenderers_of,
    the_draw,
)
from .judgement import (
    OwnSheet,
    check_sheet,
    concluded_report,
    factors,
    missing_sheets,
    own_seats,
    own_sheet,
    panel_page,
    report_bids,
    report_content,
    seat_of,
    seats,
    sheet_of,
    sheets_of,
    signatures,
    signed_sheets,
    to_sign,
    unopened_bids,
    valid_bids,
)

__all__ = [
    "OwnSheet", "Voting", "award", "ballot_page", "candidate_rows", "candidates", "check_sheet",
    "committee",
    "concluded_report", "contract", "contributions", "draw_page", "draws_of", "eligible", "factors",
    "fallen",
    "given_up", "held_draw", "judges", "member_of", "missing_sheets", "own_seats", "own_sheet",
    "panel_page", "place_order",
    "report_bids", "report_content", "result", "seat_of", "seats", "sheet_of", "sheets_of", "signatures",
    "signed_sheets", "supervisors_of", "tallies_text", "tenderers_of", "the_draw", "to_sign",
    "unopened_bids", "valid_bids", "vote_row", "voting",
]
