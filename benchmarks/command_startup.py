"""CPU seconds of `interarec --help`, beside a Python that imports only the CLI library."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

RUNS = 7


def main() -> None:
    """Prints the median user plus system time of both, and their ratio."""
    ours = median_cpu([sys.executable, "-m", "agent", "--help"])
    bare = median_cpu([sys.executable, "-c", "import typer; typer.Typer()"])
    print(f"interarec --help  {ours:.3f} s CPU (median of {RUNS})")
    print(f"import typer      {bare:.3f} s CPU")
    print(f"ratio             {ours / bare:.2f}")


def median_cpu(command: list[str]) -> float:
    """Median CPU seconds of a command as a whole process."""
    times = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return statistics.median(times)


if __name__ == "__main__":
    main()
