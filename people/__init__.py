"""Who acts: persons, parties, accounts, roles, sessions, tokens and authority at the moment of commit."""
