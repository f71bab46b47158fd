"""Reading the Markdown pages that the tests of the documentation check."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from conftest import ROOT

README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").glob("*.md"))
DOCUMENTS = [
    README,
    *PAGES,
    ROOT / "recipes/README.md",
    *(ROOT / name for name in ("CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")),
]

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", flags=re.DOTALL | re.MULTILINE)
# An object that mkdocstrings describes, with options that are indented as code is.
DIRECTIVE = re.compile(r"^::: .*\n(?:    .*\n)*", flags=re.MULTILINE)
# The first line of a block that is the content of a file.
FILE = re.compile(r"# (\w+\.py)\n")


def python_blocks(page: Path) -> list[str]:
    """Return the blocks of a page that are marked as Python."""
    found = FENCE.findall(page.read_text(encoding="utf-8"))
    return [code for language, code in found if language == "python"]


def file_name(block: str) -> str | None:
    """Return the name of the file that a block is the content of; None for one that just runs."""
    match = FILE.match(block)
    return match[1] if match else None


def code(page: Path) -> Iterator[str]:
    """Yield every line of code that is not Python, and every code span, of a page."""
    text = page.read_text(encoding="utf-8")
    for language, block in FENCE.findall(text):
        if language != "python":
            yield from block.splitlines()
    text = DIRECTIVE.sub("", FENCE.sub("", text))
    for line in text.splitlines():
        if line.startswith("    "):
            yield line.strip()
    yield from re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)


def commands(page: Path, program: str) -> list[list[str]]:
    """Return the words of every command of a page that begins with a program's name."""
    lines = [line for line in code(page) if line == program or line.startswith(f"{program} ")]
    return [shlex.split(line, comments=True) for line in lines]
