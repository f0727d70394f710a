"""A tender as open contracting data (OCDS 1.1.5): what is public, release by release."""
