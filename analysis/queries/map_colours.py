"""What the points of the map can be coloured by, and how each colouring is asked for."""

from typing import Any

import pandas as pd
import pyarrow as pa

from analysis.load.cells import plain_column
from analysis.store import Store

SEVERAL = "*"  # as a category: more than one check flagged the example
SEVERITY = "severity:"  # before a check's name: how suspicious it finds each example
DISAGREEMENT = "disagreement"
DATE = "date"
_DIGITS = 2  # of a measure, as a category

VOTES = "SELECT example_id, annotator, arg_max(label, (coalesce(annotated_at, ''), rowid)) AS label FROM annotations"
"""The label of each annotator that counts: of several for one example the one with the later date, or the lower line;
needs GROUP BY ALL."""
SPLIT = f"""
    SELECT example_id, entropy(label) AS bits FROM ({VOTES} GROUP BY ALL) GROUP BY example_id HAVING count(*) > 1
"""
"""How evenly the annotators of an example with two labels or more are split: the entropy of its labels in bits, 0 where
all agree, 1 where two labels are given equally often."""
_BY_TWO = "SELECT example_id FROM annotations GROUP BY example_id HAVING min(annotator) < max(annotator)"
_DAY = "coalesce(try_cast(happened_at AS TIMESTAMP)::DATE, try_cast(left(happened_at, 10) AS DATE))"


def colourings(store: Store) -> list[tuple[str, str]]:
    """What points can be coloured by: key and title. Columns of the file without a role come last, as c0, c1 …"""
    has_label, has_split, days = store.rows(
        f"SELECT count(label) > 0, count(split) > 0, count(DISTINCT {_DAY}) FROM examples"
    )[0]
    checks = store.rows("SELECT check_name FROM findings WHERE subject = 'example' GROUP BY 1 HAVING count(*) > 1")
    known = [("label", "label")] * has_label + [("issue", "issue")] + [("split", "split")] * has_split
    known.append(("verdict", "decision"))
    if store.value(f"SELECT 1 FROM ({_BY_TWO}) LIMIT 1"):
        known.append((DISAGREEMENT, "annotator disagreement"))
    if days > 1:
        known.append((DATE, "date"))
    known += [(f"{SEVERITY}{name}", name) for (name,) in sorted(checks)]
    return [*known, *_free_columns(store)]


def is_measured(colour: str) -> bool:
    """Whether the colouring is a measure, whose values are cut into bands however few they are."""
    return colour == DISAGREEMENT or colour.startswith(SEVERITY)


def layer(colour: str) -> tuple[str, list[Any]]:
    """A common table expression layer(example_id, category) for colourings that need one, and its parameters."""
    if colour.startswith(SEVERITY):
        measured = "SELECT subject_id AS example_id, max(severity) AS value FROM findings"
        measured += " WHERE subject = 'example' AND check_name = ? GROUP BY subject_id"
        return _rounded(measured), [colour.removeprefix(SEVERITY)]
    if colour == DISAGREEMENT:
        return _rounded(
            f"""
            SELECT example_id, avg(bits) AS value FROM (
                SELECT example_id, bits FROM ({SPLIT})
                UNION ALL
                SELECT n.example_id, s.bits
                FROM (SELECT example_id, unnest(members) AS other FROM neighbours) n
                JOIN ({SPLIT}) s ON s.example_id = n.other)
            GROUP BY example_id
            """
        ), []
    return "layer AS (SELECT NULL AS example_id, NULL AS category WHERE false)", []


def category(colour: str) -> str:
    """The category of a point as an SQL expression over e, f (its flags), d (its verdict), s (its row), l (its layer).

    A colouring that is not known is a KeyError.
    """
    if is_measured(colour):
        return "l.category"
    position = column_of(colour)
    if position is not None:
        return f"nullif(s.c{position}, '')"
    return {
        "label": "e.label",
        "issue": f"CASE WHEN f.reasons > 1 THEN '{SEVERAL}' ELSE f.check_name END",
        "split": "e.split",
        "verdict": "d.action",
        DATE: f"strftime({_DAY}, '%Y-%m-%d')",
    }[colour]


def column_of(colour: str) -> int | None:
    """Which column of the file it is, None where it is none."""
    return int(colour[1:]) if colour[:1] == "c" and colour[1:].isdecimal() else None


def plain(store: Store, colour: str, values: pd.Series) -> pd.Series:
    """Cells as a person reads them."""
    position = column_of(colour)
    if position is None:
        return values
    kind = next(column.kind for column in store.columns() if column.position == position)
    cells = pa.chunked_array([pa.array(values.astype(object).where(values.notna(), None), type=pa.string())])
    return pd.Series(plain_column(cells, kind).to_pylist(), index=values.index, dtype=object)


def _free_columns(store: Store) -> list[tuple[str, str]]:
    roles = store.roles().as_dict().values()
    taken = {position for role in roles for position in (role if isinstance(role, tuple) else [role])}
    return [(f"c{column.position}", column.title) for column in store.columns() if column.position not in taken]


def _rounded(measured: str) -> str:
    return f"layer AS (SELECT example_id, round(value, {_DIGITS})::VARCHAR AS category FROM ({measured}))"
