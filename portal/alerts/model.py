"""Saved searches and mail: what an account said (by acts), and what is sent (by no act)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Id, Json, UtcTime, new_id

POST = {"unrecorded": "mail: what a letter tells was recorded when it happened"}


class MailAddress(Base):
    """Where an account's letters go. Nothing but its confirmation goes there before it is
    confirmed."""

    __tablename__ = "mail_address"

    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), primary_key=True)
    address: Mapped[str] = mapped_column(Text)
    """Sealed under the installation's secret; empty once it was taken back."""
    code_hash: Mapped[str] = mapped_column(String(64))
    asked_at: Mapped[datetime] = mapped_column(UtcTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)

    @property
    def version(self) -> int:
        """What it is replaced at: the moment it was stated, in milliseconds; 0 where it was taken
        back."""
        return int(self.asked_at.timestamp() * 1000) if self.address else 0


class SavedSearch(Base):
    """A search that an account wants to hear of."""

    __tablename__ = "saved_search"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(Id, ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[dict] = mapped_column(Json)
    """As the search's address has it (portal/search/schemas.py), what is empty left out."""
    pace: Mapped[str] = mapped_column(String(8))
    """`daily` or `at-once`."""
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)


class SearchCourse(Base):
    """How far a saved search has been told, and when it is looked at next."""

    __tablename__ = "saved_search_course"
    __table_args__ = ({"info": POST},)

    search_id: Mapped[str] = mapped_column(Id, ForeignKey("saved_search.id"), primary_key=True)
    after_seq: Mapped[int] = mapped_column(BigInteger)
    """Of the search index: what stands there or before was looked at."""
    next_at: Mapped[datetime] = mapped_column(UtcTime)


class Letter(Base):
    """A letter that waits to be sent, or was."""

    __tablename__ = "letter"
    __table_args__ = (Index("ix_letter_waiting", "state", "next_try_at"), {"info": POST})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    account_id: Mapped[str] = mapped_column(Id)
    search_id: Mapped[str | None] = mapped_column(Id)
    """Of a digest. Where this and the two next are empty it asks whether the address is right."""
    lot_id: Mapped[str | None] = mapped_column(Id)
    """Of an invitation."""
    about: Mapped[str | None] = mapped_column(String(32))
    """The act that a letter about one's account tells of, or a word of `bound.ABOUT`."""
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    """Sealed; empty once the letter is out of hand."""
    state: Mapped[str] = mapped_column(String(8))
    """`waiting`, `done`, or `dead`: refused for good, given up, or not wanted any more."""
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    next_try_at: Mapped[datetime] = mapped_column(UtcTime)
    problem: Mapped[str] = mapped_column(String(120), server_default="")


class LetterItem(Base):
    """A lot that a saved search's letter told of: never in two letters of one search."""

    __tablename__ = "letter_item"
    __table_args__ = (UniqueConstraint("search_id", "lot_id", name="uq_letter_item"),
                      {"info": POST})

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    search_id: Mapped[str] = mapped_column(Id, ForeignKey("saved_search.id"))
    lot_id: Mapped[str] = mapped_column(Id)
    letter_id: Mapped[str] = mapped_column(Id, ForeignKey("letter.id"))


class InvitationLetter(Base):
    """A deadline of a lot that somebody of a company invited to it was told: never twice."""

    __tablename__ = "invitation_letter"
    __table_args__ = ({"info": POST},)

    lot_id: Mapped[str] = mapped_column(Id, primary_key=True)
    account_id: Mapped[str] = mapped_column(Id, primary_key=True, index=True)
    deadline: Mapped[datetime] = mapped_column(UtcTime, primary_key=True)
    letter_id: Mapped[str] = mapped_column(Id)
