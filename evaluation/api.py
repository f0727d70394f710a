"""The JSON routes of the judgement."""

from __future__ import annotations

from audit.actor import Actor
from kernel.canonical import b64
from people.edge import Book, allow
from people.exchange import reading as session
from tender import reading as tenders

from . import acts, reading, schemas

api = Book("evaluation")


# --- draws ------------------------------------------------------------------------------------
@api.post("/lots/<lot_id>/draws", action="committee.draw", body=schemas.AnnounceIn,
          returns=schemas.DrawOut, status=201)
def announce_draw(actor: Actor, body, lot_id: str):
    """Announce the draw of panel, substitutes and coefficient."""
    return acts.announce_draw(actor, lot_id, **body)


@api.get("/lots/<lot_id>/draws", action="draw.contribute", returns=schemas.DrawOut, many=True)
def list_draws(actor: Actor, lot_id: str):
    """The draws announced for a lot, the voided ones included, oldest first."""
    return reading.draws_of(session(), lot_id)


@api.get("/draws/<draw_id>", action="draw.contribute", returns=schemas.DrawOut)
def get_draw(actor: Actor, draw_id: str):
    """A draw under way: announcement, commitments, who has revealed. Once held it is part of the
    lot's result, for everybody."""
    found = reading.the_draw(session(), draw_id)
    allow("draw.contribute", lot_id=found.lot_id)
    return found


@api.post("/draws/<draw_id>/commitments", action="draw.contribute", body=schemas.CommitIn,
          returns=schemas.DrawOut, status=201)
def commit_nonce(actor: Actor, body, draw_id: str):
    """Commit to a nonce: the SHA-256 of 32 random bytes."""
    return acts.commit_nonce(actor, draw_id, **body)


@api.post("/draws/<draw_id>/reveals", action="draw.contribute", body=schemas.RevealIn,
          returns=schemas.DrawOut, status=201)
def reveal_nonce(actor: Actor, body, draw_id: str):
    """Reveal the nonce that was committed."""
    return acts.reveal_nonce(actor, draw_id, nonce=b64(body["nonce"]))


# --- panel ------------------------------------------------------------------------------------
@api.get("/lots/<lot_id>/panel", action="committee.view", returns=schemas.PanelOut,
         sensitive=True)
def get_panel(actor: Actor, lot_id: str):
    """The panel with names: for everybody with the award, for itself and the supervisor before."""
    return reading.panel_page(session(), lot_id)


@api.get("/seats", audience="self", returns=schemas.OwnSeatOut, many=True)
def list_own_seats(actor: Actor):
    """The seats one holds on panels whose report is not concluded."""
    return reading.own_seats(session(), actor.account_id)


@api.post("/lots/<lot_id>/panel/declarations", action="expert.declare",
          body=schemas.DeclarationIn, returns=schemas.SeatOut, status=201)
def declare(actor: Actor, body, lot_id: str):
    """Accept one's seat, or declare a conflict; then the next substitute follows."""
    return acts.declare(actor, lot_id, **body)


@api.get("/lots/<lot_id>/score-sheets/mine", action="score.save_own", returns=schemas.SheetOut)
def get_own_sheet(actor: Actor, lot_id: str):
    """One's own sheet: bids and factors to score, the draft and the hash to sign."""
    return reading.own_sheet(session(), lot_id, actor.account_id)


@api.put("/lots/<lot_id>/score-sheets/mine", action="score.save_own", body=schemas.SheetIn,
         returns=schemas.SheetOut, if_match=True)
def save_own_sheet(actor: Actor, body, lot_id: str, if_match: int):
    """Save one's own unsigned sheet; If-Match carries the version that was read."""
    return acts.save_sheet(actor, lot_id, version=if_match, **body)


@api.post("/lots/<lot_id>/score-sheets/mine/signature", action="score.sign_own",
          body=schemas.SheetSignIn, returns=schemas.SheetOut, status=201)
