"""How fast RecBole 1.2.1 answers, for `session_speed`: in an environment of its own, on one thread.

Its models are built over the same items, without its files: what is measured is its own code for a
model's answer. Its GRU4Rec has drawn weights, on which the time does not depend.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from recbole_there import run_there

from tools.sessions.data import Sessions

# What runs there. Item 0 pads.
START = """
import json, sys, time
import numpy as np, scipy.sparse as sp, torch
torch.set_num_threads(1)
from recbole.config import Config
from recbole.data.interaction import Interaction
from recbole.utils import get_model
told = json.loads(sys.argv[1])
data = np.load(told["file"])
class Dataset:
    def num(self, field):
        return told["items"] + 1 if field == "item_id" else len(data["offsets"]) - 1
    def inter_matrix(self, form):
        ones = np.ones(len(data["flat"]), np.float32)
        held = sp.csr_matrix((ones, data["flat"] + 1, data["offsets"]),
                             shape=(self.num("user_id"), self.num("item_id")))
        held.sum_duplicates()
        held.data[:] = 1
        return held
def config(model, **settings):
    return Config(model=model, dataset="d", config_dict={
        "USER_ID_FIELD": "user_id", "ITEM_ID_FIELD": "item_id", "use_gpu": False,
        "train_neg_sample_args": None, "state": "ERROR", **settings})
"""
ANSWERS = """
model = get_model("GRU4Rec")(config("GRU4Rec", embedding_size=64, hidden_size=64,
                                    loss_type="CE"), Dataset()).eval()
def asked(row, times=1):
    own = data["flat"][data["offsets"][row]:data["offsets"][row + 1]] + 1
    padded = np.zeros((times, 50), np.int64)
    padded[:, :len(own)] = own
    return {"item_id_list": torch.from_numpy(padded),
            "item_length": torch.full((times,), len(own))}
def whole(row):
    return torch.topk(model.full_sort_predict(Interaction(asked(row)))[0], 20)
def given(row):
    items = torch.from_numpy(data["given"][row].astype(np.int64) + 1)
    scores = model.predict(Interaction({**asked(row, len(items)), "item_id": items}))
    return items[torch.argsort(scores, descending=True)]
def per_call(action):
    taken = []
    for row in range(63):
        began = time.process_time()
        action(row)
        taken.append(1000 * (time.process_time() - began))
    return [float(np.median(taken[3:])), float(np.percentile(taken[3:], 95))]
with torch.no_grad():
    print("RESULT " + json.dumps({"whole": per_call(whole), "given": per_call(given)}))
"""
NEIGHBOURS = """
began = time.process_time()
model = get_model("ItemKNN")(config("ItemKNN", k=100, shrink=0.0, knn_method="item"), Dataset())
fit = time.process_time() - began
began = time.process_time()
for rows in np.array_split(data["asked"], 30):
    users = torch.from_numpy(rows.astype(np.int64))
    scores = model.full_sort_predict(Interaction({"user_id": users})).view(len(rows), -1)
    torch.topk(scores, 50, dim=1)
print("RESULT " + json.dumps({"fit": fit, "asked": time.process_time() - began}))
"""


def _there(python: Path, script: str, items: int, **arrays: NDArray[Any]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "data.npz")
        np.savez(file, allow_pickle=False, **arrays)
        told = {"file": str(file), "items": items}
        return run_there(python, START + script, told, Path(folder))


def answers_there(
    python: Path, items: int, sessions: Sessions, given: list[NDArray[np.int32]]
) -> dict[str, tuple[float, float]]:
    """Median and 95th percentile of CPU milliseconds of its GRU4Rec (64 dimensions).

    Args:
        python: the interpreter of the environment that holds RecBole.
        items: of the catalogue.
        sessions: at least 63, asked one by one.
        given: for every session candidates to order, the same number for each.

    Returns:
        `whole`: the first 20 of the catalogue by `full_sort_predict`; `given`: the candidates in
        order by `predict`.
    """
    flat, offsets = sessions.items, sessions.offsets
    found = _there(python, ANSWERS, items, flat=flat, offsets=offsets, given=np.stack(given))
    return {name: (median, late) for name, (median, late) in found.items()}


def neighbours_there(
    python: Path, items: int, train: Sessions, asked: Sessions
) -> dict[str, float]:
    """CPU seconds of its ItemKNN: `fit`, and `asked` for the first 50 of every session.

    It has no V-SKNN; this is the one of its neighbour models that such a set does not overwhelm.
    It answers users it was fitted on, so the sessions to ask stand among those it learns from.
    """
    flat = np.concatenate([train.items, asked.items])
    offsets = np.concatenate([train.offsets[:-1], len(train.items) + asked.offsets])
    rows = len(train) + np.arange(len(asked))
    return _there(python, NEIGHBOURS, items, flat=flat, offsets=offsets, asked=rows)
