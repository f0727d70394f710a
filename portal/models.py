"""Every table of the platform, imported in one place for migrations and the schema test."""

import importlib

MODULES = []
for name in ("kernel.db", "audit.model", "people.model", "tender.model", "guarantees.model",
             "bidding.model", "evaluation.model"):
    try:
        MODULES.append(importlib.import_module(name))
    except ModuleNotFoundError as missing:  # UNTIL-BUILT
        if missing.name != name:
            raise
