"""The world's verbs for the record."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import func, insert, select

import portal.record
from audit import cover, sequencer
from audit.act import side_write
from audit.keys import Keys
from audit.model import Disclosure, Leaf, PendingEntry
from audit.sequencer import Tick
from audit.verify import Report, verify
from kernel.canonical import jcs, parse, parse_time, time_text
from kernel.db import new_id


class AuditVerbs:
    """Verbs of book 5."""

    @property
    def log_keys(self) -> Keys:
        """The installation's keys, as the sequencer's process holds them."""
        return Keys.load(self.settings.keys)

    def publish_record(self) -> Tick:
        """Let the sequencer work until nothing waits but what waits for its beat."""
        return sequencer.run_once(self.log_keys, self.settings.record)

    def records(self, kind: str | None = None) -> list[dict]:
        """Every record written so far (of one type), sequenced or waiting, in no order of acts;
        cover is none."""
        found = []
        for table in (PendingEntry, Disclosure):
            statement = select(table.record).where(table.type != cover.CLASS)
            if kind is not None:
                statement = statement.where(table.type == kind)
            found += [parse(text) for text in self.session.scalars(statement)]
        return found

    def covers(self) -> int:
        """How many leaves are cover."""
        return self.session.scalar(select(func.count()).where(Disclosure.type == cover.CLASS))

    def waiting(self) -> int:
        """How many entries wait for the sequencer."""
        return self.session.scalar(select(func.count()).select_from(PendingEntry))

    def leaves(self) -> list[bytes]:
        """The leaves of the tree in their order."""
        return list(self.session.scalars(select(Leaf.entry).order_by(Leaf.position)))

    def plant_entry(self, lot=None, *, type: str = "thing.planted", disclose: str = "public",
                    party_id: str | None = None, veiled: bool = False,
                    record: dict | None = None) -> str:
        """A waiting entry that no act wrote; its id."""
        entry_id = new_id()
        lot_id, tender_id = (lot.id, lot.tender_id) if lot is not None else (None, None)
        now = time_text(self.now)
        record = record or {
            "v": 1, "type": type, "at": now, "actor": {"kind": "clock"}, "law": "—",
            "subject": entry_id, "tender": tender_id, "lot": lot_id, "party": party_id,
            "facts": {"planted": disclose}}
        with side_write() as session:
            session.execute(insert(PendingEntry).values(
                id=entry_id, type=type, at=parse_time(now), lot_id=lot_id,
                tender_id=tender_id, party_id=party_id, disclose=disclose,
                record=jcs(record).decode(), salt=bytes(32), veiled=veiled))
        return entry_id

    def copy_record(self, target: Path | None = None) -> Path:
        """A copy of the record as everybody may have it, of all that was published."""
        target = target or self.settings.folder.parent / "record-copy"
        portal.record.copy(target)
        return target

    def verify_record(self, against: bytes | None = None) -> Report:
        """Publish, copy and verify the record; the report."""
        self.publish_record()
        return verify(self.copy_record(), self.log_keys.log.verifier, against)
