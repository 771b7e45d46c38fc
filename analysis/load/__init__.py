"""Files → source, examples, annotations.

`read` turns a file into text cells inside a capped child process; `roles` says what the columns mean; `save` stores
both. Nothing is imported here, so that the child process starts fast.
"""
