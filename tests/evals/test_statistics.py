from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evals.calibration import expected_accuracy, measure, measure_gate, simulate_pair
from evals.paired import compare_paired, smallest_detectable_effect
from evals.proportions import holm, mcnemar, mean_pass_hat_k, pass_hat_k, wilson
from evals.statistics import cluster_bootstrap, cluster_standard_error
from tools.errors import InputError, TooFewClusters


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (1, 30), (15, 30), (97, 100), (8, 8)])
def test_wilson_agrees_with_statsmodels(successes: int, trials: int) -> None:
    from statsmodels.stats.proportion import proportion_confint

    expected = proportion_confint(successes, trials, method="wilson")
    assert wilson(successes, trials) == pytest.approx(expected, abs=1e-12)


def test_no_failure_in_a_hundred_does_not_show_less_than_three_percent() -> None:
    assert wilson(0, 100)[1] > 0.03


@pytest.mark.parametrize(("wins", "losses"), [(0, 0), (3, 0), (9, 1), (12, 10), (4, 40)])
def test_mcnemar_agrees_with_statsmodels(wins: int, losses: int) -> None:
    from statsmodels.stats.contingency_tables import mcnemar as reference

    expected = reference([[5, wins], [losses, 5]], exact=True).pvalue if wins + losses else 1.0
    assert mcnemar(wins, losses) == pytest.approx(expected)


def test_pass_hat_k_on_the_published_reading() -> None:
    # 82 % of trials right: some trial succeeds always, all of four much more rarely.
    assert pass_hat_k(4, 4, 4) == 1.0
    assert pass_hat_k(3, 4, 4) == 0.0
    assert pass_hat_k(3, 4, 2) == pytest.approx(3 / 6)
    assert mean_pass_hat_k([[True] * 4, [True, True, True, False]], 4) == 0.5


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 12), st.data())
def test_pass_hat_k_never_grows_with_k(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    values = [pass_hat_k(successes, trials, k) for k in range(1, trials + 1)]
    assert values == sorted(values, reverse=True)
    assert values[0] == pytest.approx(successes / trials)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_agrees_with_statsmodels(p_values: list[float]) -> None:
    from statsmodels.stats.multitest import multipletests

    expected = multipletests(p_values, method="holm")[1]
    found = holm({str(i): p for i, p in enumerate(p_values)})
    assert list(found.values()) == pytest.approx(list(expected))


def test_bootstrap_interval_agrees_with_scipy() -> None:
    from scipy.stats import bootstrap

    rng = np.random.default_rng(3)
    values = rng.normal(0.4, 0.2, size=60)
    ours = cluster_bootstrap(values, None, range(60))
    theirs = bootstrap(
        (values,), np.mean, n_resamples=10_000, method="percentile", rng=rng
    ).confidence_interval
    assert ours.method == "bootstrap"
    assert ours.estimate == pytest.approx(values.mean())
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.003)


def test_copies_inside_a_cluster_add_no_certainty() -> None:
    rng = np.random.default_rng(4)
    values = rng.random(40)
    once = cluster_bootstrap(values, None, range(40))
    tenfold = cluster_bootstrap(np.repeat(values, 10), None, np.repeat(np.arange(40), 10).tolist())
    assert (tenfold.low, tenfold.high) == pytest.approx((once.low, once.high))
    alone = cluster_bootstrap(np.repeat(values, 10), None, range(400))
    assert alone.high - alone.low < 0.5 * (once.high - once.low)


def test_clustered_error_agrees_with_statsmodels() -> None:
    import statsmodels.api as sm

    rng = np.random.default_rng(5)
    clusters = np.repeat(np.arange(25), rng.integers(1, 6, size=25))
    values = rng.random(len(clusters)) + rng.normal(size=25)[clusters]
    fit = sm.OLS(values, np.ones(len(values))).fit(
        cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False}
    )
    expected = float(fit.bse[0]) * np.sqrt(25 / 24)
    found = cluster_standard_error(values, np.ones(len(values)), clusters.tolist())
    assert found == pytest.approx(expected, rel=1e-9)


