"""Reading files in this process: dialects, encodings, options, line numbers, kinds of columns."""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import BadFile, UserError
from analysis.load import table as table_module
from analysis.load.options import Findings, Limits, NeedsAnswer, ReadOptions, answer
from analysis.load.parse import Parsed, files_of, fingerprint, parse
from analysis.load.table import read_parts

Write = Callable[..., Path]
CSV = "id,text,label\n1,charged twice,billing\n2,late,delivery\n"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file and gives its path."""

    def file(data: str | bytes, name: str = "data.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(data.encode(encoding) if isinstance(data, str) else data)
        return path

    return file


class Table:
    """What `parse` made of a file, easy to look at."""

    def __init__(self, parsed: Parsed, folder: Path) -> None:
        self.findings: Findings = parsed.findings
        self.names = [column.name for column in parsed.columns]
        self.kinds = [column.kind for column in parsed.columns]
        cells = read_parts(folder, parsed.parts, len(parsed.columns), mapped=False)
        self.rows = [list(row) for row in zip(*(column.to_pylist() for column in cells.columns), strict=True)]


def read(*paths: Path, limits: Limits = Limits(), **options: Any) -> Table:  # noqa: B008
    """Read without a child process."""
    folder = paths[0].parent / "scratch"
    folder.mkdir(exist_ok=True)
    return Table(parse(list(paths), ReadOptions(**options), limits, folder, lambda share: None), folder)


# Delimited


@pytest.mark.slow
@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=2), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_cells_come_back_to_the_letter(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["a", "b"], *rows])
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_bytes(text.getvalue().encode())
    found = read(path, encoding="utf-8", delimiter=",", header=True, skip_lines=0)
    assert (found.names, found.rows) == (["a", "b"], rows)


def test_rows_set_aside_keep_their_line_across_chunks(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_module, "ROWS_A_CHUNK", 7)
    lines = ["id,text"] + [f'{i},"two\nlines {i}"' for i in range(40)]
    lines.insert(31, "odd")  # after the header and thirty rows of two lines each
    folder = write("\n".join(lines)).parent
    parsed = parse([folder / "data.csv"], ReadOptions(), Limits(), folder, lambda share: None)
    assert parsed.parts > 1
    assert Table(parsed, folder).rows == [[str(i), f"two\nlines {i}"] for i in range(40)]
    import pyarrow as pa

    rejected = pa.ipc.open_file(str(folder / "rejected.arrow")).read_all().to_pylist()
    assert rejected == [{"line": 62, "reason": "1 cell where the first row has 2", "raw": "odd"}]


def test_quotes_can_be_ordinary_text(write: Write) -> None:
    path = write('id,text\n1,"open\n2,5" screen\n3,plain\n')
    with pytest.raises(BadFile, match="never closes"):
        read(path)
    found = read(path, quoting=False)
    assert found.rows == [["1", '"open'], ["2", '5" screen'], ["3", "plain"]]


def test_excel_names_its_delimiter_in_the_first_line(write: Write) -> None:
    found = read(write("sep=;\r\nid;text\r\n1;a,b\r\n"))
    assert (found.names, found.rows) == (["id", "text"], [["1", "a,b"]])
    assert found.findings.questions == []


def test_a_chosen_dialect_is_not_asked_about(write: Write) -> None:
    found = read(write("1,a\n2,b\n3,c\n"), header=True, delimiter="comma", skip_lines=1)
    assert (found.names, found.rows, found.findings.questions) == (["2", "b"], [["3", "c"]], [])
    with pytest.raises(BadFile, match="cannot be a delimiter"):
        read(write(CSV), delimiter='"')


def test_text_with_commas_in_one_column_stays_one_column(write: Write) -> None:
    found = read(write("text\nHello, world\nBye, all, of you\nplain\n"))
    assert found.rows == [["Hello, world"], ["Bye, all, of you"], ["plain"]]


@pytest.mark.parametrize(
    ("first", "rest", "is_header"),
    [
        ("id,text,label", "1,a,x\n2,b,y", True),
        ("1,a,x", "2,b,y\n3,c,x", False),  # a number over numbers
        ("good film,pos", "bad film,neg\nfine film,pos\nsad film,neg", False),  # a label that comes back
        ("0,1,2", "a,b,c\nd,e,f", True),  # numbered columns
        ("2024,2025", "a,b\nc,d", True),  # numbers over words
        ("2024-01-02,a", "2024-01-03,b\n2024-01-04,c", False),
        ("text,text", "a,text\nb,c\nd,e\nf,g", True),  # came back once among many values
    ],
)
def test_header_or_not(write: Write, first: str, rest: str, is_header: bool) -> None:
    found = read(write(f"{first}\n{rest}\n"))
    assert found.findings.options.header is is_header
    assert [q.option for q in found.findings.questions] == ([] if is_header else ["header"])


def test_a_table_further_down_is_refused_with_the_way_out(write: Write) -> None:
    path = write("Report of May\n\nid,text\n1,a\n2,b\n")
    with pytest.raises(BadFile, match="None of the rows fits") as caught:
        read(path, delimiter=",")
    assert "skip" in caught.value.hint
    assert read(path, skip_lines=2).rows == [["1", "a"], ["2", "b"]]


# Encodings


def test_an_answered_encoding_is_used(write: Write) -> None:
    path = write("id,text\n1,señor\n2,x\n", encoding="cp1252")
    with pytest.raises(NeedsAnswer) as caught:
        read(path)
    assert caught.value.question.choices[0] in ("cp1252", "latin-1")
    assert read(path, encoding="cp1252").rows == [["1", "señor"], ["2", "x"]]
    with pytest.raises(BadFile, match="not an encoding"):
        read(path, encoding="klingon")
    with pytest.raises(BadFile, match="The file is not utf-16"):
        read(path, encoding="utf-16")


def test_insisting_on_utf8_sets_the_broken_rows_aside(write: Write) -> None:
    path = write(b"id,text\n1,fine\n2,caf\xe9\n3,ok\n")
    folder = path.parent / "scratch"
    found = read(path, encoding="utf-8")
    assert found.rows == [["1", "fine"], ["3", "ok"]]
    assert (folder / "rejected.arrow").exists()
    assert any("1 row was set aside" in notice for notice in found.findings.notices)


# JSON


def test_a_column_that_turns_out_not_to_be_text(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Earlier parts are mended, and a key that comes late is absent before."""
    monkeypatch.setattr(table_module, "ROWS_A_CHUNK", 2)
    rows: list[dict[str, Any]] = [{"a": 'x"y'}, {"a": "é"}, {"a": "z"}, {"a": 1}, {"b": "late", "a": None}]
    found = read(write("".join(json.dumps(row) + "\n" for row in rows), "x.jsonl"))
    assert (found.names, found.kinds) == (["a", "b"], ["json", "text"])
    assert found.rows == [['"x\\"y"', None], ['"é"', None], ['"z"', None], ["1", None], ["null", "late"]]


