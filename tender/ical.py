"""An iCalendar file of a lot's dates (RFC 5545): bytes from values, nothing else.

Lines end in CRLF and are folded so that none is longer than 75 octets, never inside a character.
The format knows whole seconds only: an instant is written down to its second, which for a
deadline is never later than the enforced one; the exact time stands in the description.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

from kernel.canonical import time_text

from .schedule import Entry

PRODUCT = "-//Yangguang//Tender dates//ZH"
LONGEST = 75
"""Octets of a line, its end not counted (RFC 5545 3.1)."""


def calendar_file(title: str, lot_id: str, entries: Iterable[Entry], *, stamp: datetime,
                  sequence: int) -> bytes:
    """The calendar file. `stamp`: when the dates were last stated; `sequence`: how often they
    were stated anew, so that a calendar replaces what it holds."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "CALSCALE:GREGORIAN",
             "METHOD:PUBLISH"]
    for entry in entries:
        lines += _event(title, lot_id, entry, stamp, sequence)
    lines.append("END:VCALENDAR")
    return b"".join(fold(line) for line in lines)


def _event(title: str, lot_id: str, entry: Entry, stamp: datetime, sequence: int) -> list[str]:
    said = [f"{entry.zh} / {entry.en}", f"{entry.rule} · {entry.law}"]
    if entry.at is not None:
        when = [f"DTSTART:{moment_text(entry.at)}"]
        said.append(time_text(entry.at))
    else:
        when = [f"DTSTART;VALUE=DATE:{day_text(entry.day)}",
                f"DTEND;VALUE=DATE:{day_text(entry.day + timedelta(days=1))}"]
    if not entry.certain:
        said.append("节假日安排尚未公布 / holidays of that year not yet arranged")
    return ["BEGIN:VEVENT", f"UID:{lot_id}-{entry.name}@yangguang", f"SEQUENCE:{sequence}",
            f"DTSTAMP:{moment_text(stamp)}", *when,
            f"SUMMARY:{escape(f'{entry.zh} · {title}')}",
            f"DESCRIPTION:{escape(chr(10).join(said))}", "TRANSP:TRANSPARENT", "END:VEVENT"]


def moment_text(moment: datetime) -> str:
    """An aware time in UTC, down to its second."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def day_text(day: date) -> str:
    """A day."""
    return f"{day:%Y%m%d}"


def escape(text: str) -> str:
    """A text as a value: backslash, semicolon, comma and line ends are escaped (3.3.11)."""
    for mark in ("\\", ";", ","):
        text = text.replace(mark, "\\" + mark)
    return text.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")


def fold(line: str) -> bytes:
    """A content line as octets, folded and ended (3.1)."""
    found, present = [], b""
    for mark in line:
        octets = mark.encode("utf-8")
        if len(present) + len(octets) > LONGEST:
            found.append(present)
            present = b" "
        present += octets
    return b"\r\n".join([*found, present]) + b"\r\n"
