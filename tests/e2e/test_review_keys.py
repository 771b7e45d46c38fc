"""Review by keyboard in a real browser: a key takes effect on the example that stands there, or the page says no."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from analysis.review.guide import write_version
from analysis.schema import content_hash
from analysis.store import Store
from tests.conftest import fill
from tests.e2e.browser import browser, choose_new, server, settle, visit, widget
from tests.scanned import found, ran

pytestmark = pytest.mark.e2e

EXAMPLES = 14
SEEN = 600  # milliseconds after which a person has seen an example, and more than the page asks for


@pytest.fixture(scope="module")
def window() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Flagged, in this order: n0, n1 … with label p, for which q is suggested."""
    folder = tmp_path / "workspace" / "tiny"
    with Store(folder) as store:
        fill(store)
        ran(store, "wrong", flagged=EXAMPLES, judged=EXAMPLES)
        with store.transaction() as transaction:
            for number in range(EXAMPLES):
                transaction.execute(
                    "INSERT INTO examples (example_id, row_number, text, label, content_hash) VALUES (?, ?, ?, 'p', ?)",
                    [f"n{number}", 10 + number, f"text {number}", content_hash(f"text {number}", "p")],
                )
        for number in range(EXAMPLES):
            found(store, f"c{number:02}", [f"n{number}"], suggested="q")
    return folder


@pytest.fixture
def nobody(folder: Path, window: Browser) -> Iterator[Page]:
    """Review on n0, before anybody has said who decides."""
    with server(folder.parent) as url:
        opened = visit(window, f"{url}/review?dataset=tiny&example=n0")
        expect(widget(opened, "decide_K_n0").locator("button")).to_be_enabled()
        seen(opened)
        yield opened
        opened.close()


@pytest.fixture
def page(nobody: Page) -> Page:
    """Review with a reviewer, on n0."""
    choose_new(nobody, "reviewer_sidebar_", "Ada")
    seen(nobody)
    return nobody


def seen(page: Page) -> None:
    """Let a person see what has come."""
    settle(page)
    page.wait_for_timeout(SEEN)


def early(page: Page) -> FrameLocator:
    return page.frame_locator('iframe[src*="review_keys"]')


def decisions(folder: Path) -> list[tuple[Any, ...]]:
    acts = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    return [
        (act["example_id"], act["action"], act["new_label"], act["note"]) for act in acts if act["kind"] == "decision"
    ]


def shown(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query)["example"][0]


def test_a_key_that_comes_before_the_page_has_answered_is_told_and_decides_nothing(page: Page, folder: Path) -> None:
    page.keyboard.press("k")
    page.keyboard.press("u")
    expect(early(page).get_by_text("Too fast, not taken: U.")).to_be_visible()
    expect(page.get_by_text("Saved: n0 kept.")).to_be_visible()
    seen(page)
    assert shown(page) == "n1"
    page.keyboard.press("u")
    expect(page.get_by_text("Saved: n1 unsure.")).to_be_visible()
    expect(early(page).get_by_text("Too fast")).to_have_count(0)
    assert decisions(folder) == [("n0", "keep", None, ""), ("n1", "unsure", None, "")]


def test_a_key_at_the_moment_when_the_next_example_comes_does_not_decide_it(page: Page, folder: Path) -> None:
    page.evaluate(
        """() => new MutationObserver((_, watching) => {
            if (!document.querySelector(".st-key-decide_K_n1 button")) return
            watching.disconnect()
            const key = { key: "k", code: "KeyK", keyCode: 75, bubbles: true, cancelable: true }
            document.body.dispatchEvent(new KeyboardEvent("keydown", key))
            document.body.dispatchEvent(new KeyboardEvent("keyup", key))
        }).observe(document.body, { childList: true, subtree: true, attributes: true })"""
    )
    page.keyboard.press("k")
    expect(early(page).get_by_text("Too fast, not taken: K.")).to_be_visible()
    seen(page)
    assert shown(page) == "n1"
    assert decisions(folder) == [("n0", "keep", None, "")]


