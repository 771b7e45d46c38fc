"""The sample datasets: made again byte for byte, guessed right, with exactly the problems that their record lists."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from analysis.load.read import read_file
from analysis.load.roles import check_roles, guess_roles
from sample_data.make_samples import write_samples
from sample_data.writing.annotators import NAMES, OPEN_PAIR, SLOPPY

FOLDER = Path(__file__).parents[2] / "sample_data"
FILES = {"support-messages": "support_messages.csv", "triage-notes": "triage_notes.jsonl"}
TEXT = {"support-messages": "message", "triage-notes": "note"}
LABEL = {"support-messages": "intent", "triage-notes": "department"}
COPIES = ["leak", "duplicate", "conflict"]
NOT_EXAMPLES = ["annotator", "guideline", "coverage_hole"]
both = pytest.mark.parametrize("name", FILES)


def data(name: str) -> pd.DataFrame:
    """The dataset by id, with its text as `text`, its label as `label` and the right label as `true`."""
    path = FOLDER / name / FILES[name]
    if path.suffix == ".csv":
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    else:
        rows = pd.DataFrame([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])
    rows = rows.rename(columns={TEXT[name]: "text", LABEL[name]: "label"}).set_index("id")
    assert rows.index.is_unique
    rows["true"] = rows["label"]
    planted = truth(name)
    for entry in planted[planted["kind"].isin(["label_error", "label_variant"])].itertuples():
        rows.loc[entry.id, "true"] = entry.detail
    for entry in planted[planted["kind"] == "conflict"].itertuples():
        rows.loc[entry.id, "true"] = rows.loc[entry.detail, "label"]
    return rows


def truth(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / name / "truth.csv", dtype=str)


def readme(name: str) -> str:
    return (FOLDER / name / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_samples(folder)
    return folder


@pytest.mark.slow
@both
def test_the_script_makes_the_same_bytes(name: str, made: Path) -> None:
    for file in (FILES[name], "truth.csv"):
        assert (made / name / file).read_bytes() == (FOLDER / name / file).read_bytes()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "support-messages",
            {
                "id": "id",
                "text": ["message"],
                "label": "intent",
                "split": "split",
                "annotators": list(NAMES),
                "timestamp": "created_at",
                "guideline": "guideline_version",
            },
        ),
        (
            "triage-notes",
            {"id": "id", "text": ["note"], "label": "department", "split": "split", "timestamp": "arrived_at"},
        ),
    ],
)
def test_the_roles_are_guessed_right(name: str, expected: dict[str, object]) -> None:
    found = read_file(FOLDER / name / FILES[name])
    roles = guess_roles(found)
    check_roles(roles, found)
    names = [column.name for column in found.columns]
    guessed = {
        role: [names[place] for place in value] if isinstance(value, tuple) else names[value]
        for role, value in roles.as_dict().items()
        if value is not None and value != ()
    }
    assert guessed == expected
    assert found.cells.num_rows == len(data(name))
    assert (len(found.rejected), found.questions) == (0, ())


@both
def test_the_truth_names_examples_that_exist_and_each_once(name: str) -> None:
    rows, planted = data(name), truth(name)
    examples = planted[~planted["kind"].isin(NOT_EXAMPLES)]
    copies = planted[planted["kind"].isin(COPIES)]
    concerned = [*examples["id"], *copies["detail"]]
    assert set(concerned) <= set(rows.index)
    assert len(concerned) == len(set(concerned)), "one problem an example, and none in an original"


@both
def test_the_readme_counts_what_is_there(name: str) -> None:
    text, planted = readme(name), truth(name)
    stated = {kind: int(count) for kind, count in re.findall(r"^\| `(\w+)` \| (\d+) \|", text, re.MULTILINE)}
    assert stated == planted["kind"].value_counts().to_dict()
    card = text.split("\n\n")[1]
    assert card.startswith(f"{len(data(name)):,} ")
    assert f"{stated['label_error']} labels are wrong, {stated['leak']} " in card
    rows = data(name)
    for kind in COPIES:
        pairs = planted[planted["kind"] == kind]
        same = (rows.loc[pairs["id"], "text"].to_numpy() == rows.loc[pairs["detail"], "text"].to_numpy()).sum()
        assert re.search(rf"`{kind}` .* {same} (is|are) copied to the letter", text)


@both
def test_a_wrong_label_is_another_class(name: str) -> None:
    rows, planted = data(name), truth(name)
    classes = set(rows["true"])
    flips = planted[planted["kind"] == "label_error"].set_index("id")["detail"]
    given = rows.loc[flips.index, "label"]
    assert set(given) <= classes
    assert set(flips) <= classes
    assert (given != flips).all()
    assert 0.04 < len(flips) / len(rows) < 0.06


@both
def test_a_label_variant_differs_only_in_how_it_is_written(name: str) -> None:
    rows, planted = data(name), truth(name)
    for entry in planted[planted["kind"] == "label_variant"].itertuples():
        given = rows.loc[entry.id, "label"]
        assert given != entry.detail
        assert given.replace("\u200b", "").strip().lower() == entry.detail


@both
def test_copies_are_where_they_should_be(name: str) -> None:
    rows, planted = data(name), truth(name)
    for entry in planted[planted["kind"].isin(COPIES)].itertuples():
        copy, original = rows.loc[entry.id], rows.loc[entry.detail]
        assert original["split"] == "train"
        assert copy["split"] == ("test" if entry.kind == "leak" else "train")
        assert (copy["label"] == original["label"]) == (entry.kind != "conflict")


@both
def test_texts_are_alike_only_where_that_is_planted(name: str) -> None:
    rows, planted = data(name), truth(name)
    grams = CountVectorizer(analyzer="char", ngram_range=(3, 3), binary=True).fit_transform(rows["text"]).astype(int)
    shared = (grams @ grams.T).toarray()
    sizes = shared.diagonal()
    union = sizes[:, None] + sizes[None, :] - shared
    likeness = pd.DataFrame(shared / union.clip(min=1), index=rows.index, columns=rows.index)
    for entry in planted[planted["kind"].isin(COPIES)].itertuples():
        assert likeness.loc[entry.id, entry.detail] > 0.7
        likeness.loc[entry.id, entry.detail] = likeness.loc[entry.detail, entry.id] = 0
    free = rows.index.difference(planted.loc[planted["kind"] == "broken_text", "id"])
    free_likeness = likeness.loc[free, free].to_numpy(copy=True)
    free_likeness[range(len(free)), range(len(free))] = 0
    assert free_likeness.max() < 0.6, "far below the 0.8 from which texts count as nearly equal"


@both
def test_broken_texts_are_broken_and_no_others(name: str) -> None:
    rows, planted = data(name), truth(name)
    broken = planted[planted["kind"] == "broken_text"].set_index("id")["detail"]
    marks = {
        "mojibake": r"â€|Ã|Â",
        "HTML": r"&(?:#x27|quot|amp);",
        "lost character": "\ufffd",
        "empty": r"^$",
        "only spaces": r"^\s+$",
    }
    assert set(broken) == set(marks)
    for kind, pattern in marks.items():
        found = rows.index[rows["text"].str.contains(pattern)]
        assert set(found) == set(broken.index[broken == kind]), kind


@both
def test_the_rare_class_is_all_there(name: str) -> None:
    rows, planted = data(name), truth(name)
    rare = planted[planted["kind"] == "rare_class"]
    label = rare["detail"].unique().item()
    assert set(rows.index[rows["true"] == label]) == set(rare["id"])
    assert 3 <= len(rare) <= 5
    assert rows["true"].value_counts().drop(label).min() > 50


def test_one_annotator_is_sloppy() -> None:
    rows, planted = data("support-messages"), truth("support-messages")
    wrong = {name: (rows[name] != rows["true"]).sum() for name in NAMES}
    entry = planted[planted["kind"] == "annotator"].iloc[0]
    assert (entry["id"], entry["detail"]) == (SLOPPY, f"{wrong[SLOPPY]} of {len(rows)} labels wrong")
    assert 0.22 < wrong[SLOPPY] / len(rows) < 0.28
    assert all(wrong[name] / len(rows) < 0.08 for name in NAMES if name != SLOPPY)


def test_a_right_label_is_never_outvoted() -> None:
    rows = data("support-messages")
    right = rows[(rows["label"] == rows["true"])]
    against = sum((right[name] != right["true"]).astype(int) for name in NAMES)
    two_agree = (right["annotator_1"] == right["annotator_3"]) | (right["annotator_1"] == right["annotator_2"])
    two_agree |= right["annotator_2"] == right["annotator_3"]
    assert not ((against >= 2) & two_agree).any()


def test_the_first_guideline_left_two_classes_open() -> None:
    rows = data("support-messages")
    assert (rows["guideline_version"] == "v2").equals(rows["created_at"] >= "2025-12-01")
    disagree = rows[list(NAMES)].nunique(axis=1) > 1
    first, is_open = rows["guideline_version"] == "v1", rows["true"].isin(OPEN_PAIR)
    assert disagree[first & is_open].mean() > 1.5 * disagree[first & ~is_open].mean()
    assert disagree[first & is_open].mean() > 1.5 * disagree[~first & is_open].mean()


def test_neurology_at_harbour_is_a_hole() -> None:
    rows = data("triage-notes")
    inside = rows[(rows["true"] == "neurology") & (rows["site"] == "Harbour")]
    assert inside["split"].tolist() == ["test"] * 8
    assert rows[(rows["label"] == "neurology") & (rows["site"] == "Harbour")]["split"].eq("test").all()


def test_burns_in_children_are_a_thin_region() -> None:
    rows, planted = data("triage-notes"), truth("triage-notes")
    burns = rows["text"].str.contains(r"\bburns?\b", case=False)
    assert set(rows.index[burns]) == set(planted.loc[planted["kind"] == "thin_region", "id"])


def test_no_triage_note_is_about_a_pregnant_patient() -> None:
    assert not data("triage-notes")["text"].str.contains(r"pregnan|trimester|gravid|antenatal|\bbhCG", case=False).any()