def test_lists_are_read_in_small_pieces(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.load.json_rows._BLOCK", 5)
    rows = [{"text": f"message {i} ☕", "n": i, "deep": {"a": [i, {}]}} for i in range(30)]
    found = read(write(json.dumps(rows, indent=1), "x.json"))
    assert [row[0] for row in found.rows] == [row["text"] for row in rows]
    assert [json.loads(row[2] or "") for row in found.rows] == [row["deep"] for row in rows]
    assert "\n" not in "".join(row[2] or "" for row in found.rows)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"a": 1},\n {"a": 2}', "line 2: the list is not closed"),
        ('[{"a": 1}\n {"a": 2}]', "line 2: a comma between two rows is missing"),
        ('[{"a": 1},\n\n {"a": tru}]', "line 3"),
        ('[{"a": 1}] [2]', "more after the end"),
        ('{\n "rows": [],\n "n": 1\n}', "one JSON object .with 'rows', 'n'."),
        ("[1, 2]", "not an object but 1"),
        ("", "file is empty"),
        ("  \n", "not JSON|0 rows"),
    ],
)
def test_json_that_is_no_list_of_rows(write: Write, text: str, message: str) -> None:
    with pytest.raises(BadFile, match=message):
        read(write(text, "x.json"))


def test_json_lines_under_any_name(write: Write) -> None:
    text = '{"a": "x"}\n{"a": "y"}\n'
    for name in ("x.jsonl", "x.json", "x.txt", "x.ndjson"):
        found = read(write(text, name))
        assert (found.findings.format, found.rows) == ("jsonl", [["x"], ["y"]])


