"""What can be said of an artefact without running it: its size, its digest and its operators."""

import hashlib
from pathlib import Path
from typing import Any

from ai_edge_litert import schema_py_generated as schema


def identify(path: Path) -> dict[str, Any]:
    """Return `bytes` and `sha256` of a file, or of a folder's files together with their names."""
    digest, size = hashlib.sha256(), 0
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    for file in files:
        if file != path:
            digest.update(file.relative_to(path).as_posix().encode())
        content = file.read_bytes()
        digest.update(content)
        size += len(content)
    return {"bytes": size, "sha256": digest.hexdigest()}


def operators(path: Path) -> list[str]:
    """Return the operators of a TFLite file: builtin ones in capitals, others in small letters."""
    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if name.isupper()}
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes()))
    found = set()
    for graph in model.subgraphs:
        for operator in graph.operators:
            code = model.operatorCodes[operator.opcodeIndex]
            # Old files keep codes below 127 only in the older field.
            name = names[max(code.builtinCode, code.deprecatedBuiltinCode)]
            found.add(code.customCode.decode().lower() if name == "CUSTOM" else name)
    return sorted(found)
