"""CSV and TSV files that break readers, or that readers silently change."""

import csv
import io
from collections.abc import Callable, Sequence

from tests.hostile.expect import Asks, Case, Loads, Refuses, Rows

HEADER = ["id", "text", "label"]
ROWS = [["1", "I was charged twice", "billing"], ["2", "it's late, again", "delivery"], ["3", "naïve café ☕", "other"]]


def table(
    rows: Rows, header: Sequence[str] = HEADER, delimiter: str = ",", end: str = "\n", encoding: str = "utf-8"
) -> bytes:
    """A well-formed delimited file."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows([header, *rows])
    return text.getvalue().encode(encoding)


def labelled(labels: Sequence[str]) -> list[list[str]]:
    """One row per label."""
    return [[str(i), f"message {i}", label] for i, label in enumerate(labels, start=1)]


def exact(id_: str, what: str, rows: Rows, header: Sequence[str] = HEADER) -> Case:
    """A plain CSV whose cells must come back to the letter."""
    return Case(id_, what, f"{id_}.csv", lambda: table(rows, header), Loads(header, rows))


def variant(id_: str, what: str, data: Callable[[], bytes], **options: object) -> Case:
    """The three usual rows, written differently."""
    return Case(id_, what, f"{id_}.csv", data, Loads(HEADER, ROWS, options=options))


def encoded(id_: str, what: str, encoding: str, text: str) -> Case:
    """Text in an encoding that cannot be known for sure."""
    data = table([["1", text, "a"], ["2", text + "!", "b"]], encoding=encoding)
    choice = "cp1252" if encoding == "latin-1" else encoding
    return Case(id_, what, f"{id_}.csv", lambda: data, Asks("encoding", "not UTF-8|no mark", choice, text))


def ragged(id_: str, what: str, odd: dict[int, str], reason: str) -> Case:
    """Twenty good rows with odd ones between them, by line number."""
    good = [[str(i), f"message {i}", "ab"[i % 2]] for i in range(20)]
    lines = [",".join(HEADER), *(",".join(row) for row in good)]
    for line in sorted(odd):
        lines.insert(line - 1, odd[line])
    expect = Loads(HEADER, good, notice=rf"{len(odd)} rows? w", rejected=tuple(sorted(odd)), reason=reason)
    return Case(id_, what, f"{id_}.csv", lambda: ("\n".join(lines) + "\n").encode(), expect)


def late_bad_byte() -> bytes:
    lines = [f"{i},message {i},{'ab'[i % 2]}\n".encode() for i in range(1, 40_001)]
    lines[30_000] = "30001,caf\xe9 au lait,a\n".encode("latin-1")  # the header is line 1
    return b"id,text,label\n" + b"".join(lines)


_HOSTILE_NAMES = [
    "<img src=x onerror=alert(1)>",
    '"; DROP TABLE source; --',
    '=HYPERLINK("http://x.example")',
    "![x](http://x.example/y.png)",
    "\u202ename",
    "a\nb",
]
_WORDS = ["None", "N/A", "NA", "null", "nan", "NULL", "", "-", "#N/A", "<NA>"]
_ODD_LABELS = ["billing", "Billing", " billing", "billing ", "bill\u200bing", "billing\u00a0"]
_ZALGO = "Z" + "\u0353\u035c\u0321\u0336" * 20
_MIXED = [["1", "a", "1"], ["2", "b", "1.0"], ["x", "c", "one"], ["", "d", "2024-01-01"]]
_SQL = ["'; DROP TABLE source; --", "Robert'); DELETE FROM examples;--", '" OR 1=1', "/* */", "$$"]

CASES = [
    variant("c01", "UTF-8", lambda: table(ROWS), encoding="utf-8", delimiter=",", header=True),
    variant("c02", "UTF-8 with mark", lambda: b"\xef\xbb\xbf" + table(ROWS), encoding="utf-8-sig"),
    Case(
        "c03",
        "UTF-16 with mark",
        "c03.csv",
        lambda: table(ROWS, encoding="utf-16"),
        Loads(HEADER, ROWS, notice="UTF-16"),
    ),
    encoded("c04", "UTF-16 BE without mark", "utf-16-be", "a plain message with words"),
    encoded("c05", "Latin-1", "latin-1", "Größe stimmt nicht, señor"),
    encoded("c06", "Windows-1252", "cp1252", "“refund” – 5 €"),
    encoded("c07", "Shift-JIS", "shift_jis", "返金をお願いします"),
    exact("c08", "NUL in a cell", [["1", "a\0b", "x"], ["2", "c", "y"], ["3", "d", "x"]]),
    Case(
        "c09",
        "bad byte on line 30,002",
        "c09.csv",
        late_bad_byte,
        Asks("encoding", r"line 30,002 .*0xE9", "cp1252", "café au lait"),
    ),
    variant("c10", "CRLF", lambda: table(ROWS, end="\r\n")),
    variant("c11", "CR alone", lambda: table(ROWS, end="\r")),
    variant(
        "c12",
        "mixed line ends",
        lambda: table(ROWS).replace(b"billing\n", b"billing\r\n").replace(b"delivery\n", b"delivery\r"),
    ),
    ragged("c13", "rows too short", {3: "x,short", 9: "alone"}, "[12] cells? where the first row has 3"),
    ragged("c14", "rows too long", {5: "x,too,long,by,three"}, "5 cells where the first row has 3"),
    ragged(
        "c15", "rows short and long, and a stray quote", {2: "x", 4: "a,b,c,d", 7: 'q,"he said "hi"",c'}, "cells?|quote"
    ),
    Case(
        "c16",
        "quote open at the end",
        "c16.csv",
        lambda: b'id,text,label\n1,fine,a\n2,fine,b\n3,"open,c\n4,more,a\n',
        Refuses("quote opened on line 4 never closes"),
    ),
    Case(
        "c17",
        "quote open in the middle",
        "c17.csv",
        lambda: b'id,text,label\n1,"open,a\n2,fine,b\n3,"quoted",c\n4,fine,a\n',
        Refuses("quote opened on line 2 never closes"),
    ),
    variant("c18", "semicolons", lambda: table(ROWS, delimiter=";"), delimiter=";"),
    variant("c19", "tabs", lambda: table(ROWS, delimiter="\t"), delimiter="\t"),
    variant("c20", "pipes", lambda: table(ROWS, delimiter="|"), delimiter="|"),
    Case(
        "c21",
        "no header",
        "c21.csv",
        lambda: table(labelled("abab" * 5)[1:], header=labelled("abab")[0]),
        Loads(["", "", ""], labelled("a" + ("abab" * 5)[1:]), asks="header", options={"header": False}),
    ),
    Case("c22", "header only", "c22.csv", lambda: b"id,text,label\n", Refuses("0 rows")),
    Case("c23", "empty", "c23.csv", lambda: b"", Refuses("file is empty")),
    exact("c24", "one row", ROWS[:1]),
    exact("c25", "one column", [["first message"], ["second message"], ["third one"]], ["text"]),
    exact("c26", "equal column names", [["a", "b", "c"], ["d", "e", "f"]], ["text", "label", "label"]),
    exact("c27", "names that differ by case", [["a", "b", "c"], ["d", "e", "f"]], ["text", "Label", "label"]),
    exact("c28", "empty column name", [["a", "b", "c"], ["d", "e", "f"]], ["text", "", "label"]),
    exact("c29", "hostile column names", [list("abcdef"), list("ghijkl")], _HOSTILE_NAMES),
    Case(
        "c30",
        "10,000 columns",
        "c30.csv",
        lambda: table([["1"] * 10_000], [f"k{i}" for i in range(10_000)]),
        Refuses("10,000 columns; at most 2,000"),
    ),
    exact("c31", "leading zeros", [["007", "a", "01"], ["0", "b", "1"], ["00", "c", "001"]]),
    exact("c32", "large whole numbers", [["12345678901234567890123", "a", "x"], ["9007199254740993", "b", "y"]]),
    exact("c33", "dates", [["2024-01-05", "a", "05/01/2024"], ["1/2/24", "b", "2024-01-05T00:00:00Z"]]),
    exact("c34", "yes and no", labelled(["yes", "NO", "true", "False", "on", "Y"])),
    exact("c35", "words for nothing", labelled(_WORDS)),
    exact("c36", "floats", [["0.1000", "1e5", "1E+05"], ["1.", ".5", "-0"], ["1,5", "1_000", "0x1F"]]),
    exact("c37", "labels that differ by spaces, case, zero width", labelled(_ODD_LABELS)),
    exact("c38", "one class", labelled(["same"] * 30)),
    exact("c39", "a class with one example", labelled(["many"] * 29 + ["lone"])),
    exact("c40", "all labels different", labelled([f"label {i}" for i in range(30)])),
    exact("c41", "mixed values", _MIXED),
    exact("c42", "mixed numbers", labelled(["1", "01", "1.0", "1e0", "one", "", "0001"])),
    exact("c43", "a field of 3 MB", [["1", "word " * 600_000, "a"], ["2", "short", "b"]]),
    Case(
        "c44",
        "one line of 50 MB",
        "c44.csv",
        lambda: b"id,text,label\n1," + b"x" * 50_000_000 + b",a\n",
        Refuses("expands beyond the limit"),
        bomb=True,
    ),
    exact("c45", "right to left, emoji, stacked marks", [["1", "שלום \u202eevil\u202c", "👩‍👩‍👧"], ["2", _ZALGO, "é"]]),
    exact("c46", "formulas", [["=1+1", "@SUM(A1)", "+1"], ["-2+3", '=HYPERLINK("http://x")', "\tx"]]),
    exact("c47", "control characters", [["1", "\x01\x02\x1b[31mred\x7f", "a"], ["2", "\x0b\x0c\x1c\x85\u2028", "b"]]),
    Case(
        "c48",
        "HTML",
        "c48.csv",
        lambda: b"\n<!DOCTYPE html><html><body>1,2,3</body></html>",
        Refuses("this is HTML|This is HTML"),
    ),
    Case(
        "c49",
        "comments first",
        "c49.csv",
        lambda: b"# exported, by a tool\n# on a day\n" + table(ROWS),
        Loads(HEADER, ROWS, asks="skip_lines", options={"skip_lines": 2}),
    ),
    Case(
        "c50",
        "blank lines",
        "c50.csv",
        lambda: table(ROWS).replace(b"billing\n", b"billing\n\n\n") + b"\n",
        Loads(HEADER, ROWS, notice="3 blank lines"),
    ),
    exact("c51", "equal ids", [["1", "a", "x"], ["1", "b", "y"], ["1", "c", "x"]]),
    Case("c52", "binary", "c52.csv", lambda: bytes(i * 73 % 256 for i in range(5000)), Refuses("binary data")),
    Case("c53", "a program", "c53.csv", lambda: b"\x7fELF\x02\x01\x01" + bytes(200), Refuses("program")),
    exact("c54", "SQL in values", labelled(_SQL)),
    Case(
        "c55",
        "half a character pair",
        "c55.csv",
        lambda: b"id,text,label\n1,fine,a\n2,half \xed\xa0\xbd pair,b\n3,fine too,a\n",
        Loads(
            HEADER,
            [["1", "fine", "a"], ["3", "fine too", "a"]],
            notice="1 row",
            rejected=(3,),
            reason="not valid UTF-8",
        ),
    ),
]
