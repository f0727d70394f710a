"""Automatic review of a tender before it is published (招标文件智能审查, rulebook §5.6).

A rule is a small class with an id, a severity, its article and what to do; it is given what the
tender states and what its documents say, and answers with hits, each with its place and a
quotation. A hit is advice: a person accepts it or says why it stands (发改法规〔2026〕195号). Other
rules can be plugged in (tender/plugins.py). Everything here is pure.
"""

from .base import BREACH, DOUBT, Hit, Lot, Paper, Passage, Rule, Subject
from .catalogue import RULES, Inspection, inspect
from .worded import worded

__all__ = [
           "BREACH",
           "DOUBT",
           "RULES",
           "Hit",
           "Inspection",
           "Lot",
           "Paper",
           "Passage",
           "Rule",
           "Subject",
           "inspect",
           "worded",
]
