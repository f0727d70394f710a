"""Scripted tamperings by who holds the database, the files or the backups (F32)."""
