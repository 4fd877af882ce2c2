"""Estimation: known truths come back, laws of maximum likelihood hold, bad data are named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tools.assortment import MNL, fit_item_weights
from tools.assortment.arrays import Floats
from tools.assortment.choice_fit import fit_file
from tools.assortment.choice_sets import ChoiceSets
from tools.assortment.choice_spec import Spec, read_spec
from tools.assortment.estimate import fit_mnl
from tools.assortment.expressions import evaluate
from tools.assortment.mixture import fit_latent_classes
from tools.assortment.plot import plot_fit
from tools.assortment.store import load, save, versions
from tools.assortment.weights import loglik_of
from tools.errors import InputError, InstanceError


def simulated(
    betas: Floats, people: int, per_person: int, seed: int = 0, alternatives: int = 4
) -> ChoiceSets:
    """Choices of people who each belong to one of the classes with coefficients `betas`."""
    rng = np.random.default_rng(seed)
    situations = people * per_person
    x = rng.normal(0, 1, (situations, alternatives, betas.shape[1]))
    person = np.repeat(np.arange(people), per_person)
    beta = betas[person % len(betas)]
    u = np.einsum("sak,sk->sa", x, beta) + rng.gumbel(0, 1, (situations, alternatives))
    chosen = np.zeros((situations, alternatives), np.bool_)
    chosen[np.arange(situations), u.argmax(axis=1)] = True
    return ChoiceSets.of(
        x.reshape(situations * alternatives, -1),
        np.repeat(np.arange(situations), alternatives),
        chosen.ravel(),
        tuple(f"x{k}" for k in range(betas.shape[1])),
        person=np.repeat(person, alternatives),
    )


def test_known_coefficients_come_back_within_their_errors() -> None:
    truth = np.array([[1.0, -0.5, 2.0]])
    fit = fit_mnl(simulated(truth, 4000, 1))
    assert fit.converged
    assert (np.abs(fit.coef - truth[0]) < 4 * fit.se).all()
    assert fit.gradient < 1e-8
    assert fit.loglik > fit.loglik_null
    assert fit.n_obs == 4000


def test_weights_count_as_repetitions() -> None:
    sets = simulated(np.array([[0.7, -0.2]]), 150, 1)
    times = np.random.default_rng(1).integers(1, 4, sets.situations)
    weighted = fit_mnl(sets, weight=times.astype(float))
    rows = np.concatenate(
        [
            np.arange(s, s + n)
            for s, n, t in zip(sets.start, sets.lengths, times, strict=True)
            for _ in range(t)
        ]
    )
    number = np.repeat(np.arange(times.sum()), 4)
    chosen = np.isin(np.arange(len(sets.x)), sets.chosen)[rows]
    repeated = fit_mnl(ChoiceSets.of(sets.x[rows], number, chosen, sets.names))
    assert weighted.coef == pytest.approx(repeated.coef, rel=1e-9)
    assert weighted.loglik == pytest.approx(repeated.loglik, rel=1e-12)
    assert weighted.se == pytest.approx(repeated.se, rel=1e-9)


def test_the_scale_of_an_attribute_only_scales_its_coefficient() -> None:
    sets = simulated(np.array([[0.7, -0.2]]), 300, 1)
    scaled = ChoiceSets(
        sets.x * np.array([1e6, 1e-4]),
        sets.start,
        sets.chosen,
        sets.weight,
        sets.names,
        sets.person,
        sets.alternative,
        (),
    )
    one, other = fit_mnl(sets), fit_mnl(scaled)
    assert other.coef * np.array([1e6, 1e-4]) == pytest.approx(one.coef, rel=1e-8)
    assert other.loglik == pytest.approx(one.loglik, rel=1e-12)


def test_separated_choices_are_named_and_a_ridge_answers() -> None:
    x = np.array([[1.0, 0.3], [0.0, -0.2], [1.0, -1.0], [0.0, 0.5], [1.0, 0.1], [0.0, 0.4]])
    sets = ChoiceSets.of(
        x, np.repeat(np.arange(3), 2), np.array([1, 0, 1, 0, 1, 0]) > 0, ("always", "noise")
    )
    with pytest.raises(InstanceError, match=r"separated.*always"):
        fit_mnl(sets)
    fit = fit_mnl(sets, ridge=0.1)
    assert np.isfinite(fit.coef).all()
    assert fit.converged


def test_an_alternative_that_is_never_chosen_is_named() -> None:
    sets = simulated(np.array([[1.0, 0.4]]), 200, 1)
    never = np.tile([0.0, 0.0, 0.0, 1.0], sets.situations)
    kept = never[sets.chosen] == 0
    rows = np.repeat(kept, 4)
    part = ChoiceSets.of(
        np.column_stack([sets.x, never])[rows],
        np.repeat(np.arange(int(kept.sum())), 4),
        np.isin(np.arange(len(sets.x)), sets.chosen)[rows],
        ("a", "b", "asc_never"),
    )
    with pytest.raises(InstanceError, match="for: asc_never"):
        fit_mnl(part)


def test_coefficients_that_cannot_be_told_apart_are_named() -> None:
    sets = simulated(np.array([[0.5, 0.5]]), 50, 1)
    twice = ChoiceSets(
        np.column_stack([sets.x, sets.x[:, 0]]),
        sets.start,
        sets.chosen,
        sets.weight,
        ("a", "b", "copy"),
        sets.person,
        sets.alternative,
        (),
    )
    with pytest.raises(InstanceError, match=r"told apart.*a, copy"):
        fit_mnl(twice)
    constant = ChoiceSets(
        np.column_stack([sets.x, np.ones(len(sets.x))]),
        sets.start,
        sets.chosen,
        sets.weight,
        ("a", "b", "one"),
        sets.person,
        sets.alternative,
        (),
    )
    with pytest.raises(InstanceError, match="'one' cannot be estimated"):
        fit_mnl(constant)


def test_latent_classes_come_back_and_never_get_worse() -> None:
    truth = np.array([[2.0, -1.0], [-1.5, 1.0]])
    fit = fit_latent_classes(simulated(truth, 150, 10), 2)
    assert fit.converged
    assert all(b >= a - 1e-7 for a, b in zip(fit.history, fit.history[1:], strict=False))
    order = np.argsort(-fit.coef[:, 0])
    assert fit.coef[order] == pytest.approx(truth, abs=0.35)
    assert fit.shares.sum() == pytest.approx(1.0)
    assert np.isfinite(fit.se).all()
    one = fit_mnl(simulated(truth, 150, 10))
    assert fit.loglik > one.loglik


def shop_data(seed: int = 0, visits: int = 3000) -> tuple[Floats, list[list[int]], list[int]]:
    rng = np.random.default_rng(seed)
    v = np.exp(rng.normal(-1, 0.8, 8))
    offers, bought = [], []
    for _ in range(visits):
        offer = sorted(rng.choice(8, size=int(rng.integers(1, 6)), replace=False).tolist())
        shares = np.append(v[offer], 1.0)
        pick = int(rng.choice(len(shares), p=shares / shares.sum()))
        offers.append(offer)
        bought.append(offer[pick] if pick < len(offer) else -1)
    return v, offers, bought


def test_item_weights_come_back_and_solve_the_likelihood_equations() -> None:
    truth, offers, bought = shop_data()
    fit = fit_item_weights(offers, bought, prior=0.0)
    assert fit.converged
    assert (np.abs(np.log(fit.v / truth)) < 4.5 * fit.se).all()
    expected = np.zeros(8)
    for offer in offers:
        expected[offer] += fit.v[offer] / (1 + fit.v[offer].sum())
    assert expected == pytest.approx(fit.bought, rel=1e-6)
    assert fit.loglik == pytest.approx(loglik_of(fit.v, offers, bought))
    for k in range(8):
        worse = fit.v.copy()
        worse[k] *= 1.02
        assert loglik_of(worse, offers, bought) < fit.loglik
    assert isinstance(fit.model, MNL)


def test_counts_are_repetitions() -> None:
    _, offers, bought = shop_data(visits=200)
    times = np.random.default_rng(2).integers(0, 4, 200)
    one = fit_item_weights(offers, bought, times, n=8, prior=0.0)
    repeated = [k for k, t in enumerate(times) for _ in range(t)]
    two = fit_item_weights(
        [offers[k] for k in repeated], [bought[k] for k in repeated], n=8, prior=0.0
    )
    assert one.v == pytest.approx(two.v, rel=1e-8)


def test_never_bought_is_zero_without_a_prior_and_finite_with_one() -> None:
    offers, bought = [[0, 1]] * 100, [0] * 30 + [-1] * 70
    plain = fit_item_weights(offers, bought, prior=0.0)
    assert plain.v[1] == 0.0
    assert plain.v[0] == pytest.approx(30 / 70)
    assert any("item 1 was offered 100 times and never bought" in w for w in plain.warnings)
    kept = fit_item_weights(offers, bought, prior=1.0)
    assert 0 < kept.v[1] < kept.v[0]
    assert np.isfinite(kept.utilities).all()


def test_a_cold_item_gets_its_weight_from_its_attributes() -> None:
    rng = np.random.default_rng(3)
    quality = np.linspace(-1, 1, 12)[:, None]
    v = np.exp(-2 + 1.5 * quality[:, 0])
    offers, bought = [], []
    for _ in range(4000):
        offer = rng.choice(11, size=4, replace=False)
        shares = np.append(v[offer], 1.0)
        pick = int(rng.choice(5, p=shares / shares.sum()))
        offers.append(offer)
        bought.append(int(offer[pick]) if pick < 4 else -1)
    fit = fit_item_weights(offers, bought, n=12, attributes=quality)
    assert fit.offered[11] == 0
    assert fit.v[11] == pytest.approx(v[11], rel=0.25)
    blind = fit_item_weights(offers, bought, n=12)
    assert abs(np.log(blind.v[11] / v[11])) > abs(np.log(fit.v[11] / v[11]))


def test_only_purchases_recorded_is_said_and_uses_the_assumed_rate() -> None:
    fit = fit_item_weights([[0, 1, 2]] * 6, [0, 0, 0, 1, 1, 2], purchase_rate=0.25)
    assert not fit.outside_observed
    assert any("assumes" in w for w in fit.warnings)
    assert fit.v[0] > fit.v[1] > fit.v[2]
    total = fit.v.sum()
    assert total / (1 + total) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("offers", "bought", "message"),
    [
        ([], [], "no transactions"),
        ([[0, 1]], [2], "item 2 was chosen but not offered"),
        ([[-4]], [-1], "names item -4"),
        ([[0]], [0, 0], "one whole number per offer"),
    ],
)
def test_impossible_transactions_are_named(
    offers: list[list[int]], bought: list[int], message: str
) -> None:
    with pytest.raises(InstanceError, match=message):
        fit_item_weights(offers, bought)


LONG = """situation,mode,picked,cost,time
1,car,1,5,20
1,bus,0,2,40
2,car,0,6,15
2,bus,1,2,30
3,car,1,4,25
3,bus,0,3,60
4,car,0,9,30
4,bus,1,2,35
5,car,0,3,50
5,bus,1,2.5,30
6,car,0,4,22
6,bus,1,3,41
7,car,1,8,35
7,bus,0,2,25
"""


def test_long_and_wide_files_give_the_same_estimate(tmp_path: Path) -> None:
    long = tmp_path / "long.csv"
    long.write_text(LONG)
    wide = tmp_path / "wide.csv"
    rows = [line.split(",") for line in LONG.splitlines()[1:]]
    lines = ["mode,cost.car,time.car,cost.bus,time.bus"]
    for car, bus in zip(rows[::2], rows[1::2], strict=True):
        lines.append(",".join(["car" if car[2] == "1" else "bus", *car[3:], *bus[3:]]))
    wide.write_text("\n".join(lines))
    one = fit_file(
        long,
        Spec(choice="situation", alternative="mode", chosen="picked", generic=["cost", "time"]),
    )
    two = fit_file(
        wide,
        Spec(
            chosen="mode",
            alternatives=["car", "bus"],
            generic={"cost": "cost.{alt}", "time": "time.{alt}"},
        ),
    )
    assert one.report["loglik"] == pytest.approx(two.report["loglik"], rel=1e-12)
    assert one.report["coef"] == pytest.approx(two.report["coef"], rel=1e-9)
    assert one.shares["car"][0] == pytest.approx(3 / 7)
    svg = plot_fit(one.shares, tmp_path / "fit.svg", "a <test>").read_text()
    assert svg.count("<circle") == 2
    assert "a &lt;test&gt;" in svg


def test_a_constant_makes_predicted_shares_equal_observed_ones(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(LONG)
    spec = Spec(
        choice="situation",
        alternative="mode",
        chosen="picked",
        generic=["cost"],
        constants=True,
        reference="car",
    )
    fit = fit_file(path, spec)
    assert "asc_bus" in fit.report["coef"]
    assert fit.shares["bus"][1] == pytest.approx(fit.shares["bus"][0], abs=1e-8)


@pytest.mark.parametrize(
    ("text", "spec", "message"),
    [
        (LONG.replace("1,car,1", "1,car,0"), {}, "nothing that was on offer"),
        (LONG.replace("1,bus,0", "1,bus,1"), {}, "more than one"),
        (LONG, {"alternative": "modus"}, "no column 'modus'"),
        (LONG, {"generic": ["price"]}, "'price', which the file lacks"),
        (LONG, {"generic": {"x": "cost +"}}, "cannot be read"),
        (LONG, {"generic": {"x": "__import__('os')"}}, "uses more than columns"),
        (LONG, {"where": "cost > 100"}, "no usable rows"),
        (LONG, {"constants": True, "reference": "boat"}, "'boat' is none of"),
        (LONG.replace("1,car,1,5", "1,car,1,"), {"generic": ["cost"]}, "must be finite"),
        (LONG, {"availability": {"car": "cost < 5"}}, "chosen but not on offer"),
    ],
)
def test_bad_choice_files_are_named(
    tmp_path: Path, text: str, spec: dict[str, object], message: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    full = {"choice": "situation", "alternative": "mode", "chosen": "picked"} | spec
    with pytest.raises(InstanceError, match=message):
        fit_file(path, Spec.model_validate(full))


def test_transactions_are_read_with_a_test_part(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "split,offered,chosen,count\n"
        "train,0 1 2,0,50\ntrain,0 1 2,1,30\ntrain,0 1 2,2,20\ntrain,0 1,0,10\n"
        "test,0 1 2,1,5\ntest,0 1 2,0,5\n"
    )
    report = fit_file(path, Spec()).report
    assert report["n_obs"] == 110
    assert report["n_test"] == 10
    assert set(report["coef"]) == {"1", "2"}
    assert report["loglik_test"] < 0
    bad = tmp_path / "bad.csv"
    bad.write_text("offered,bought\na b,c\n")
    with pytest.raises(InstanceError, match="'c' was chosen but not offered"):
        fit_file(bad, Spec())


def test_a_specification_with_an_unknown_field_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("generics: [a]\n")
    with pytest.raises(InputError, match="generics"):
        read_spec(path)
    path.write_text("- a\n")
    with pytest.raises(InstanceError, match="fields with values"):
        read_spec(path)
    with pytest.raises(InstanceError, match="cannot be read"):
        read_spec(tmp_path / "absent.yaml")


def test_expressions_mean_what_they_say() -> None:
    columns = {"a": np.array([1.0, 2.0]), "b.c": np.array([3.0, 4.0])}
    assert evaluate("a * 2 + b.c", columns, 2).tolist() == [5, 8]
    assert evaluate("(a == 1 or b.c > 3) and not a > 1", columns, 2).tolist() == [True, False]
    assert evaluate("1 < a <= 2", columns, 2).tolist() == [False, True]
    assert evaluate("-a ** 2", columns, 2).tolist() == [-1, -4]
    assert evaluate(3, columns, 2).tolist() == [3, 3]


def test_parameters_are_kept_by_version_with_date_and_data(tmp_path: Path) -> None:
    database, source = tmp_path / "shop.sqlite", tmp_path / "data.csv"
    source.write_text("a\n1\n")
    assert save(database, "demo", {"coef": {"a": 1.5}}, source) == 1
    assert save(database, "demo", {"coef": {"a": 2.5}}, source) == 2
    assert versions(database, "demo") == [1, 2]
    newest = load(database, "demo")
    assert newest.parameters == {"coef": {"a": 2.5}}
    assert newest.source == "data.csv"
    assert len(newest.source_sha256) == 64
    assert newest.created.startswith("20")
    assert load(database, "demo", 1).parameters == {"coef": {"a": 1.5}}
    with pytest.raises(InputError, match="no parameters called 'x'"):
        load(database, "x")
    broken = tmp_path / "broken.sqlite"
    broken.write_text("this is not a database, whatever its name says")
    with pytest.raises(InputError, match="cannot be used"):
        load(broken, "demo")


def test_without_a_specification_columns_that_never_differ_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    lines = ["choice,alternative,chosen,cost,time,income"]
    for line in LONG.splitlines()[1:]:
        number, mode, picked, cost, minutes = line.split(",")
        lines.append(f"{number},{mode},{picked},{cost},{minutes},{int(number) * 10}")
    path.write_text("\n".join(lines))
    assert set(fit_file(path, Spec()).report["coef"]) == {"cost", "time"}
