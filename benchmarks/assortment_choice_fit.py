"""Check `interarec choice fit` against published estimates and print asked beside reached.

    python benchmarks/assortment_choice_fit.py DATA

DATA holds the files of R's mlogit and of Biogeme (`mode_canada.csv.gz`, `electricity.csv.gz`,
`heating.csv.gz`, `swissmetro.csv.gz`), `hotel/` and `expected.json` with the known answers.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tools.assortment.choice_fit import fit_file
from tools.assortment.choice_spec import read_spec

SPECS = {
    "mode_canada": """
choice: case
alternative: alt
chosen: choice
where: noalt == 4
reference: air
generic: [cost, freq, ovt]
constants: true
case: [income]
by_alternative: [ivt]
""",
    "electricity": """
choice: chid
alternative: alt
chosen: choice
generic: [pf, cl, loc, wk, tod, seas]
""",
    "heating_noasc": """
chosen: depvar
alternatives: [gc, gr, ec, er, hp]
generic: {ic: "ic.{alt}", oc: "oc.{alt}"}
""",
    "heating_asc": """
chosen: depvar
alternatives: [gc, gr, ec, er, hp]
reference: hp
constants: true
generic: {ic: "ic.{alt}", oc: "oc.{alt}"}
""",
    "swissmetro_logit01": """
chosen: CHOICE
alternatives: {TRAIN: 1, SM: 2, CAR: 3}
where: (PURPOSE == 1 or PURPOSE == 3) and CHOICE != 0
availability: {TRAIN: TRAIN_AV * (SP != 0), SM: SM_AV, CAR: CAR_AV * (SP != 0)}
utilities:
  TRAIN: {ASC_TRAIN: 1, B_TIME: TRAIN_TT / 100, B_COST: TRAIN_CO * (GA == 0) / 100}
  SM: {B_TIME: SM_TT / 100, B_COST: SM_CO * (GA == 0) / 100}
  CAR: {ASC_CAR: 1, B_TIME: CAR_TT / 100, B_COST: CAR_CO / 100}
""",
}


def worst(found: dict[str, Any], expected: dict[str, float]) -> float:
    """Largest relative difference over the expected entries; infinite where one is missing."""
    gaps = [
        abs(found[name] - value) / max(abs(value), 1e-9) if found.get(name) is not None else 9e99
        for name, value in expected.items()
    ]
    return max(gaps)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    good = True
    print("asked: log-likelihood within 1e-4, coefficients within 1e-3 relative; reached:")
    for name, expected in json.loads((data / "expected.json").read_text()).items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "spec.yaml"
            path.write_text(SPECS[name])
            begin = time.perf_counter()
            report = fit_file(data / expected["file"], read_spec(path)).report
            seconds = time.perf_counter() - begin
        off = abs(report["loglik"] - expected["loglik"])
        coef, se = worst(report["coef"], expected["coef"]), worst(report["se"], expected["se"])
        right = off <= 1e-4 and coef <= 1e-3 and report["n_obs"] == expected["n_obs"]
        good &= right
        print(
            f"  {name:20s} loglik {report['loglik']:.6f} off by {off:.1e}, coefficients by "
            f"{coef:.1e}, errors by {se:.1e}; {report['seconds'] * 1e3:.0f} ms of estimation, "
            f"{seconds * 1e3:.0f} ms with reading  {'ok' if right else 'WRONG'}"
        )
    hotels = json.loads((data / "hotel" / "expected.json").read_text())
    for name, expected in hotels.items():
        report = fit_file(data / "hotel" / f"{name}.csv", read_spec(None)).report
        off = abs(report["loglik"] - expected["loglik_train"])
        weights = {str(k): v for k, v in enumerate(expected["v"]) if v > 0}
        gap = worst(report["v"], weights)
        zero = [k for k, v in enumerate(expected["v"]) if v == 0]
        kept = all(report["v"][str(k)] == 0 and report["coef"][str(k)] is None for k in zero)
        right = off <= 1e-4 and gap <= 1e-3 and kept and report["converged"]
        good &= right
        note = f"; never-bought {zero} stated as weight 0" if zero else ""
        print(
            f"  {name:20s} loglik {report['loglik']:.6f} off by {off:.1e}, weights by {gap:.1e}"
            f"{note}  {'ok' if right else 'WRONG'}"
        )
    print("all reached" if good else "NOT all reached")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