def test_a_key_counts_as_soon_as_the_next_example_is_on_the_screen(page: Page, folder: Path) -> None:
    page.evaluate(
        """() => {
            const frame = document.querySelector('iframe[src*="review_keys"]').contentWindow
            const press = () => {
                const key = { key: "u", code: "KeyU", keyCode: 85, bubbles: true, cancelable: true }
                document.body.dispatchEvent(new KeyboardEvent("keydown", key))
                document.body.dispatchEvent(new KeyboardEvent("keyup", key))
            }
            const afterFrames = (count, act) => requestAnimationFrame(() => count ? afterFrames(count - 1, act) : act())
            let isPressed = false
            frame.addEventListener("message", ({ data }) => {
                if (data.args?.example !== "n1" || isPressed) return
                isPressed = true
                afterFrames(3, press)
            })
        }"""
    )
    page.keyboard.press("k")
    expect(page.get_by_text("Saved: n1 unsure.")).to_be_visible()
    seen(page)
    assert shown(page) == "n2"
    assert decisions(folder) == [("n0", "keep", None, ""), ("n1", "unsure", None, "")]


def test_the_first_decision_asks_who_decides_and_is_then_taken(nobody: Page, folder: Path) -> None:
    nobody.keyboard.press("a")
    name = nobody.get_by_role("dialog").get_by_label("Your name")
    expect(name).to_be_focused()
    nobody.keyboard.press("Enter")
    expect(nobody.get_by_text("Type a name first.")).to_be_visible()
    assert not (folder / "journal.jsonl").read_text()
    name.click()
    nobody.keyboard.type("Ada")
    nobody.keyboard.press("Enter")
    expect(nobody.get_by_text("Saved: n0 relabelled to q.")).to_be_visible()
    expect(nobody.get_by_role("dialog")).to_have_count(0)
    seen(nobody)
    assert shown(nobody) == "n1"
    nobody.keyboard.press("k")
    expect(nobody.get_by_text("Saved: n1 kept.")).to_be_visible()
    assert decisions(folder) == [("n0", "relabel", "q", ""), ("n1", "keep", None, "")]


def test_a_key_that_can_do_nothing_says_why_in_the_letters_of_the_page(page: Page, folder: Path) -> None:
    for key, why in (
        ("z", "Undo: nothing to undo yet."),
        ("9", "9: no label has this number."),
        ("1", "1: that is its label. K keeps it."),  # p, the most frequent label, is what n0 has
    ):
        page.keyboard.press(key)
        expect(early(page).get_by_text(why)).to_be_visible()
    letters = "element => { const {fontFamily, fontSize} = getComputedStyle(element); return [fontFamily, fontSize] }"
    beside = page.locator(".st-key-review_acts [data-testid='stCaptionContainer'] p").first
    assert early(page).get_by_role("status").evaluate(letters) == beside.evaluate(letters)
    loaded = "() => [...document.fonts].some(face => face.status === 'loaded')"
    assert early(page).get_by_role("status").evaluate(loaded), "the frame has the page's own letters, not ones alike"
    assert not (folder / "journal.jsonl").read_text()
    page.keyboard.press("k")
    expect(page.get_by_text("Saved: n0 kept.")).to_be_visible()
    expect(early(page).get_by_text("that is its label")).to_have_count(0)


def test_the_second_click_of_a_double_click_is_told(page: Page, folder: Path) -> None:
    widget(page, "decide_K_n0").locator("button").dblclick()
    expect(early(page).get_by_text("Too fast, not taken: a click.")).to_be_visible()
    seen(page)
    assert decisions(folder) == [("n0", "keep", None, "")]


