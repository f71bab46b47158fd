"""The contract that every model keeps, as a check for models of one's own.

    import zoo

    zoo.testing.check_model(my_builder)

The test suite runs it over every name of the registry.
"""

import inspect
import itertools
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from zoo import autoencoder, model_loading
from zoo.autoencoder import Autoencoder
from zoo.errors import InputError
from zoo.misuse import LIKELIHOOD_LOSS

# Samples in a check; few of them are distinct, so that there is something to learn.
DISTINCT, SAMPLES = 4, 64
EPOCHS = 15


def check_model(
    builder: Callable[..., Autoencoder],
    input_shape: Sequence[int] = (8, 8, 1),
    **arguments: Any,
) -> None:
    """Check that a builder keeps the contract of the zoo's models, on any of Keras's backends.

    The contract: all arguments are keyword-only and have defaults, `input_shape` is the first; a
    wrong `input_shape` is refused; the model is an uncompiled `zoo.Autoencoder` whose output has
    the shape of its input; it is its decoder after its encoder, and gives the same output each
    time; every weight gets a gradient, and `compile` and `fit(x, x)` lower the loss; and a saved
    file loads again, in safe mode, as the same model.

    Args:
        builder: Function that builds a model, as `zoo.register` takes it.
        input_shape: Shape of one sample to check it with.
        **arguments: Further arguments of the builder.

    Raises:
        AssertionError: A rule is broken; the message says which.
    """
    _check_signature(builder)
    keras.utils.set_random_seed(0)
    model = builder(input_shape=tuple(input_shape), **arguments)
    _check_kind(model, tuple(input_shape))
    x = _samples(model, 3)
    _check_outputs(model, x)
    _check_saving(model, x)
    _check_training(model)


def _require(holds: bool, rule: str) -> None:
    if not holds:
        raise AssertionError(rule)


def _check_signature(builder: Callable[..., Any]) -> None:
    parameters = list(inspect.signature(builder).parameters.values())
    named = [p for p in parameters if p.kind is not inspect.Parameter.VAR_KEYWORD]
    _require(
        all(p.kind is inspect.Parameter.KEYWORD_ONLY for p in named),
        "All arguments of a builder must be keyword-only: begin them with `*`.",
    )
    missing = [p.name for p in named if p.default is inspect.Parameter.empty]
    _require(not missing, f"All arguments of a builder need defaults, but {missing} have none.")
    _require(
        bool(named) and named[0].name == "input_shape",
        "The first argument of a builder must be input_shape, the shape of one sample.",
    )
    for wrong in ((), (0, 3), 28, (None, 28, 1)):
        try:
            builder(input_shape=wrong)
        except InputError:
            continue
        except Exception as error:
            raise AssertionError(
                f"The builder meets input_shape={wrong!r} with {type(error).__name__}: raise "
                "zoo.InputError, as zoo.argument_checks.check_input_shape does."
            ) from error
        raise AssertionError(f"The builder takes input_shape={wrong!r}: raise zoo.InputError.")


def _check_kind(model: Any, input_shape: tuple[int, ...]) -> None:
    _require(
        isinstance(model, Autoencoder),
        f"A builder must return a zoo.Autoencoder, but this returns a {type(model).__name__}: "
        "join encoder and decoder with zoo.Autoencoder.join.",
    )
    _require(not model.compiled, "A builder must return an uncompiled model.")
    _require(
        model.sample_shape == input_shape,
        f"The model takes samples of shape {model.sample_shape}, not {input_shape}.",
    )


def _samples(model: Autoencoder, count: int) -> np.ndarray:
    return np.random.default_rng(0).random((count, *model.sample_shape), dtype="float32")


def _to_numpy(tensor: Any) -> np.ndarray:
    return keras.ops.convert_to_numpy(tensor)


def _check_outputs(model: Autoencoder, x: np.ndarray) -> None:
    for batch in (x[:1], x):
        code, y = _to_numpy(model.encoder(batch)), _to_numpy(model(batch))
        _require(y.shape == batch.shape, f"Of {batch.shape} the model makes {y.shape}.")
        _require(
            code.shape == (len(batch), *model.code_shape),
            f"Codes have the shape {code.shape}, not (batch, *code_shape).",
        )
        finite = np.isfinite(code).all() and np.isfinite(y).all()
        _require(bool(finite), "Codes and reconstructions must be finite.")
    y = _to_numpy(model(x))
    decoded = _to_numpy(model.decoder(model.encoder(x)))
    _require(
        np.allclose(decoded, y, atol=1e-6),
        "The model must be its decoder after its encoder: join them with zoo.Autoencoder.join.",
    )
    _require(
        np.array_equal(_to_numpy(model(x)), y),
        "At inference the same input must give the same output: let noise act in training only.",
    )


def _check_saving(model: Autoencoder, x: np.ndarray) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        model.save(path)
        try:
            loaded = model_loading.load(path)
        except InputError as error:
            raise AssertionError(
                f"A saved model must load again: register its layers with "
                f"keras.saving.register_keras_serializable ({error})."
            ) from error
    for name in ("score_window", "likelihood", "has_prior", "code_shape"):
        _require(
            getattr(loaded, name) == getattr(model, name),
            f"{name} must survive saving and loading.",
        )
    _require(
        np.allclose(_to_numpy(loaded(x)), _to_numpy(model(x)), atol=1e-6)
        and np.allclose(loaded.score(x), model.score(x), atol=1e-6),
        "A model that was saved and loaded must give the same outputs and scores.",
    )


def _check_training(model: Autoencoder) -> None:
    x = np.repeat(_samples(model, DISTINCT).round(), SAMPLES // DISTINCT, axis=0)
    untouched = _without_gradient(model, x)
    _require(not untouched, f"Every weight must get a gradient, but {untouched} get none.")
    loss = LIKELIHOOD_LOSS.get(model.likelihood, "mse")
    model.compile(keras.optimizers.Adam(1e-2), loss, metrics=["mse"])
    history = model.fit(x, x, epochs=EPOCHS, batch_size=16, verbose=0).history
    _require(
        history["mse"][-1] < 0.9 * history["mse"][0],
        f"`compile` and `fit(x, x)` must lower the error, but it went from {history['mse'][0]:.4g} "
        f"to {history['mse'][-1]:.4g} in {EPOCHS} epochs.",
    )


def _without_gradient(model: Autoencoder, x: np.ndarray) -> list[str]:
    """Return the paths of the weights that a step of gradient descent leaves as they are."""
    trained = autoencoder.copy(model)
    # So large a step shows in every weight, however small its gradient is.
    loss = LIKELIHOOD_LOSS.get(model.likelihood, "mse")
    trained.compile(keras.optimizers.SGD(1e4), loss, run_eagerly=True)
    before = [_to_numpy(weight).copy() for weight in trained.trainable_weights]
    with warnings.catch_warnings():
        # Keras warns of such weights, which are reported here.
        warnings.filterwarnings("ignore", "Gradients do not exist", UserWarning)
        trained.fit(x, x, epochs=1, batch_size=len(x), verbose=0)
    excused = _normalised_biases(trained)
    return [
        weight.path
        for weight, values in zip(trained.trainable_weights, before, strict=True)
        if weight.path not in excused and np.array_equal(_to_numpy(weight), values)
    ]


def _normalised_biases(model: Autoencoder) -> set[str]:
    """Return the biases that batch normalisation takes away again: no gradient but rounding."""
    return {
        layer.bias.path
        for part in (model.encoder, model.decoder)
        for layer, following in itertools.pairwise(part.layers)
        if isinstance(following, keras.layers.BatchNormalization) and layer.bias is not None
    }
