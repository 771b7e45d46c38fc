"""One written example on its way to the file, with what is true of it and what was planted in it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(eq=False)
class Example:
    """`given` is the label in the file and `true` the right one; `kind` names the planted problem, if any.

    `detail` is what the truth file says about it: words, or the example that this one copies.
    `spare` marks an example that must stay as it is (it was copied, or belongs to a thin region).
    """

    text: str
    true: str
    at: datetime
    split: str = "train"
    given: str = ""
    kind: str = ""
    detail: "str | Example" = ""
    spare: bool = False
    id: str = ""
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.given = self.given or self.true

    @property
    def is_free(self) -> bool:
        """Whether a problem may still be planted here."""
        return not self.kind and not self.spare
