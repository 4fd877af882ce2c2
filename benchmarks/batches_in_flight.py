"""Calls and wall time of reading many screens: batch after batch, and several batches at a time.

A local server takes two seconds for a batch of pictures and half a second for words alone, as a
hosted model takes about ten times that. Both ways read the same 50 screens through the whole graph.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

SCREENS = 50
A_BATCH, WORDS = 2.0, 0.5
"""Seconds that the server takes."""


def main() -> None:
    """Prints a line for each limit of batches in flight."""
    from agent.graph import make_graph
    from agent.session import Session
    from tests.agent.vision_faults import answer, frame, make_context, pictures, summary
    from tests.support.shop import small_catalog
    from tests.support.stub_server import Reply, Request, completion, serving

    def reply(request: Request) -> Reply:
        shown = len(pictures(request))
        said = completion(json.dumps(answer(shown) if shown else summary()))
        return replace(said, delay=A_BATCH if shown else WORDS)

    print(f"{SCREENS} screens; {A_BATCH:g} s a batch of pictures, {WORDS:g} s a merge")
    print("in flight  calls  wall s  of one by one")
    with tempfile.TemporaryDirectory() as name:
        catalog = small_catalog(Path(name))
        alone = 0.0
        for limit in (1, 2, 4):
            folder = Path(name) / str(limit)
            folder.mkdir()
            with serving(otherwise=reply) as stub:
                context = make_context(catalog, folder, stub.base_url)
                context = replace(context, batches_in_flight=limit)
                session = Session(context, "t", make_graph())
                session.turn("", [frame(i) for i in range(SCREENS)])
                took = session.seconds["summarize"]
                alone = alone or took
                print(f"{limit:9}  {len(stub.requests):5}  {took:6.1f}  {took / alone:.2f}")
                context.frames.close()


if __name__ == "__main__":
    main()
