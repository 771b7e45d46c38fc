"""Text that wants to be more than text: what Markdown and charts must be given so that it stays text.

What `markdown` returns is read here by the rules of CommonMark and GitHub's extensions: a backslash before ASCII
punctuation is that character; a bare address is a link unless something stands within it.
"""

import html
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import safe

PAYLOADS = {
    "image": "![x](http://127.0.0.1:1/a.png)",
    "link": "[click](https://example.com)",
    "script link": "[click](javascript:alert(1))",
    "address": "see http://example.com/a?b=c now",
    "capital address": "HTTPS://EXAMPLE.COM and WWW.example.com",
    "bare www": "www.example.com",
    "mail": "write to ada@example.com or mailto:ada@example.com",
    "html image": "<img src=x onerror=alert(1)>",
    "svg": "<svg/onload=alert(1)>",
    "script": "<script>alert(1)</script>",
    "iframe": "<iframe src=//example.com></iframe>",
    "style": "<style>@import url(//example.com)</style>",
    "colour": ":red[danger] :material/home: :streamlit: :smile:",
    "latex": r"$\href{http://example.com}{x}$ $$\includegraphics{x}$$",
    "heading": "# heading",
    "list": "1. one",
    "rule": "---",
    "code": "`code` ~~~ ```",
    "emphasis": "**bold** _it_ ~~gone~~ a_b_c",
    "entity": "&lt;b&gt; &#60;",
    "footnote": "[^1] [x]: http://example.com",
    "arrows": "a -> b <- c <-> d -- e >= f <= g ~= h",
    "table": "a | b\n--|--\n1 | 2",
    "break": "one  \ntwo\\\nthree",
    "template": "%{customdata} {{x}}",
    "formula": "=cmd|'/c calc'!A1",
}
_LINK = re.compile(r"(?i)(https?://|www\.)[-.\w]|[-.\w+]+@[-\w]+\.[-\w]")
_NAMED = re.compile(r":[a-z_]+[:\[/]", re.IGNORECASE)
_ARROW = re.compile(r"(^|\s)(<->|->|<-|--|>=|<=|~=)(\s|$)")


def _read(shown: str) -> str:
    """The text that Markdown shows for `shown`, all of whose punctuation is escaped."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", shown)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_markdown_shows_a_payload_as_text(payload: str) -> None:
    shown = safe.markdown(payload, 300)
    assert not re.search(r"(?<!\\)(?:\\\\)*[!-/:-@\[-`{-~]", re.sub(r"\\[!-/:-@\[-`{-~]", "", shown)), "unescaped"
    read = _read(shown)
    assert not _LINK.search(read)
    assert not _NAMED.search(read)
    assert not _ARROW.search(read)
    assert read.replace(safe.JOINER, "") == " ".join(payload.split())


@pytest.mark.slow
@given(st.text(max_size=200))
def test_markdown_is_one_line_without_live_punctuation(text: str) -> None:
    shown = safe.markdown(text)
    assert "\n" not in shown
    assert not set(re.sub(r"\\[!-/:-@\[-`{-~]", "", shown)) & set(string.punctuation)
    assert not _LINK.search(_read(shown))
    assert not _NAMED.search(_read(shown))


@given(st.text(alphabet="wW.:/@htpsa ", max_size=60))
def test_no_address_survives(text: str) -> None:
    assert not _LINK.search(_read(safe.markdown(text)))


@pytest.mark.parametrize("payload", ["<a href='http://x'>y</a>", "<b>x</b>", "&lt;a href=x&gt;", "a\n<br>b", "x</sub>"])
def test_plotly_shows_a_payload_as_text(payload: str) -> None:
    shown = safe.plotly(payload)
    assert "<" not in shown
    assert html.unescape(shown) == " ".join(payload.split())


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert safe.one_line("x" * 80, 80) == "x" * 80
    assert safe.one_line("x" * 81, 80) == "x" * 79 + "…"
    assert safe.markdown("x" * 500) == "x" * 79 + "…"
    assert safe.one_line("word " * 1000, 20) == "word word word word…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a⟨U+202E⟩b"),  # right-to-left override
        ("a\u200bb", "a⟨U+200B⟩b"),  # zero-width space
        ("a\x1b[31mb", "a⟨U+001B⟩[31mb"),
        ("a\x00b", "a⟨U+0000⟩b"),
        ("\ufeffa", "⟨U+FEFF⟩a"),
        ("a\u2066b\u2069", "a⟨U+2066⟩b⟨U+2069⟩"),
        ("line\n\ttab", "line\n\ttab"),
        ("\u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd"),
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"),
        ("\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
        ("pay\u200dpal", "pay⟨U+200D⟩pal"),
        ("cafe\u0301", "cafe\u0301"),
        ("\ud800", "⟨U+D800⟩"),
    ],
)
def test_hidden_characters_are_shown(text: str, shown: str) -> None:
    assert safe.visible(text) == shown


def test_a_pile_of_combining_marks_is_cut() -> None:
    assert safe.visible("a" + "\u0301" * 10_000) == "a" + "\u0301" * 4 + "⟨9,996 more marks⟩"
