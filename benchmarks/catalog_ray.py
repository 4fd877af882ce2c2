"""What encoding over Ray costs to start, and what it gives beside one process.

Wall time, both sides in one run over the same titles: one process as `catalog build` encodes, and
workers of one CPU each on this machine. Printed are titles a second, the seconds until the workers
have their encoders, and the number of titles from which on they are done sooner.

    python benchmarks/catalog_ray.py [--workers 2] [--titles 4000] [--engine int8] [--home DIR]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from catalog_shop import titles

from tools.catalog.embedding import prepare_encoder
from tools.catalog.ray_encode import EncoderSpec, Workers

_FIRST = 64


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--titles", type=int, default=4000)
    parser.add_argument("--engine", choices=("full", "int8"), default="int8")
    parser.add_argument("--home", type=Path, help="Keep the exported encoder here.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        home = (asked.home or Path(scratch)).resolve()
        prepared = prepare_encoder(None, home, asked.engine)
        texts = list(titles(asked.titles + _FIRST))
        first, rest = texts[:_FIRST], texts[_FIRST:]
        start = time.perf_counter()
        prepared.encode(first)
        own_ready = time.perf_counter() - start
        start = time.perf_counter()
        alone = prepared.encode(rest)
        rate = len(rest) / (time.perf_counter() - start)
        print(f"{os.cpu_count()} CPUs, {len(rest)} titles, {asked.engine} encoder, wall time")
        print(f"one process     {rate:7.0f} titles a second, ready after {own_ready:.1f} s")
        spec = EncoderSpec(None, asked.engine, "", "", str(home), prepared.digest)
        start = time.perf_counter()
        with Workers(spec, asked.workers) as crew:
            # So many that every worker has some, and with them its encoder.
            crew.encode(first)
            ready = time.perf_counter() - start
            start = time.perf_counter()
            together = crew.encode(rest)
            crew_rate = len(rest) / (time.perf_counter() - start)
        least = float((alone * together).sum(axis=1).min())
        print(
            f"{asked.workers} workers       {crew_rate:7.0f} titles a second, ready after "
            f"{ready:.1f} s; least cosine to the vectors of one process {least:.3f}"
        )
        if crew_rate > rate:
            even = (ready - own_ready) / (1 / rate - 1 / crew_rate)
            print(f"the workers are sooner done from {even:.0f} titles on")
        else:
            print("one process is sooner done whatever the number: no CPU is free")


if __name__ == "__main__":
    main()
