"""Agreement: published worked examples, second libraries, and sentences where a number would mislead."""

import krippendorff
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa

from analysis.errors import NotReady, UserError
from analysis.people import Labels, code_labels
from analysis.people.agreement import agreement_by_group, change, measure
from analysis.people.agreement_coefficients import krippendorff as alpha_of
from analysis.people.agreement_counts import patterns, resampled, totals
from analysis.people.agreement_pairs import agreement_by_pair
from tests.crowds import crowd

NAN = np.nan
# Krippendorff, "Computing Krippendorff's alpha-reliability" (2011), sections C and D: four observers, twelve units.
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)
# Ten subjects, fourteen raters, five categories: the worked example of Wikipedia's article on Fleiss' kappa.
FLEISS = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)


def frame(rows: list[tuple[str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["example_id", "annotator", "label"])


def from_table(table: np.ndarray) -> Labels:
    """Annotators by examples, NaN where there is no label."""
    rows = [(f"e{j}", f"p{i}", str(int(value))) for (i, j), value in np.ndenumerate(table) if value == value]
    return code_labels(frame(rows))


def from_counts(counts: np.ndarray) -> Labels:
    """Examples by classes: how many annotators gave each."""
    rows = []
    for example, row in enumerate(counts):
        given = np.repeat(np.arange(len(row)), row)
        rows += [(f"e{example}", f"p{person}", str(label)) for person, label in enumerate(given)]
    return code_labels(frame(rows))


def from_joint(joint: list[list[int]]) -> Labels:
    """How often the first of two annotators gave class k and the second l."""
    cells = [(k, c) for k, row in enumerate(joint) for c, number in enumerate(row) for _ in range(number)]
    return from_table(np.array(cells, dtype=float).T)


def value(labels: Labels, name: str, scale: str = "nominal") -> float:
    return measure(labels, scale=scale, resamples=0).statistics[name].value  # type: ignore[arg-type]


@pytest.mark.parametrize(("scale", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_alpha_of_krippendorffs_worked_example(scale: str, published: float) -> None:
    assert value(from_table(KRIPPENDORFF), "alpha", scale) == pytest.approx(published, abs=0.0005)


def test_the_other_statistics_of_the_same_data_as_published_with_gwets_package() -> None:
    # irrCAC's vignette on the same four raters: percent 0.8182, Fleiss 0.7612, AC1 0.7754.
    labels = from_table(KRIPPENDORFF)
    found = [value(labels, name) for name in ("percent", "fleiss", "gwet")]
    assert found == pytest.approx([0.81818, 0.76117, 0.77544], abs=0.00001)


def test_fleiss_kappa_of_the_worked_example() -> None:
    assert value(from_counts(FLEISS), "fleiss") == pytest.approx(0.210, abs=0.0005)


def test_cohens_kappa_by_hand() -> None:
    # 35 of 50 agree; chance agrees on 0.5 * 0.6 + 0.5 * 0.4 = 0.5; (0.7 - 0.5) / (1 - 0.5) = 0.4.
    assert value(from_joint([[20, 5], [10, 15]]), "cohen") == pytest.approx(0.4)


def test_weighted_kappa_and_ac2_by_hand() -> None:
    labels = from_joint([[5, 1, 0], [0, 4, 2], [1, 0, 3]])
    # Linear weights 1, 1/2, 0. Observed (12 + 3/2) / 16. Margins 6, 6, 4 and 6, 5, 5: chance, by hand,
    # (6*6 + 6*5 + 4*5 + (6*5 + 6*6 + 6*5 + 4*5) / 2) / 256 = (86 + 58) / 256.
    observed, chance = 13.5 / 16, 144 / 256
    assert value(labels, "cohen", "ordinal") == pytest.approx((observed - chance) / (1 - chance))
    # Shares of the three classes 12/32, 11/32, 9/32; the weights sum to 5; three classes make 6 pairs.
    spread = sum(share * (1 - share) for share in (12 / 32, 11 / 32, 9 / 32))
    expected = 5 / 6 * spread
    assert value(labels, "gwet", "ordinal") == pytest.approx((observed - expected) / (1 - expected))


def test_ac1_of_gwets_paradox() -> None:
    # Gwet 2008 on the paradox of κ: 118 of 125 agree, yet κ is negative; AC1 is 0.941.
    labels = from_joint([[118, 5], [2, 0]])
    assert value(labels, "cohen") == pytest.approx(-0.023, abs=0.001)
    assert value(labels, "gwet") == pytest.approx(0.941, abs=0.001)


@pytest.mark.parametrize("scale", ["nominal", "ordinal", "interval"])
@pytest.mark.parametrize("seed", range(3))
def test_alpha_matches_the_krippendorff_package(scale: str, seed: int) -> None:
    random = np.random.default_rng(seed)
    table = random.choice([1.0, 2.0, 5.0, 10.0, NAN], size=(6, 40), p=[0.3, 0.2, 0.1, 0.1, 0.3])
    expected = krippendorff.alpha(reliability_data=table, level_of_measurement=scale)
    assert value(from_table(table), "alpha", scale) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(3))
def test_fleiss_matches_statsmodels_and_cohen_matches_scikit_learn(seed: int) -> None:
    random = np.random.default_rng(seed)
    counts = random.multinomial(7, [0.5, 0.3, 0.2], size=60)
    assert value(from_counts(counts), "fleiss") == pytest.approx(fleiss_kappa(counts))
    first, second = random.integers(0, 4, (2, 80))
    labels = from_table(np.array([first, second], dtype=float))
    for scale, weights in {"nominal": None, "ordinal": "linear", "interval": "quadratic"}.items():
        assert value(labels, "cohen", scale) == pytest.approx(cohen_kappa_score(first, second, weights=weights))


@pytest.mark.parametrize(("scale", "weights"), [("nominal", None), ("ordinal", "linear"), ("interval", "quadratic")])
def test_pairs_match_scikit_learn_and_count_shared_examples(scale: str, weights: str | None) -> None:
    made = crowd(3, examples=120, annotators=6, per_example=3, classes=4)
    labels = code_labels(made.annotations)
    pairs = agreement_by_pair(labels, scale)  # type: ignore[arg-type]
    wide = made.annotations.pivot(index="example_id", columns="annotator", values="label")
    for a, first in enumerate(labels.annotators):
        for b, second in enumerate(labels.annotators):
            both = wide[[first, second]].dropna() if a != b else wide[[first]].dropna()
            assert pairs.shared[a, b] == len(both)
            if a != b:
                kappa = cohen_kappa_score(both[first], both[second], labels=list(labels.classes), weights=weights)
                assert pairs.kappa[a, b] == pytest.approx(kappa)
                if weights is None:
                    assert pairs.percent[a, b] == pytest.approx((both[first] == both[second]).mean())


def test_pairs_keep_to_the_annotators_with_the_most_labels() -> None:
    labels = code_labels(
        frame([("e1", "a", "x"), ("e1", "b", "x"), ("e2", "a", "y"), ("e2", "c", "y"), ("e3", "c", "x")])
    )
    assert list(agreement_by_pair(labels, most=2).annotators) == [0, 2]


def test_each_class_has_its_own_alpha_and_specific_agreement() -> None:
    table = KRIPPENDORFF
    classes = measure(from_table(table), resamples=200).classes.set_index("label")
    for name in classes.index:
        one = np.where(np.isnan(table), NAN, table == int(name))
        expected = krippendorff.alpha(reliability_data=one, level_of_measurement="nominal")
        assert classes.loc[name, "alpha"] == pytest.approx(expected)
        assert classes.loc[name, "low"] <= expected <= classes.loc[name, "high"]
    # Class 5 was given by three on unit 10 and by nobody else: whoever says 5 is always joined.
    assert classes.loc["5", "agreement"] == 1.0
    assert classes["labels"].sum() == 41


def test_resampled_weights_give_the_value_of_the_resampled_labels() -> None:
    labels = from_table(KRIPPENDORFF)
    found = patterns(labels, "ordinal")
    weights = next(resampled(found, 5, seed=1))
    assert (weights.sum(axis=1) == 12).all()
    for row, drawn in zip(weights, alpha_of(found, totals(found, weights)), strict=True):
        counts = np.repeat(found.counts.toarray(), row.astype(int), axis=0)
        units = [np.repeat([1.0, 2.0, 3.0, 4.0, 5.0], unit.astype(int)) for unit in counts]
        table = np.array([np.pad(unit, (0, 4 - len(unit)), constant_values=NAN) for unit in units]).T
        expected = krippendorff.alpha(reliability_data=table, level_of_measurement="ordinal")
        assert drawn == pytest.approx(expected)


def test_intervals_hold_the_value_shrink_with_examples_and_repeat_by_seed() -> None:
    widths = []
    for examples in (100, 1600):
        labels = code_labels(crowd(1, examples=examples).annotations)
        found = measure(labels, seed=3).statistic
        assert found.low < found.value < found.high
        assert measure(labels, seed=3).statistic == found
        widths.append(found.high - found.low)
    assert widths[1] == pytest.approx(widths[0] / 4, rel=0.3)  # one over the root of sixteen times the examples


def test_a_bootstrap_by_many_patterns_agrees_with_one_by_few() -> None:
    # Two hundred classes make nearly every example a pattern of its own, which is drawn in another way.
    labels = code_labels(crowd(1, examples=300, classes=200).annotations)
    found = patterns(labels, "nominal")
    drawn = np.concatenate(list(resampled(found, 200, seed=0)))
    assert (drawn.sum(axis=1) == 300).all()
    np.testing.assert_allclose(drawn.mean(axis=0), found.weight, atol=5 * np.sqrt(found.weight.max() / 200))


@pytest.mark.parametrize(
    ("table", "scale", "chosen", "part"),
    [
        ([[1, 2, 1], [1, 2, 2]], "nominal", "cohen", "Two annotators labelled all 3 examples"),
        ([[1, 2, 1], [1, 2, 2]], "ordinal", "cohen", "linearly weighted"),
        ([[1, 2, NAN], [1, 2, 2]], "nominal", "alpha", "2 of 3 have two labels"),
        ([[1, 2, 1], [1, 2, 2], [1, 1, 1]], "nominal", "fleiss", "has 3 labels"),
        ([[1, 2, 1], [1, 2, 2], [1, 1, 1]], "interval", "alpha", "how far apart"),
        ([[1, 2, 1], [1, NAN, 2], [1, 1, 1]], "nominal", "alpha", "allows for missing labels"),
    ],
)
def test_the_statistic_fits_the_design_and_says_why(
    table: list[list[float]], scale: str, chosen: str, part: str
) -> None:
    found = measure(from_table(np.array(table, dtype=float)), scale=scale, resamples=0)  # type: ignore[arg-type]
    assert found.chosen == chosen
    assert part in found.why


def test_a_skewed_class_puts_ac1_beside_and_says_so() -> None:
    found = measure(from_joint([[118, 5], [2, 0]]), resamples=0)
    assert (found.chosen, found.beside) == ("cohen", "gwet")
    assert any("97% of the labels are '0'" in warning and "Gwet's coefficient" in warning for warning in found.warnings)
    assert measure(from_joint([[20, 5], [10, 15]]), resamples=0).beside == ""


def test_missing_overlap_is_said() -> None:
    rows = [(f"e{i}", "a", "x" if i % 2 else "y") for i in range(500)]
    rows += [(f"e{i}", "b", "x" if i % 2 else "y") for i in range(40)]
    rows += [("z1", "c", "x"), ("z1", "d", "x"), ("only", "e", "y")]
    warnings = " ".join(measure(code_labels(frame(rows)), resamples=0).warnings)
    assert "Only 41 of 502 examples" in warnings
    assert "1 of 5 annotators share no example" in warnings
    assert "2 groups that share no example" in warnings
    few = measure(from_table(KRIPPENDORFF), resamples=0).warnings
    assert few == ("Only 11 examples have two labels or more: too few for a firm number.",)


def test_one_class_has_no_statistic_beyond_percent() -> None:
    found = measure(from_table(np.ones((3, 40))))
    assert found.statistics["percent"].value == 1
    assert np.isnan(found.statistic.value)
    assert found.statistic.note
    assert any("cannot be measured" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    ("rows", "part"),
    [
        ([("e1", "a", "x"), ("e2", "a", "y")], "one annotator"),
        ([("e1", "a", "x"), ("e2", "b", "y")], "None of the 2"),
    ],
)
def test_nothing_to_compare_is_a_sentence(rows: list[tuple[str, str, str]], part: str) -> None:
    with pytest.raises(NotReady, match=part) as error:
        measure(code_labels(frame(rows)))
    assert error.value.hint


def test_no_rows_is_a_sentence() -> None:
    with pytest.raises(NotReady, match="no labels"):
        code_labels(frame([]))


def test_groups_compare_labels_within_themselves_only() -> None:
    # Version 1 agrees on everything, version 2 on nothing; the lonely label of version 3 cannot be compared.
    rows, versions = [], []
    for i in range(20):
        rows += [(f"e{i}", "a", str(i % 2)), (f"e{i}", "b", str(i % 2)), (f"e{i}", "c", "0"), (f"e{i}", "d", "1")]
        versions += ["v1", "v1", "v2", "v2"]
    rows.append(("e99", "a", "0"))
    found = agreement_by_group(code_labels(frame(rows)), np.array([*versions, "v3"], dtype=object))
    assert found["v1"].statistic.value == 1  # type: ignore[union-attr]
    assert found["v2"].statistics["percent"].value == 0  # type: ignore[union-attr]
    assert isinstance(found["v3"], NotReady)


def test_rows_without_a_group_belong_nowhere() -> None:
    labels = from_joint([[20, 5], [10, 15]])
    groups = np.array([None] * 40 + ["late"] * 60, dtype=object)
    found = agreement_by_group(labels, groups, resamples=0)
    assert list(found) == ["late"]
    assert found["late"].design.labels == 60  # type: ignore[union-attr]


def test_a_change_has_an_interval() -> None:
    before = measure(code_labels(crowd(1, accuracy=(0.5, 0.6)).annotations))
    after = measure(code_labels(crowd(2, accuracy=(0.8, 0.9)).annotations))
    rise, low, high = change(before, after)
    assert 0 < low < rise < high
    assert change(after, before)[0] == -rise


def test_the_latest_of_an_annotators_labels_on_one_example_counts() -> None:
    rows = frame([("e1", "a", "x"), ("e1", "b", "x"), ("e1", "a", "y"), ("e2", "a", "x"), ("e2", "a", "y")])
    rows["annotated_at"] = ["2026-05-01T10:00:00Z", None, "2026-04-01T10:00:00Z", None, None]
    labels = code_labels(rows)
    given = set(
        zip(
            labels.examples[labels.example],
            labels.annotators[labels.annotator],
            labels.classes[labels.label],
            strict=True,
        )
    )
    assert given == {("e1", "a", "x"), ("e1", "b", "x"), ("e2", "a", "y")}
    assert labels.notes == ("2 labels were given again by the same annotator on the same example: the latest counts.",)


def test_rows_without_a_label_are_left_out_and_counted() -> None:
    rows = frame([("e1", "a", "x"), ("e1", "b", None), ("e1", "c", ""), ("e2", None, "x")])  # type: ignore[list-item]
    labels = code_labels(rows)
    assert len(labels) == 1
    assert labels.notes == ("3 rows have no label or no annotator: left out.",)


def test_classes_that_are_numbers_are_in_numeric_order_and_a_given_order_is_kept() -> None:
    rows = frame([("e1", "a", "10"), ("e1", "b", "9"), ("e2", "a", "2"), ("e2", "b", "10")])
    assert list(code_labels(rows).classes) == ["2", "9", "10"]
    assert list(code_labels(rows, ["10", "2", "9", "1"]).classes) == ["10", "2", "9", "1"]
    with pytest.raises(UserError, match="'9'"):
        code_labels(rows, ["10", "2"])
