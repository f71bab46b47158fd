"""Data sets in three splits: by name, from a file, or from arrays."""

from zoo.data.arrays import from_arrays
from zoo.data.dataset import Dataset, Labels, check_shape
from zoo.data.loading import for_recipe, is_own, load

__all__ = ["Dataset", "Labels", "check_shape", "for_recipe", "from_arrays", "is_own", "load"]
