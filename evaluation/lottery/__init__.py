"""The draw among those who passed the screen of a lottery (摇号; rulebook §1.4)."""
