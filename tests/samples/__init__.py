"""The samples in the documents: asked of an installation, and held to be what it answers.

A sample is two fences of `http` after one another, a request and its answer. Requests are written
by hand; answers are printed by `python -m tests.samples`, and a test compares them. The signature of a
webhook is a sample of its own: one fence that the platform would send.
"""
