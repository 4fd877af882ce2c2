"""Names to models. A model's module is imported only when its name is asked for."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from tools.errors import SessionError
from tools.sessions.protocol import SessionModel
from tools.sessions.storage import read_manifest

MODELS = {
    "popularity": "tools.sessions.counting:Popularity",
    "rules": "tools.sessions.counting:SequentialRules",
    "itemknn": "tools.sessions.counting:ItemKNN",
    "itemwalk": "tools.sessions.counting:ItemWalk",
    "vsknn": "tools.sessions.neighbours:VSKNN",
    "vsknn+rules": "tools.sessions.neighbours:VSKNNWithRules",
    "text": "tools.sessions.text:TextModel",
    "hybrid": "tools.sessions.hybrid:Hybrid",
    "hrm": "tools.sessions.neural.models:HRM",
    "gru4rec": "tools.sessions.neural.models:GRU4Rec",
    "narm": "tools.sessions.neural.models:NARM",
    "npe": "tools.sessions.neural.models:NPE",
    "srgnn": "tools.sessions.neural.models:SRGNN",
    "sasrec": "tools.sessions.neural.models:SASRec",
    "latent": "tools.sessions.neural.latent:LatentFeature",
}


def model_class(name: str) -> type[Any]:
    """The class behind a name.

    Raises:
        SessionError: no model has this name.
    """
    if name not in MODELS:
        raise SessionError(f"no model is called {name!r}; there are {', '.join(MODELS)}")
    module, attribute = MODELS[name].split(":")
    found: type[Any] = getattr(import_module(module), attribute)
    return found


def create(name: str, **settings: Any) -> SessionModel:
    """A model that is not fitted yet, with settings of its own kind.

    Raises:
        SessionError: no model has this name, or it has no such setting.
    """
    try:
        model: SessionModel = model_class(name)(**settings)
    except TypeError as error:
        if "unexpected keyword" not in str(error):
            raise
        raise SessionError(f"the model {name!r} has no such setting: {error}") from None
    return model


def load_model(folder: Path) -> SessionModel:
    """A saved model, whatever its kind.

    Raises:
        SessionError: the folder holds none, or a file is missing, altered or cut short.
    """
    model: SessionModel = model_class(str(read_manifest(folder)["model"])).load(folder)
    return model
