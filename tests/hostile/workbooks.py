"""Excel workbooks, written by hand so that they can be wrong in exactly one way."""

import zlib

from tests.hostile.archives import raw_zip, repeated, zipped
from tests.hostile.expect import Case, Loads, Refuses

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill><patternFill/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="3"><xf/><xf numFmtId="14" applyNumberFormat="1"/>'
    '<xf numFmtId="22" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>"
)


def sheet(*rows: str, before: str = "") -> str:
    """A worksheet around the XML of its rows."""
    return f'{before}<worksheet xmlns="{_MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def row(number: int, *cells: str) -> str:
    """One row around the XML of its cells."""
    return f'<row r="{number}">{"".join(cells)}</row>'


def text(place: str, value: str) -> str:
    """A cell with text."""
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{value}</t></is></c>'


def parts(sheets: dict[str, str]) -> list[tuple[str, bytes]]:
    """All files of a workbook with these sheets."""
    numbered = list(enumerate(sheets, start=1))
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{_SHEET_TYPE}"/>' for i, _ in numbered
    )
    names = "".join(f'<sheet name="{name}" sheetId="{i}" r:id="rId{i}"/>' for i, name in numbered)
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{_REL}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i, _ in numbered
    )
    files = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_BOOK_TYPE}"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_STYLES_TYPE}"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}'
        f'<Relationship Id="rId99" Type="{_REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
    }
    files |= {f"xl/worksheets/sheet{i}.xml": sheets[name] for i, name in numbered}
    return [(name, content.encode()) for name, content in files.items()]


def workbook(sheets: dict[str, str]) -> bytes:
    """An .xlsx with these sheets."""
    return zipped(parts(sheets))


def _huge() -> bytes:
    """A sheet of 200 MB, stored in 200 KB."""
    xml = sheet(row(1, text("A1", "text")), "@").split("@")
    block = f"<row><c t='inlineStr'><is><t>{'a' * 1_000_000}</t></is></c></row>".encode()
    body = repeated(xml[0].encode(), 1)[:-2] + repeated(block, 200)[:-2] + repeated(xml[1].encode(), 1)
    size = 200 * len(block) + len(xml[0]) + len(xml[1])
    entries = [(name.encode(), content, 0, 0, len(content), 0) for name, content in parts({"Sheet1": ""})[:-1]]
    return raw_zip(
        [(*entry[:3], zlib.crc32(entry[1]), *entry[4:]) for entry in entries]
        + [(b"xl/worksheets/sheet1.xml", body, 8, 0, size, 0)]
    )


_LAUGHS = (
    "<!DOCTYPE x [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(9))
    + "]>"
)
_XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
_TABLE = sheet(
    row(1, text("A1", "text"), text("B1", "label")),
    row(2, text("A2", "charged twice"), text("B2", "billing")),
    row(3, text("A3", " late &amp; lost_x000D_"), text("B3", "delivery")),
)
_CELLS = [["charged twice", "billing"], [" late & lost\r", "delivery"]]
_OTHER = sheet(row(1, text("A1", "other")), row(2, text("A2", "thing")))
_TYPE_NAMES = ["date", "time", "whole", "part", "error", "truth", "none"]
EVERY_TYPE = sheet(
    row(1, *(text(f"{c}1", name) for c, name in zip("ABCDEFG", _TYPE_NAMES, strict=True))),
    row(2, '<c r="A2" s="1"><v>45296</v></c>', '<c r="B2" s="2"><v>45296.5</v></c>', '<c r="C2"><v>1.0</v></c>',
        '<c r="D2"><v>0.1</v></c>', '<c r="E2" t="e"><v>#N/A</v></c>', '<c r="F2" t="b"><v>1</v></c>'),
    row(4, text("A4", "007"), '<c r="C4"><v>12345678901234567890</v></c>'),
)  # fmt: skip
_TYPED = [
    ["2024-01-05", "2024-01-05T12:00:00", "1", "0.1", "#N/A", "TRUE", None],
    ["007", None, "12345678901234567890", None, None, None, None],
]
_FORMULA = sheet(row(1, text("A1", "text"), text("B1", "n")), row(2, text("A2", "a"), '<c r="B2"><f>1+1</f></c>'))
_FAR = sheet(row(1, text("A1", "text")), row(1048576, '<c r="XFD1048576"><v>1</v></c>'))
_FAR_ROW = sheet(
    row(1, text("A1", "text")), row(2, text("A2", "a")), row(999_999_999_999, '<c r="A999999999999"><v>1</v></c>')
)

CASES = [
    Case(
        "x01",
        "one sheet",
        "x01.xlsx",
        lambda: workbook({"Data": _TABLE}),
        Loads(["text", "label"], _CELLS, options={"sheet": "Data"}),
    ),
    Case(
        "x02",
        "two sheets",
        "x02.xlsx",
        lambda: workbook({"Data": _TABLE, "Other": _OTHER}),
        Loads(["text", "label"], _CELLS, asks="sheet", options={"sheet": "Data"}),
    ),
    Case(
        "x03",
        "an entity that reads a file",
        "x03.xlsx",
        lambda: workbook({"Data": _XXE + _TABLE.replace("late", "&e;")}),
        Refuses("contains XML entities"),
    ),
    Case(
        "x04",
        "a billion laughs",
        "x04.xlsx",
        lambda: workbook({"Data": _LAUGHS + _TABLE.replace("late", "&j;")}),
        Refuses("contains XML entities"),
        bomb=True,
    ),
    Case("x05", "a sheet of 200 MB", "x05.xlsx", _huge, Refuses("expands beyond the limit"), bomb=True),
    Case(
        "x06",
        "a cell in the farthest corner",
        "x06.xlsx",
        lambda: workbook({"Data": _FAR}),
        Refuses("16,384 columns; at most 2,000"),
        bomb=True,
    ),
    Case(
        "x06b",
        "a cell beyond the farthest row",
        "x06b.xlsx",
        lambda: workbook({"Data": _FAR_ROW}),
        Refuses("row 999,999,999,999"),
        bomb=True,
    ),
    Case("x07", "text under the name", "x07.xlsx", lambda: b"this is no workbook", Refuses("not an .xlsx")),
    Case("x07b", "another zip under the name", "x07b.xlsx", lambda: zipped([("a.txt", b"x")]), Refuses("not an .xlsx")),
    Case(
        "x08",
        "a web page saved as .xls",
        "x08.xls",
        lambda: b"<html><table><tr><td>1</td></tr></table></html>",
        Refuses("HTML"),
    ),
    Case("x09", "cut off", "x09.xlsx", lambda: workbook({"Data": _TABLE})[:900], Refuses("cut off or broken")),
    Case(
        "x10",
        "password-protected or old",
        "x10.xlsx",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        Refuses("old .xls or a password-protected"),
    ),
    Case(
        "x11",
        "types",
        "x11.xlsx",
        lambda: workbook({"Data": EVERY_TYPE}),
        Loads(_TYPE_NAMES, _TYPED, notice="1 blank row"),
    ),
    Case(
        "x12",
        "a formula without a value",
        "x12.xlsx",
        lambda: workbook({"Data": _FORMULA}),
        Loads(["text", "n"], [["a", None]], notice="1 formula cell has no value"),
    ),
]
