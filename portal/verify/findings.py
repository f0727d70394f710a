"""What a verification found: the faults in the order found, what was checked, what could not be."""

from __future__ import annotations

from dataclasses import dataclass, field

MOST = 50
"""So many faults are kept; the first is the one that counts."""


def plain(text: str) -> str:
    """`text` in one line that a terminal only shows: names and entries are strangers' texts, and
    one that breaks the line could write `verifies` below."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode()
                   for one in text)


@dataclass(frozen=True)
class Line:
    """One line of the list, in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} · {self.en}"


@dataclass
class Findings:
    """Filled by the checks one after another."""

    problems: list[str] = field(default_factory=list)
    checked: list[Line] = field(default_factory=list)
    unchecked: list[Line] = field(default_factory=list)
    blamed: set[str] = field(default_factory=set)
    """The files that a fault names already."""

    def wrong(self, where: str, what: str) -> None:
        """Note a fault: `where` is the file, `what` names the entry and what is wrong with it."""
        self.blamed.add(where)
        if len(self.problems) < MOST:
            self.problems.append(plain(f"{where}: {what}"))

    def require(self, condition: bool, where: str, what: str) -> bool:
        """Note a fault unless `condition`; return the condition."""
        if not condition:
            self.wrong(where, what)
        return bool(condition)

    def did(self, zh: str, en: str) -> None:
        """Something was checked, with how many of it."""
        self.checked.append(Line(zh, en))

    def could_not(self, zh: str, en: str) -> None:
        """Something cannot be checked here, and why."""
        self.unchecked.append(Line(zh, en))
