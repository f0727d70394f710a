"""The demonstration: one tender of a township, played over real HTTP by its own persons.

Nothing here is known to the platform; it is a stranger with credentials, files and a clock
that only a demonstration database obeys.
"""
