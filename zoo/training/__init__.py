"""Training a recipe's model on a data set."""

from zoo.training.restarts import Training, train
from zoo.training.strategies import make_strategy

__all__ = ["Training", "make_strategy", "train"]
