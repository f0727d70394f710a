"""Book 4 of 6: the money behind it (保证金·保函).

Instruments, guarantors, release.
"""
