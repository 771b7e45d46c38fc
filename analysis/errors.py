"""What can go wrong in a way that a person can mend.

UserError(message, hint)   the only exceptions that pages and the CLI translate
├── BadFile                unreadable, empty, wrong format, too large, wrong encoding
├── BadRoles               a column that is not there, two roles on one column, nothing to judge
├── DatasetBusy            another process holds the dataset
├── NoSuchThing            a dataset, an example or a check that does not exist
├── NotReady               asked for something that needs labels, a scan, annotators …
└── NotSaved               a decision could not be made durable

The message says what is wrong with the value seen; the hint says the next step. Everything else is a
defect in Plumbline and is never caught, except at the one boundary around a check in `analysis.scan`.
"""


class UserError(Exception):
    """Something that the person in front of the screen can mend; `hint` names the next step."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class BadFile(UserError):
    """The file cannot be read as a table of examples."""


class BadRoles(UserError):
    """The chosen columns cannot play the chosen roles."""


class DatasetBusy(UserError):
    """Another process has this dataset open."""


class NoSuchThing(UserError):
    """The dataset, example, check or column that was asked for does not exist."""


class NotReady(UserError):
    """Something has to come first: labels, annotators, a scan."""


class NotSaved(UserError):
    """An act could not be made durable, so nothing was recorded."""
