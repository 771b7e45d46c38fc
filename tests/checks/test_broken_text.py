import pytest

from analysis.checks.broken_text import broken_text
from tests.checks.made import flagged, made

BROKEN = {
    "": "Has no text.",
    " \t\u200b\u00a0": "Has no text, only spaces or invisible characters.",
    "Caf\ufffd": "1 letter was lost and stands as “\ufffd”.",
    "CafÃ© crÃ¨me": "Was read in the wrong encoding; it probably says “Café crème”.",
    "Itâ€™s late": "Was read in the wrong encoding; it probably says “It’s late”.",
    "ÐŸÑ€Ð¸Ð²ÐµÑ‚": "Was read in the wrong encoding; it probably says “Привет”.",
    "ðŸ˜€ fine": "Was read in the wrong encoding; it probably says “😀 fine”.",
    "Ã¡rea": "Was read in the wrong encoding; it probably says “área”.",
    "Tom &amp; Ann": "Holds web page code: “&amp;”.",
    "one<br />two": "Holds web page code: “<br />”.",
    "a\x00b": "Holds characters that control devices, such as ⟨U+0000⟩.",
    "and then \\u00e": "Ends in the middle of a code: “d then \\u00e”.",
    "fish &amp": "Ends in the middle of a code: “fish &amp”.",
    "caf\\u00e9": "Holds undecoded letters such as “\\u00e9”.",
    " NaN ": "Says only “NaN”, a missing value.",
    "#REF!": "Says only “#REF!”, a missing value.",
    "!!!!!!!!!!!!": "Is one thing over and over: “!!!!!!!!!!!!”.",
    "no no no no no no no no no no": "Is one thing over and over: “no no no no no no n…”.",
}

FINE = [
    "Where is my refund?",
    "退款还没有到账",
    "تم خصم المبلغ مرتين",
    "می‌خواهم",
    "👩‍⚕️ thanks",
    "“CAFÉ” is closed…",
    "«voilà», dit-il",
    "CAFÉ\u00a0!",
    "Nestlé® and Citroën™",
    "MANHÃ – cedo",
    "Großes “Spaß”",
    "20 €, 3 °C, ½, naïve",
    "AT&T, R&D and Q&A",
    "if a < b and c > d",
    "C:\\users\\new",
    "very very very good",
    "None of them arrived",
    "haha hahaha",
    "first line\nsecond line\tend",
    "?",
    "aaaaaaah",
]


@pytest.mark.parametrize("text", BROKEN)
def test_damage_is_found_and_named(text: str) -> None:
    found = broken_text(made(["a sound text", text]))
    assert flagged(found) == {"r2": BROKEN[text]}


@pytest.mark.parametrize("text", FINE)
def test_sound_texts_are_left_alone(text: str) -> None:
    assert flagged(broken_text(made([text]))) == {}


@pytest.mark.parametrize(
    "text", ["Überraschung – “schön”, Ærøskøbing", "Zażółć gęślą jaźń", "Привет, мир", "Ελληνικά", "日本語😀"]
)
@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
def test_text_misread_once_is_read_again(text: str, encoding: str) -> None:
    misread = "".join(bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in text.encode("utf-8"))
    (message,) = flagged(broken_text(made([misread]))).values()
    assert message.startswith(f"Was read in the wrong encoding; it probably says “{text}”.")


def test_text_misread_twice_is_read_again() -> None:
    misread = "café".encode().decode("cp1252").encode().decode("cp1252")
    assert flagged(broken_text(made([misread])))["r1"] == "Was read in the wrong encoding; it probably says “café”."


def test_several_kinds_are_all_named_and_the_worst_one_counts() -> None:
    found = broken_text(made(["caf\ufffd &amp; bar", "x"]))
    assert flagged(found)["r1"] == "1 letter was lost and stands as “\ufffd”. Holds web page code: “&amp;”."
    assert list(found["severity"]) == [0.9, 0]


def test_how_often_is_over_and_over_can_be_set() -> None:
    assert flagged(broken_text(made(["no no no no"]))) == {}
    assert list(flagged(broken_text(made(["no no no no"]), min_repeats=4))) == ["r1"]
