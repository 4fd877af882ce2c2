"""Next-item networks in torch: HRM, GRU4Rec, NARM, NPE, SR-GNN and SASRec.

- one file a network; `network`: what they share; `softmax`: the loss over the whole catalogue.
- `batches`: sessions to padded batches; `training`: the loop; `checkpoint`: its state on disk.
- `models`: the networks as `SessionModel`s; `defaults/`: their best hyper-parameters.
"""

from __future__ import annotations

from importlib.util import find_spec

from tools.errors import MissingExtra

if find_spec("torch") is None:
    raise MissingExtra("a next-item network", "models")
