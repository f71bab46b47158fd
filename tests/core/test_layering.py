"""What may import what: the table of docs/design.md, checked on every import in every file."""

import ast
import sys

import pytest
from conftest import ROOT

# Each room, and the rooms it may import. Where a room may import only some files of the core, they
# are named. No arrow leads back, so there are no circles between rooms.
ARROWS: dict[str, set[str]] = {
    "layers": set(),
    "core": {"layers"},
    "models": {"layers", "core"},
    "edge": {"zoo.errors", "zoo.anomaly_scoring", "zoo.array_checks"},
    "data": {"core", "edge"},
    "training": {"layers", "core", "data"},
    "evaluation": {"layers", "core", "data", "training"},
    "exporting": {"layers", "core", "edge", "data", "training", "evaluation"},
    "results": {"core", "edge", "data", "training", "evaluation", "exporting"},
    "pipeline": {"core", "data", "training", "evaluation", "exporting", "results"},
    "cli": {"core", "data", "training", "evaluation", "exporting", "results", "pipeline"},
}
# The packages from outside that a room may import, beside Python's own; None: any that is declared.
OUTSIDE: dict[str, set[str] | None] = {
    "layers": {"keras"},
    "core": {"keras", "numpy", "pydantic", "tqdm"},
    "models": {"keras"},
    "edge": {"numpy", "ai_edge_litert"},
    **dict.fromkeys(("data", "training", "evaluation", "exporting", "results", "pipeline", "cli")),
}
# The door: it names the public functions of all rooms, and imports them at their first use.
DOOR = {"zoo/__init__.py", "zoo/__main__.py"}
FILES = sorted(
    path for path in (ROOT / "zoo").rglob("*.py") if path.relative_to(ROOT).as_posix() not in DOOR
)


def module_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {module_of(path) for path in FILES} | {"zoo"}


def room_of(module):
    """Return the room of a module of the zoo: its folder, or `core`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ARROWS else "core"


def imports(path, types_too=True):
    """Return every module that a file imports, wherever in the file.

    Without types: not what only a type checker imports, which is never run.
    """
    found = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if not types_too:
        tree.body = [node for node in tree.body if "TYPE_CHECKING" not in ast.unparse(node)[:20]]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively: write the whole name"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in MODULES else node.module)
    return found


def allowed(module, imported):
    """Return whether the table lets a module of the zoo import another."""
    mine, theirs = room_of(module), room_of(imported)
    return mine == theirs or theirs in ARROWS[mine] or imported in ARROWS[mine]


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_a_file_imports_only_what_its_room_may(path):
    module = module_of(path)
    for imported in imports(path):
        package = imported.partition(".")[0]
        if package == "zoo":
            # `import zoo` reaches every room through the door: only the rooms of the flow use it,
            # for the errors and the class that all of them share.
            if imported == "zoo":
                assert room_of(module) not in {"layers", "core", "models", "edge"}, module
            else:
                assert allowed(module, imported), f"{module} imports {imported}"
        elif package not in sys.stdlib_module_names:
            may = OUTSIDE[room_of(module)]
            assert may is None or package in may, f"{module} imports {imported}"


def test_the_table_has_a_row_for_each_folder_and_no_way_back():
    folders = {path.name for path in (ROOT / "zoo").iterdir() if (path / "__init__.py").is_file()}
    assert set(ARROWS) == set(OUTSIDE) == folders | {"core"}
    seen: set[str] = set()
    for room, may in ARROWS.items():
        assert {name for name in may if "." not in name} <= seen, room
        seen.add(room)


def test_an_arrow_that_is_not_in_the_table_is_noticed():
    assert allowed("zoo.training.fitting", "zoo.data.dataset")
    assert not allowed("zoo.data.dataset", "zoo.training.fitting")
    assert not allowed("zoo.edge.runner", "zoo.autoencoder")
    assert allowed("zoo.edge.runner", "zoo.anomaly_scoring")


def test_no_file_imports_itself_by_way_of_others():
    graph = {module_of(path): imports(path, False) & MODULES - {"zoo"} for path in FILES}
    done: set[str] = set()

    def visit(module, trail):
        assert module not in trail, f"a circle: {' -> '.join([*trail, module])}"
        if module not in done:
            for imported in graph.get(module, ()):
                visit(imported, [*trail, module])
            done.add(module)

    for module in graph:
        visit(module, [])
