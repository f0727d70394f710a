"""What this book keeps of a person beside the person's own book, and how it is erased.

Mail address, letters, saved searches, webhooks with their secrets and the log of their deliveries:
all rows go, within the one act of erasure. A sender that has one of them in hand finds nothing to
write its end into, and lets it be.
"""

from __future__ import annotations

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from people.acts import erasure

from .alerts.model import (
    InvitationLetter,
    Letter,
    LetterItem,
    MailAddress,
    SavedSearch,
    SearchCourse,
)
from .webhooks.model import Webhook, WebhookCourse, WebhookDelivery

ACTS = ("mail.stated", "mail.confirmed", "mail.withdrawn", "search.saved", "search.dropped",
        "search.unsubscribed", "webhook.created", "webhook.approved", "webhook.rotated",
        "webhook.replayed", "webhook.ended")


def ids(session: Session, accounts: list[str]) -> set[str]:
    """The ids of the accounts' saved searches and webhooks."""
    return {one for table in (SavedSearch, Webhook)
            for one in session.scalars(select(table.id).where(table.account_id.in_(accounts)))}


def forget(session: Session, accounts: list[str]) -> None:
    """Take away all rows of the accounts, those that name others first."""
    searches = select(SavedSearch.id).where(SavedSearch.account_id.in_(accounts))
    hooks = select(Webhook.id).where(Webhook.account_id.in_(accounts))
    letters = select(Letter.id).where(Letter.account_id.in_(accounts))
    for table, which in (
            (InvitationLetter, InvitationLetter.account_id.in_(accounts)),
            (LetterItem, or_(LetterItem.search_id.in_(searches), LetterItem.letter_id.in_(letters))),
            (Letter, Letter.account_id.in_(accounts)),
            (SearchCourse, SearchCourse.search_id.in_(searches)),
            (SavedSearch, SavedSearch.account_id.in_(accounts)),
            (MailAddress, MailAddress.account_id.in_(accounts)),
            (WebhookDelivery, WebhookDelivery.webhook_id.in_(hooks)),
            (WebhookCourse, WebhookCourse.webhook_id.in_(hooks)),
            (Webhook, Webhook.account_id.in_(accounts))):
        session.execute(delete(table).where(which).execution_options(synchronize_session=False))


erasure.also.append(erasure.Kept(ACTS, ids, forget))
