"""After `import zoo` alone Keras knows the classes of the zoo, whichever of both comes first."""

import pytest
from conftest import ROOT, run_python


@pytest.mark.parametrize("order", ["import zoo, keras", "import keras, zoo"])
def test_keras_loads_a_file_of_the_zoo(order):
    code = f"""
import json, sys
{order}
model = keras.saving.load_model(sys.argv[1])
print(json.dumps([type(model).__name__, model.latent_dim]))
"""
    path = ROOT / "saved_models/vae_digits/model.keras"
    assert run_python(code, str(path)) == ["Autoencoder", 8]


def test_importing_zoo_does_not_load_keras():
    assert run_python("import json, sys, zoo; print(json.dumps('keras' in sys.modules))") is False
