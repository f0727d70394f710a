"""Book 2 of 6: the sealed bid (投标·开标).

Sealing, declaration, upload, receipt, withdrawal, close and opening.
"""
