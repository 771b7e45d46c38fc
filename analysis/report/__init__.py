"""Results as text for people: what the command line prints. Composes lines, prints nothing.

Nothing is imported here, so that `--help` is fast.
"""
