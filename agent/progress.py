"""Progress bars on stderr, so that stdout stays clean for JSON."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar for `total` steps; the yielded function takes the number of steps done so far.

    Nothing is drawn when stderr is not a terminal.
    """
    from tqdm import tqdm

    with tqdm(
        total=total, desc=what, file=sys.stderr, disable=not sys.stderr.isatty(), leave=False
    ) as bar:

        def advance(done: int) -> None:
            bar.update(done - bar.n)

        yield advance
