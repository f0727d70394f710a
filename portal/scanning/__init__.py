"""Virus scanning by the installation's own scanner: files are asked about, never changed."""