def test_a_header_in_brackets_is_not_json(write: Write) -> None:
    assert read(write("[id],[text]\n1,a\n2,b\n")).names == ["[id]", "[text]"]


# Parquet, Excel, archives


def test_a_folder_of_parquet_files(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    for number in range(3):
        pq.write_table(pa.table({"n": [number], "t": [f"part {number}"]}), tmp_path / f"part-{number}.parquet")
    paths = files_of(tmp_path)
    assert paths == files_of(tmp_path / "part-*.parquet")
    found = read(*paths)
    assert found.rows == [[str(n), f"part {n}"] for n in range(3)]
    assert found.kinds == ["arrow:int64", "text"]
    assert fingerprint(paths)[1] == sum(path.stat().st_size for path in paths)
    pq.write_table(pa.table({"n": ["text"], "t": ["x"]}), tmp_path / "part-9.parquet")
    with pytest.raises(BadFile, match=r"Column 'n' is int64 in 'part-0.parquet' and string in 'part-9.parquet'"):
        read(*files_of(tmp_path))


def test_paths_that_lead_nowhere(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path / "*.parquet", tmp_path):
        with pytest.raises(BadFile, match=r"There is no file|No file matches|holds no Parquet"):
            files_of(path)


def test_another_sheet(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "First"
    book.active.append(["text"])
    book.active.append(["one"])
    second = book.create_sheet("Second")
    for row in (["a title above"], ["text", "label"], ["two", "x"], ["three", None]):
        second.append(row)
    path = tmp_path / "book.xlsx"
    book.save(path)
    assert read(path).rows == [["one"]]
    found = read(path, sheet="Second", skip_lines=1)
    assert (found.names, found.rows) == (["text", "label"], [["two", "x"], ["three", None]])
    with pytest.raises(BadFile, match="no sheet 'Third'") as caught:
        read(path, sheet="Third")
    assert "'First', 'Second'" in caught.value.hint
    packed = tmp_path / "book.xlsx.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert read(packed).rows == [["one"]]


def test_a_member_of_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "two.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.jsonl", '{"t": "x"}\n')
        archive.writestr("sub/b.csv", CSV)
        archive.writestr("readme.txt", "words")
    with pytest.raises(NeedsAnswer) as caught:
        read(path)
    assert caught.value.previews["sub/b.csv"][1] == ["1", "charged twice", "billing"]
    assert read(path, member="a.jsonl").rows == [["x"]]
    with pytest.raises(BadFile, match=r"no 'c\.csv'"):
        read(path, member="c.csv")


# Answers and limits


def test_answers_become_options() -> None:
    options = answer(answer(answer(ReadOptions(), "header", "no"), "skip_lines", "2"), "encoding", "cp1252")
    assert options == ReadOptions(header=False, skip_lines=2, encoding="cp1252")
    for option, choice in (("header", "maybe"), ("skip_lines", "-1"), ("colour", "red")):
        with pytest.raises(UserError):
            answer(ReadOptions(), option, choice)


def test_limits_are_named(write: Write) -> None:
    with pytest.raises(BadFile, match="3 columns; at most 2"):
        read(write(CSV), limits=Limits(columns=2))
    with pytest.raises(BadFile, match="limit of 10 characters"):
        read(write("id,text\n1,more than ten characters\n"), limits=Limits(field=10))
    with pytest.raises(BadFile, match="More than 2 rows cannot be read"):
        read(write("a,b\n1\n2\n3\n4,4\n"), delimiter=",", limits=Limits(rejected=2))
    with pytest.raises(BadFile, match="nested deeper than 2"):
        read(write('{"a": [[1]]}\n', "x.jsonl"), limits=Limits(depth=2))


def test_one_column_against_the_first_line_is_asked_about(write: Write) -> None:
    found = read(write("Hello, world\nplain words\nmore words\n"), header=False)
    assert found.rows == [["Hello, world"], ["plain words"], ["more words"]]
    (question,) = found.findings.questions
    assert (question.option, question.choices) == ("delimiter", ("\t", ","))