def test_a_rate_without_failures_gets_a_wilson_interval_on_clusters() -> None:
    ones = [1.0] * 60
    found = cluster_bootstrap(ones, None, [i // 3 for i in range(60)])
    assert (found.estimate, found.high, found.method) == (1.0, 1.0, "wilson")
    assert found.low == pytest.approx(wilson(20, 20)[0])


def test_fewer_than_ten_clusters_are_refused_with_the_reason() -> None:
    with pytest.raises(TooFewClusters, match=r"at least 10 clusters .* there are 9"):
        cluster_bootstrap([1.0, 0.0] * 9, None, [i // 2 for i in range(18)])
    with pytest.raises(TooFewClusters):
        compare_paired([1.0] * 5, [0.0] * 5, range(5))
    with pytest.raises(TooFewClusters):
        smallest_detectable_effect(0.1, 9)


def test_not_a_number_is_refused_by_case() -> None:
    values = [1.0] * 20
    values[7] = float("nan")
    with pytest.raises(InputError, match="case 7"):
        cluster_bootstrap(values, None, range(20))
    with pytest.raises(InputError, match="different cases"):
        compare_paired([1.0] * 12, [1.0] * 13, range(12))
    with pytest.raises(InputError, match="within 0 and 1"):
        holm({"a": float("nan")})


def test_comparison_of_a_system_with_itself_sees_nothing() -> None:
    values = [1.0, 0.0, 1.0] * 8
    found = compare_paired(values, values, range(24))
    assert (found.difference, found.low, found.high) == (0.0, 0.0, 0.0)
    assert (found.wins, found.losses, found.ties) == (0, 0, 24)
    assert (found.p_value, found.mcnemar, found.verdict) == (1.0, 1.0, "not distinguishable")
    assert found.smallest_detectable > 0.05


def test_comparison_names_the_better_system_and_is_antisymmetric() -> None:
    rng = np.random.default_rng(6)
    first = (rng.random(80) < 0.6).astype(float)
    second = np.maximum(first, rng.random(80) < 0.5)
    there = compare_paired(first, second, range(80))
    back = compare_paired(second, first, range(80))
    assert (there.verdict, back.verdict) == ("better", "worse")
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low), abs=0.02)
    assert there.mcnemar == mcnemar(there.wins, there.losses)
    assert there.low > 0


def test_permutation_p_value_agrees_with_scipy() -> None:
    from scipy.stats import permutation_test

    rng = np.random.default_rng(8)
    first = rng.random(12)
    second = first + rng.normal(0.1, 0.2, size=12)
    exact = permutation_test(
        (second - first,), np.mean, permutation_type="samples", n_resamples=5000
    ).pvalue
    assert compare_paired(first, second, range(12)).p_value == pytest.approx(exact, abs=0.02)


def test_ratios_with_their_own_denominators_are_pooled() -> None:
    found = compare_paired(
        [1.0, 2.0] * 6,
        [1.0, 2.0] * 6,
        range(12),
        first_denominators=[2.0, 4.0] * 6,
        second_denominators=[1.0, 2.0] * 6,
    )
    assert (found.first, found.second, found.verdict) == (0.5, 1.0, "better")
    assert found.mcnemar is None


@pytest.mark.parametrize("clusters", [10, 30, 200])
def test_smallest_detectable_effect_agrees_with_statsmodels(clusters: int) -> None:
    from statsmodels.stats.power import TTestPower

    shift = TTestPower().solve_power(nobs=clusters, alpha=0.05, power=0.8)
    expected = shift * 0.3  # standard deviation .3
    error = 0.3 / np.sqrt(clusters)
    assert smallest_detectable_effect(error, clusters) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("clusters", [10, 40])
def test_false_alarms_stay_within_the_level(clusters: int) -> None:
    found = measure(clusters, 0.0, pairs=300, draws=500, seed=11)
    # Level .05; below .09 is what 300 pairs can show (upper 99.9 % limit of the binomial).
    assert found.flagged / found.pairs < 0.09
    assert found.covered / found.pairs > 0.9


def test_a_whole_comparison_keeps_the_level_where_its_figures_alone_do_not() -> None:
    by_interval, called = measure_gate(32, 8, pairs=100, draws=1000, seed=3)
    assert by_interval > 10  # of 100: eight figures look eight times
    assert called < 12  # level .05, upper 99.9 % limit of the binomial


def test_a_real_difference_is_found_more_often_with_more_dialogues() -> None:
    few, many = (measure(k, -0.2, pairs=60, draws=500, seed=12).flagged for k in (12, 80))
    assert few < many
    assert many > 55


def test_the_simulated_difference_is_what_it_says() -> None:
    rng = np.random.default_rng(13)
    first, second, _ = simulate_pair(20_000, -0.1, rng)
    assert first.mean() == pytest.approx(expected_accuracy(), abs=0.01)
    assert (second - first).mean() == pytest.approx(-0.1, abs=0.01)
