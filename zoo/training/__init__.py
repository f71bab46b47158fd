"""Training a recipe's model on a data set."""

from zoo.training.distribution_strategy import make_strategy
from zoo.training.restarts import Training, train

__all__ = ["Training", "make_strategy", "train"]
