"""The measurements of `./dev bench`: each a ratio against a baseline in the same run.

What is measured runs in a process of its own, and its processor time counts beside the
clock's, so that a busy machine changes the figures little.
"""
