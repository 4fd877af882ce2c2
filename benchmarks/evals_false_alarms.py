"""Print the false-alarm rate and the power of the paired comparison on simulated systems."""

from __future__ import annotations

from evals.calibration import report

if __name__ == "__main__":
    print(report())
