"""Direct awards of one's own unit: stated, given its minutes, approved by another, contracted."""

from __future__ import annotations

from flask import g

from people.inside import ask, listed
from people.pagebook import done, draw

from ..direct import REGIMES
from ..regime import CATEGORIES
from .book import kept, pages, word, words

done("award-stated", "草稿已建立。请上传集体决策纪要，再由另一人批准。",
     "The draft is made. Add the minutes of the decision; another person then approves it.")
done("award-restated", "草稿已修改。", "The draft is changed.")
done("award-published", "已批准并公布。", "Approved, and so published.")
done("award-given-up", "草稿已放弃。", "The draft is given up.")
done("contracted", "合同已登记并公布。", "The contract is registered and published.")


@pages.desk("/desk/direct-awards", asks="GET /direct-awards/own")
def own_awards():
    """One's own unit's direct awards, drafts among them."""
    return draw("tender/direct_own.html", awards=ask("/direct-awards/own")["items"],
                buyer=any(role.startswith("buyer") for role in g.viewer["roles"]))


@pages.desk("/desk/direct-awards/new", asks="GET /direct-awards/own")
def new_award():
    """State an award that nobody is to bid for."""
    return draw("tender/direct_new.html", categories=words(*CATEGORIES), regimes=words(*REGIMES))


@pages.desk("/desk/direct-awards/<award_id>", asks="GET /direct-awards/<award_id>/work")
def own_award(award_id):
    """One direct award: what it lacks, its second person, objections, its contract."""
    work = ask(f"/direct-awards/{award_id}/work")
    award = ask(f"/direct-awards/{award_id}")
    return draw("tender/direct_one.html", work=work, award=award, word=word,
                now=ask("/time")["now"], papers=kept(), categories=words(*CATEGORIES),
                regimes=words(*REGIMES),
                objections=listed(f"/direct-awards/{award_id}/objections"))
