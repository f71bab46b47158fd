"""How good a model is on the test split, beside baselines that need no such model.

The table of figures, `FIGURES`, can be read without TensorFlow and scikit-learn; what computes
them is loaded on first use.
"""

import importlib
from typing import TYPE_CHECKING, Any

from zoo.evaluation.baseline_table import BASELINES
from zoo.evaluation.figure_table import FIGURES, Figure

if TYPE_CHECKING:
    from zoo.evaluation.evaluating import baselines, evaluate, measures
    from zoo.evaluation.model_outputs import predict
    from zoo.evaluation.multiply_adds_count import multiply_adds
    from zoo.evaluation.reconstruction import mse

__all__ = [
    "BASELINES",
    "FIGURES",
    "Figure",
    "baselines",
    "evaluate",
    "measures",
    "mse",
    "multiply_adds",
    "predict",
]

_LAZY = {
    "baselines": "evaluating",
    "evaluate": "evaluating",
    "measures": "evaluating",
    "mse": "reconstruction",
    "multiply_adds": "multiply_adds_count",
    "predict": "model_outputs",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'zoo.evaluation' has no attribute {name!r}")
    return getattr(importlib.import_module(f"zoo.evaluation.{_LAZY[name]}"), name)