def sign_own_sheet(actor: Actor, body, lot_id: str):
    """Sign one's own complete sheet by its hash (fresh second factor)."""
    return acts.sign_sheet(actor, lot_id, **body)


# --- report -----------------------------------------------------------------------------------
@api.get("/lots/<lot_id>/evaluation-report/signatures", action="report.sign",
         returns=schemas.ReportDraftOut)
def report_to_sign(actor: Actor, lot_id: str):
    """The report as the panel has to sign it, once all sheets are signed."""
    return reading.to_sign(session(), tenders.lot(session(), lot_id))


@api.post("/lots/<lot_id>/evaluation-report/signatures", action="report.sign",
          body=schemas.ReportSignIn, returns=schemas.ReportSignatureOut, status=201)
def sign_report(actor: Actor, body, lot_id: str):
    """Sign the report by its hash, with written dissent if any (fresh second factor)."""
    return acts.sign_report(actor, lot_id, **body)


@api.get("/lots/<lot_id>/evaluation-report", action="report.view", returns=schemas.ReportOut)
def get_report(actor: Actor, lot_id: str):
    """The concluded evaluation report."""
    return reading.concluded_report(session(), lot_id)


# --- candidates, award, contract ----------------------------------------------------------------
@api.post("/lots/<lot_id>/candidates", action="candidates.publish", body=schemas.PublishIn,
          returns=schemas.ResultOut, status=201)
def publish_candidates(actor: Actor, body, lot_id: str):
    """Publish the candidates for the time of publicity: unranked, but where an order decides."""
    return acts.publish_candidates(actor, lot_id, **body)


@api.get("/lots/<lot_id>/result", action="result.view", returns=schemas.ResultOut)
def get_result(actor: Actor, lot_id: str):
    """The published candidates, the draw, the award notice and the contract."""
    return reading.result(session(), lot_id)


@api.post("/lots/<lot_id>/award-committee", action="award.committee_form",
          body=schemas.CommitteeIn, returns=schemas.CommitteeOut, status=201)
def form_committee(actor: Actor, body, lot_id: str):
    """Form the award committee: nobody of the panel, of a tenderer or of the supervisor."""
    return acts.form_committee(actor, lot_id, **body)


@api.get("/lots/<lot_id>/ballots", action="award.vote", returns=schemas.BallotOut)
def get_ballot(actor: Actor, lot_id: str):
    """The open ballot and its choices; tallies of the complete ones."""
    return reading.ballot_page(session(), lot_id, actor.account_id)


@api.post("/lots/<lot_id>/ballots", action="award.vote", body=schemas.VoteIn,
          returns=schemas.BallotOut, status=201)
def cast_vote(actor: Actor, body, lot_id: str):
    """Vote in the open ballot (fresh second factor)."""
    return acts.cast_vote(actor, lot_id, **body)


@api.post("/lots/<lot_id>/award", action="award.confirm", body=schemas.ConfirmIn,
          returns=schemas.AwardOut, status=201)
def confirm_award(actor: Actor, body, lot_id: str):
    """Confirm the result of the ballots, or the first in an order, and issue the award notice
    (fresh second factor)."""
    return acts.confirm_award(actor, lot_id, **body)


@api.post("/lots/<lot_id>/candidates/withdrawal", action="candidate.give_up",
          body=schemas.GiveUpIn, returns=schemas.ResultOut, status=201)
def give_up(actor: Actor, body, lot_id: str):
    """Give up one's own place in an order before the award: the next follows (fresh second
    factor)."""
    return acts.give_up(actor, lot_id, **body)


@api.post("/lots/<lot_id>/contract", action="contract.register", body=schemas.ContractIn,
          returns=schemas.ContractOut, status=201)
def register_contract(actor: Actor, body, lot_id: str):
    """Register the signed contract; securities are released from here."""
    return acts.register_contract(actor, lot_id, **body)
