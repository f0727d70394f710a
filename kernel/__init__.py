"""The few words all six books share: canonical bytes, refusals, time, tables and acts' errors.

Nothing here knows what a tender is. At most 600 lines in all, and nothing in the
project is imported from here.
"""
