"""What may import what."""

import ast

from conftest import ROOT

STAGES = {
    "data",
    "training",
    "evaluating",
    "exporting",
    "converting",
    "describing",
    "verifying",
    "recording",
}


def imports(path):
    """Return every module that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_zoo_imports_neither_recipes_nor_tensorflow():
    for path in (ROOT / "zoo").rglob("*.py"):
        packages = {module.partition(".")[0] for module in imports(path)}
        assert not packages & {"recipes", "tensorflow", "tensorflow_datasets"}, path


def test_stages_do_not_import_each_other():
    for stage in STAGES:
        others = {f"recipes.{other}" for other in STAGES - {stage}}
        assert not imports(ROOT / f"recipes/{stage}.py") & others, stage
