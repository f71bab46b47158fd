"""The forms in which a model is exported to TFLite, and the names of their files."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
    """One form of a `.tflite` file.

    Attributes:
        description: The form in a few words.
        tolerance: Largest relative difference of the test MSE from Keras's that passes; None
            demands that every single output is within `verifying.TOLERANCE`, in units of Keras's
            largest value where that is above 1.
        int8: Whether weights and activations are int8, calibrated on training samples.
        int16: Whether weights are int8 and activations int16, calibrated likewise. Such a file is
            written only where it is asked for: runtimes have faster operators for int8.
        fused: Whether each LSTM is one operator instead of a loop; only for models that have one.
    """

    description: str
    tolerance: float | None = None
    int8: bool = False
    int16: bool = False
    fused: bool = False

    @property
    def exact(self) -> bool:
        """Whether its outputs must equal Keras's in float32."""
        return self.tolerance is None

    @property
    def calibrated(self) -> bool:
        """Whether its activations are integers, whose ranges are those of training samples."""
        return self.int8 or self.int16

    @property
    def graph(self) -> str:
        """Name of the graph that it is converted from."""
        return "fused" if self.fused else "plain"

    def suits(self, loops: bool, fusable: bool) -> bool:
        """Return whether a model has this form.

        The converter cannot calibrate loops, so that recurrent layers are int8 as one operator
        only.

        Args:
            loops: The model has recurrent layers.
            fusable: Each of them can be one operator, see `recurrence.loops_of`.
        """
        return fusable if self.fused else not (self.calibrated and loops)


VARIANTS = {
    "fp32": Variant("float32"),
    "fp16": Variant("float16 weights", 0.001),
    "dynamic": Variant("int8 weights, float32 activations", 0.03),
    "int8": Variant("int8 weights and activations", 0.03, int8=True),
    "int16": Variant("int8 weights, int16 activations", 0.03, int16=True),
    "fused": Variant("float32, LSTMs as one operator", fused=True),
    "fused_int8": Variant("int8, LSTMs as one operator", 0.03, int8=True, fused=True),
}


# Signatures that a file can offer alone, for a sender and a receiver on different machines.
PARTS = ("reconstruct", "encode", "decode")


def file_name(variant: str, only: str | None = None) -> str:
    """Return the name of a variant's file, or of a file with only one of its signatures."""
    parts = ["model", *([] if variant == "fp32" else [variant]), *([only] if only else [])]
    return f"{'_'.join(parts)}.tflite"


def variant_of(file: str) -> Variant:
    """Return the variant that a file of that name holds."""
    stem = file.removesuffix(".tflite").removeprefix("model").strip("_")
    for name in sorted(VARIANTS, key=len, reverse=True):
        if stem == name or stem.startswith(f"{name}_"):
            return VARIANTS[name]
    return VARIANTS["fp32"]