def test_keys_need_not_wait_for_each_other_to_be_let_go_and_one_that_is_held_counts_once(
    page: Page, folder: Path
) -> None:
    page.keyboard.down("k")
    for _ in range(5):
        page.keyboard.down("k")  # as a keyboard repeats a key that is held
    expect(page.get_by_text("Saved: n0 kept.")).to_be_visible()
    seen(page)
    page.keyboard.down("k")
    page.keyboard.down("u")
    page.keyboard.up("k")
    page.keyboard.up("u")
    expect(page.get_by_text("Saved: n1 unsure.")).to_be_visible()
    seen(page)
    assert decisions(folder) == [("n0", "keep", None, ""), ("n1", "unsure", None, "")]


def test_n_begins_the_note_in_which_keys_write_and_esc_gives_them_back(page: Page, folder: Path) -> None:
    page.keyboard.press("n")
    note = widget(page, "note_n0").locator("textarea")
    expect(note).to_be_focused()
    expect(note).to_have_value("")
    page.keyboard.type("knead 12 Nuts")
    expect(note).to_have_value("knead 12 Nuts")
    page.keyboard.press("Escape")
    expect(note).not_to_be_focused()
    page.keyboard.press("u")
    expect(page.get_by_text("Saved: n0 unsure, with a note.")).to_be_visible()
    seen(page)
    expect(widget(page, "note_n1").locator("textarea")).to_have_value("")
    assert decisions(folder) == [("n0", "unsure", None, "knead 12 Nuts")]


def test_l_begins_another_label(page: Page, folder: Path) -> None:
    page.keyboard.press("l")
    expect(widget(page, "other_n0").locator("input")).to_be_focused()
    page.keyboard.type("y")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved: n0 relabelled to y.")).to_be_visible()
    seen(page)
    assert shown(page) == "n1"
    assert decisions(folder) == [("n0", "relabel", "y", "")]


@pytest.fixture
def ruled(folder: Path) -> None:
    """A guideline of two clauses."""
    with Store(folder) as store:
        write_version(store, "## 1 First\n`p`\n## 2 Second\n`q`", version="v1", author="Ada", note="")


@pytest.mark.usefixtures("ruled")
def test_c_begins_the_clause_and_once_one_is_chosen_keys_are_keys_again(page: Page, folder: Path) -> None:
    page.keyboard.press("c")
    clause = widget(page, "clause_n0").locator("input")
    expect(clause).to_be_focused()
    page.keyboard.type("1")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(clause).not_to_be_focused()
    expect(clause).to_have_value("1 First")
    seen(page)
    clause.click()
    page.get_by_role("option", name="2 Second").click()
    expect(clause).not_to_be_focused()
    expect(clause).to_have_value("2 Second")
    seen(page)
    page.keyboard.press("a")
    expect(page.get_by_text("Saved: n0 relabelled to q, clause 2 (v1).")).to_be_visible()
    assert decisions(folder) == [("n0", "relabel", "q", "")]


def test_the_grid_is_decided_by_keyboard(page: Page, folder: Path) -> None:
    page.keyboard.press("g")
    expect(page.get_by_text("12 examples with p, suggested q")).to_be_visible()
    settle(page)
    page.keyboard.press("a")
    page.keyboard.press("2")
    expect(early(page).get_by_text("Too fast, not taken: 2.")).to_be_visible()
    page.keyboard.press("s")
    expect(early(page).get_by_text("Skip: one at a time only. G leaves the grid.")).to_be_visible()
    for key, chosen in (("a", "12 relabelled"), ("2", "11 relabelled, 1 kept"), ("w", "10 relabelled, 2 kept")):
        page.keyboard.press(key)
        expect(page.get_by_text(f"Chosen: {chosen}. Nothing is saved yet.")).to_be_visible()
        settle(page)
    assert not (folder / "journal.jsonl").read_text()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Saved: 10 relabelled, 2 kept.")).to_be_visible()
    kept = [example for example, action, *_ in decisions(folder) if action == "keep"]
    assert (kept, len(decisions(folder))) == (["n1", "n11"], 12)
