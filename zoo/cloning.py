"""Attributes of a model that `keras.models.clone_model` keeps.

Keras makes the clone of a Functional model from its class, its name and its graph alone, whatever
`get_config` says. So the graph's output carries the attributes to the clone. This needs one private
method of Keras 3.15, `Functional._run_through_graph`, with which `clone_model` makes that output.
If tests/models/test_cloning.py fails after an update of Keras, see how `_clone_functional_model` in
keras/src/models/cloning.py makes the arguments of the new model, and put the attributes on those.
"""

from typing import Any, ClassVar

import keras


class Cloneable(keras.Model):
    """A Functional model with one output, whose attributes named in `KEPT` are those of its clone.

    `KEPT` holds the attributes' defaults.
    """

    KEPT: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        output = kwargs["outputs"] if "outputs" in kwargs else args[1]
        for name, value in getattr(output, "_kept_by_clones", self.KEPT).items():
            setattr(self, name, value)

    def _run_through_graph(self, *args: Any, **kwargs: Any) -> Any:
        output = super()._run_through_graph(*args, **kwargs)
        if isinstance(output, keras.KerasTensor):
            output._kept_by_clones = {name: getattr(self, name) for name in self.KEPT}
        return output
