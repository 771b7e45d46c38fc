"""JSON and JSON Lines that crash, confuse or silently change."""

import json
from collections.abc import Callable

from tests.hostile.expect import Case, Loads, Refuses

NAMES = ["text", "label"]
ROWS = [["charged twice", "billing"], ["it is late", "delivery"], ["naïve café ☕", "other"]]
OBJECTS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]


def lines(objects: list[dict[str, object]] = OBJECTS) -> bytes:  # type: ignore[assignment]
    """One object per line."""
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in objects).encode()


def _case(id_: str, what: str, name: str, make: Callable[[], bytes], expect: Loads | Refuses) -> Case:
    return Case(id_, what, f"{id_}{name}", make, expect)


def _label_studio() -> bytes:
    """Three tasks: one labelled by two people, one not annotated, one cancelled."""
    said = {"from_name": "topic", "to_name": "text", "type": "choices"}
    tasks = [
        {
            "id": 7,
            "data": {"text": "charged twice", "channel": "mail"},
            "annotations": [
                {
                    "id": 1,
                    "completed_by": {"id": 3, "email": "ada@example.org"},
                    "created_at": "2026-01-02T03:04:05Z",
                    "result": [said | {"value": {"choices": ["billing"]}}],
                },
                {"id": 2, "completed_by": 4, "result": [said | {"value": {"choices": ["billing", "refund"]}}]},
            ],
        },
        {"id": 8, "data": {"text": "it is late", "channel": "chat"}, "annotations": []},
        {
            "id": 9,
            "data": {"text": "hello", "channel": "mail"},
            "annotations": [
                {"completed_by": 3, "was_cancelled": True, "result": [said | {"value": {"choices": ["other"]}}]}
            ],
        },
    ]
    return json.dumps(tasks, indent=2).encode()


_STUDIO = Loads(
    ["id", "text", "channel", "annotator", "label", "annotated_at"],
    [
        ["7", "charged twice", "mail", "ada@example.org", '"billing"', "2026-01-02T03:04:05Z"],
        ["7", "charged twice", "mail", "4", '["billing", "refund"]', None],
        ["8", "it is late", "chat", None, None, None],
        ["9", "hello", "mail", "3", None, None],
    ],
    notice="2 of 4 rows have no label",
)
_LONG = "9" * 6000
_NUMBERS = b'{"a": NaN, "b": 1.50}\n{"a": -Infinity, "b": 12345678901234567890.10}\n{"a": 1e400, "b": 007}\n'

CASES = [
    _case("j01", "JSON Lines", ".jsonl", lines, Loads(NAMES, ROWS)),
    _case(
        "j02",
        "a line that is not JSON",
        ".jsonl",
        lambda: (
            b'{"text": "oops" "label": 1}\n' + lines() + b"not json\n[1, 2]\n" + lines()[:40].split(b"\n")[0] + b"\n"
        ),
        Loads(NAMES, [*ROWS], notice="4 rows", rejected=(1, 5, 6, 7), reason="not JSON|not an object"),
    ),
    _case(
        "j03",
        "cut off",
        ".jsonl",
        lambda: lines() + b'{"text": "half',
        Loads(NAMES, ROWS, rejected=(4,), reason="not JSON"),
    ),
    _case(
        "j04",
        "100,000 nested lists",
        ".json",
        lambda: b'[{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]",
        Refuses("nested deeper than 64"),
    ),
    _case(
        "j05",
        "100,000 nested objects",
        ".jsonl",
        lambda: b'{"a": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001,
        Refuses("nested deeper than 64"),
    ),
    _case(
        "j06",
        "equal keys",
        ".jsonl",
        lambda: lines() + b'{"text": "x", "label": "a", "label": "b"}\n',
        Loads(NAMES, ROWS, rejected=(4,), reason="'label' appears twice"),
    ),
    _case(
        "j07",
        "NaN, infinity, digits",
        ".jsonl",
        lambda: _NUMBERS,
        Loads(
            ["a", "b"], [["NaN", "1.50"], ["-Infinity", "12345678901234567890.10"]], rejected=(3,), reason="not JSON"
        ),
    ),
    _case(
        "j08",
        "values of all types",
        ".jsonl",
        lambda: b'{"v": "text"}\n{"v": 1}\n{"v": [1,  2]}\n{"v": {"k": null}}\n{"v": null}\n{"w": true}\n',
        Loads(
            ["v", "w"],
            [['"text"', None], ["1", None], ["[1,  2]", None], ['{"k": null}', None], ["null", None], [None, "true"]],
            notice="'v' mixes lists, numbers, objects, text",
        ),
    ),
    _case("j09", "a list, indented", ".json", lambda: json.dumps(OBJECTS, indent=4).encode(), Loads(NAMES, ROWS)),
    _case(
        "j10",
        "a number of 6,000 digits",
        ".jsonl",
        lambda: f'{{"n": {_LONG}, "t": "a"}}\n'.encode(),
        Loads(["n", "t"], [[_LONG, "a"]]),
    ),
    _case("j11", "UTF-8 with mark", ".jsonl", lambda: b"\xef\xbb\xbf" + lines(), Loads(NAMES, ROWS)),
    _case("j12", "UTF-16", ".jsonl", lambda: lines().decode().encode("utf-16"), Loads(NAMES, ROWS, notice="UTF-16")),
    _case(
        "j13",
        "__proto__ as a key",
        ".json",
        lambda: b'[{"__proto__": {"x": 1}, "constructor": "y"}]',
        Loads(["__proto__", "constructor"], [['{"x": 1}', "y"]]),
    ),
    _case("j14", "Label Studio", ".json", _label_studio, _STUDIO),
    _case("j15", "an empty list", ".json", lambda: b" [ ]\n", Refuses("0 rows")),
    _case("j16", "a single value", ".json", lambda: b'"just text"', Refuses("single value")),
    _case(
        "j17",
        "5,000 keys",
        ".json",
        lambda: json.dumps([{f"k{i}": "v" for i in range(5000)}]).encode(),
        Refuses("2,001 columns; at most 2,000"),
    ),
]
