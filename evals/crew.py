"""Who runs cases: this process, or several others that stay up from one suite to the next."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import lru_cache
from multiprocessing import get_context
from typing import Self

from evals.cases import Case
from evals.systems import StartSystem, System
from evals.traces import TRACES, Trace
from tools.errors import CaseError, InteraRecError, RunStopped

_SYSTEMS = 4
"""Systems that a process keeps; one takes some hundred megabytes."""

Ran = tuple[Case, Trace, float]
"""A case, its trace, and the wall seconds of the system."""


class Crew:
    """Runs cases; a system is made once in every process, however many suites it is tried on.

    Args:
        workers: processes; 1 runs in this one.

    Raises:
        CaseError: there is no worker.
    """

    def __init__(self, workers: int = 1) -> None:
        if workers < 1:
            raise CaseError("there is at least one worker")
        self._workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._here = lru_cache(maxsize=_SYSTEMS)(lambda start: start())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def run(self, start: StartSystem, cases: Sequence[Case]) -> Iterator[Ran]:
        """The traces as they come; with one worker in the order of the cases.

        Args:
            start: makes the system; picklable if there are several workers.
            cases: to be run.

        Raises:
            RunStopped: the system cannot be used for any case.
        """
        if not cases:
            return
        if self._workers == 1:
            system: System = self._here(start)
            for case in cases:
                yield case, *attempt(system, case)
            return
        if self._pool is None:
            # Spawned, not forked: a forked copy of a running inference engine may hang.
            self._pool = ProcessPoolExecutor(self._workers, get_context("spawn"))
        told = pickle.dumps(start)
        jobs = {self._pool.submit(_run_there, told, case): case for case in cases}
        try:
            for job in as_completed(jobs):
                yield jobs[job], *job.result()
        finally:
            for job in jobs:
                job.cancel()


@lru_cache(maxsize=_SYSTEMS)
def _system(told: bytes) -> System:
    system: System = pickle.loads(told)()
    return system


def _run_there(told: bytes, case: Case) -> tuple[Trace, float]:
    return attempt(_system(told), case)


def attempt(system: System, case: Case) -> tuple[Trace, float]:
    """What a system does with a case, and the wall seconds it takes.

    A case that the system refuses leaves a trace with the reason.

    Raises:
        RunStopped: the system cannot be used for any case.
    """
    began = time.perf_counter()
    try:
        trace = system.run(case)
    except RunStopped:
        raise
    except InteraRecError as error:
        trace = TRACES[case.gold.kind](case=case.id, refused=str(error))
    except Exception as error:
        error.add_note(f"while running case {case.id!r}")
        raise
    return trace, time.perf_counter() - began
