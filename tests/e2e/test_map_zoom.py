"""The map in a real browser: the zoomed view outlasts colours and filters, names find room, the legend filters."""

import contextlib
from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
import pytest
from playwright.sync_api import Page, expect

from analysis.store import Store
from tests.conftest import fill
from tests.e2e.browser import open_options, opened, server, settle, widget
from tests.scanned import scan_by_hand

pytestmark = pytest.mark.e2e

WORDS = ("parcel", "refund", "invoice", "password")  # one for each corner of the map


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with two datasets of 1,600 examples each, in four corners of four parts of four heaps."""
    workspace = tmp_path_factory.mktemp("zoom") / "workspace"
    for name in ("first", "second"):
        with Store(workspace / name) as store:
            fill(store)
            scan_by_hand(store)
            _corners(store)
    with server(workspace) as address:
        yield address


def _corners(store: Store) -> None:
    ids = [f"m{i}" for i in range(1600)]
    place = [(i // 400, i // 100 % 4, i // 25 % 4, i % 25) for i in range(1600)]
    rows = pd.DataFrame({"example_id": ids, "row_number": range(10, 1610)}).assign(
        text=[
            f"the {WORDS[corner]} {WORDS[corner]}{'abcd'[part]} {WORDS[corner]}{'abcd'[part]}{'wxyz'[heap]}"
            for corner, part, heap, _ in place
        ],
        label=[WORDS[corner] for corner, *_ in place],
        split=None,
        content_hash="0",
    )
    table = {
        "example_id": ids,
        "vector": [[0.0]] * 1600,
        "x": [400.0 * (corner % 2) + 100 * (part % 2) + 20 * (heap % 2) + n % 5 for corner, part, heap, n in place],
        "y": [400.0 * (corner // 2) + 100 * (part // 2) + 20 * (heap // 2) + n // 5 for corner, part, heap, n in place],
    }
    with store.transaction() as transaction:
        transaction.execute("DELETE FROM vectors")
        transaction.insert("examples", rows)
        transaction.insert("vectors", pa.table(table))


def _looked_at(page: Page) -> list[float]:
    page.wait_for_function("document.querySelector('.st-key-map_chart .js-plotly-plot')?._fullLayout?.xaxis?.range")
    found: list[float] = page.evaluate(
        "(({xaxis, yaxis}) => [...xaxis.range, ...yaxis.range])"
        "(document.querySelector('.st-key-map_chart .js-plotly-plot')._fullLayout)"
    )
    return found


def _zoom(page: Page) -> list[float]:
    """Turn the wheel over the lower left corner of the map, and wait until the page knows of it."""
    plot = page.locator(".js-plotly-plot .nsewdrag").first
    plot.wait_for()
    settle(page)
    box = plot.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.15 * box["width"], box["y"] + 0.85 * box["height"])
    for _ in range(6):
        page.mouse.wheel(0, -300)
        page.wait_for_timeout(100)
    expect(page.get_by_text("Zoomed in.")).to_be_visible()
    settle(page)
    return _looked_at(page)


def _names(page: Page) -> list[str]:
    page.wait_for_selector('[data-testid="map-names"] div')
    return page.locator('[data-testid="map-names"] > div').all_inner_texts()


def test_a_zoomed_view_outlasts_colour_and_filter_until_it_is_given_up(url: str) -> None:
    with opened(f"{url}/data_map?dataset=first") as page:
        whole = _looked_at(page)
        near = _zoom(page)
        assert near[1] - near[0] < 0.6 * (whole[1] - whole[0])
        open_options(page, "map_Colour by_")
        page.get_by_role("option", name="Colour: Decision").click()
        settle(page)
        expect(page.get_by_text("not decided").first).to_be_visible()
        assert _looked_at(page) == pytest.approx(near, abs=1e-3)
        open_options(page, "map_Label_")
        page.get_by_role("option", name="parcel").click()
        settle(page)
        expect(widget(page, "map_off_label")).to_be_visible()
        assert _looked_at(page) == pytest.approx(near, abs=1e-3)
        widget(page, "map_off_label").locator("button").first.click()
        settle(page)
        assert _looked_at(page) == pytest.approx(near, abs=1e-3)
        widget(page, "map_zoomed_out").locator("button").first.click()
        settle(page)
        assert _looked_at(page) == pytest.approx(whole, abs=1e-3)
        expect(page.get_by_text("Zoomed in.")).to_be_hidden()


def test_another_dataset_starts_with_its_whole_map(url: str) -> None:
    with opened(f"{url}/data_map?dataset=first") as page:
        whole = _looked_at(page)
        _zoom(page)
        page.get_by_test_id("stSidebar").get_by_role("combobox").first.click()
        page.get_by_role("option", name="second").click()
        settle(page)
        expect(page.get_by_text("Zoomed in.")).to_be_hidden()
        assert _looked_at(page) == pytest.approx(whole, abs=1e-3)


def test_more_names_appear_closer_and_none_covers_another(url: str) -> None:
    with opened(f"{url}/data_map?dataset=first") as page:
        far = _names(page)
        assert far
        _zoom(page)
        near = _names(page)
        assert set(near) - set(far), "finer parts have names of their own"
        boxes = page.locator('[data-testid="map-names"] > div').evaluate_all(
            "(all) => all.map((one) => one.getBoundingClientRect().toJSON())"
        )
        for number, one in enumerate(boxes):
            for other in boxes[:number]:
                apart_x = one["right"] <= other["left"] or other["right"] <= one["left"]
                assert apart_x or one["bottom"] <= other["top"] or other["bottom"] <= one["top"]
        page.get_by_text("Names", exact=True).click()
        settle(page)
        expect(page.locator('[data-testid="map-names"] > div')).to_have_count(0)


def test_names_stand_beside_the_points_that_they_name(url: str) -> None:
    """Four heaps with empty paper between them: no name has to lie on a point, and none is far from its heap."""
    with opened(f"{url}/data_map?dataset=first") as page:
        assert _names(page)
        found = page.evaluate(_UNDER_NAMES)
        assert found
        for covered, nearest in found:
            assert covered == 0
            assert nearest < 60


# For each name, how many points lie under it, and how far its middle is from the next one, in pixels.
_UNDER_NAMES = """() => {
    const chart = document.querySelector('.st-key-map_chart .js-plotly-plot')
    const { xaxis, yaxis, _size } = chart._fullLayout, from = chart.getBoundingClientRect()
    const points = chart._fullData.flatMap(({ x, y }) => [...x].map((value, i) => [
        from.left + _size.l + xaxis.d2p(value), from.top + _size.t + yaxis.d2p(y[i])]))
    return [...document.querySelectorAll('[data-testid="map-names"] > div')].map(name => {
        const { left, right, top, bottom } = name.getBoundingClientRect()
        const under = points.filter(([x, y]) => x > left + 4 && x < right - 4 && y > top + 4 && y < bottom - 4)
        const away = ([x, y]) => Math.hypot(x - (left + right) / 2, y - (top + bottom) / 2)
        return [under.length, Math.min(...points.map(away).filter(Number.isFinite))]
    })
}"""


def test_a_click_on_the_legend_filters_and_another_one_takes_it_off(url: str) -> None:
    with opened(f"{url}/data_map?dataset=first") as page:
        for chips in (1, 0):
            _click_the_legend(page, chips)
            expect(widget(page, "map_off_label")).to_have_count(chips)
            settle(page)
            assert ("label=invoice" in page.url) == bool(chips)


def _click_the_legend(page: Page, chips: int) -> None:
    """Again where the chart was drawn anew at that moment, so that nobody heard the click."""
    for _ in range(4):
        entry = page.locator(".js-plotly-plot .legend .traces", has_text="invoice")
        entry.wait_for()
        page.wait_for_selector('[data-testid="map-names"] div')
        settle(page)
        box = entry.bounding_box()
        assert box is not None
        page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
        with contextlib.suppress(AssertionError):
            expect(widget(page, "map_off_label")).to_have_count(chips, timeout=8_000)
            return
