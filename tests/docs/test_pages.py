"""What the pages in `docs/` say: their code runs, their links lead somewhere."""

import json
import re
import shutil

import pytest
from conftest import ROOT, run_python, run_zoo
from documents import DOCUMENTS, PAGES, file_name, python_blocks

SAVED_MODELS = ROOT / "saved_models"
RUNNABLE = {
    page.name: blocks
    for page in PAGES
    if (blocks := [block for block in python_blocks(page) if file_name(block) is None])
}
FILES = {
    f"{page.name}:{name}": block
    for page in PAGES
    for block in python_blocks(page)
    if (name := file_name(block))
}
# Runs each block in a namespace of its own, as a program.
RUN = """
import json, sys
for i, block in enumerate(json.loads(sys.argv[1])):
    exec(compile(block, f"block {i}", "exec"), {"__name__": "__main__"})
print("true")
"""


@pytest.mark.slow
@pytest.mark.parametrize("page", RUNNABLE)
def test_the_python_blocks_of_a_page_run(page, monkeypatch, tmp_path):
    for name in ("dense_digits", "vae_digits"):
        shutil.copytree(SAVED_MODELS / name, tmp_path / "saved_models" / name)
    monkeypatch.chdir(tmp_path)
    assert run_python(RUN, json.dumps(RUNNABLE[page]), timeout=900) is True


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_a_recipe_file_of_a_page_trains(file, tmp_path):
    path = tmp_path / file.partition(":")[2]
    path.write_text(FILES[file], encoding="utf-8")
    done = run_zoo("train", path, "--smoke", "--variants", "fp32", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr


def slugs(path):
    """Return the anchors of a page's headings."""
    text = re.sub(r"^```.*?^```", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_to_files_and_headings_that_exist(page):
    for link in re.findall(r"\]\((?!\w+:)([^)\s]+)\)", page.read_text(encoding="utf-8")):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in slugs(target), link


def test_every_page_is_in_the_navigation():
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert {page.name for page in PAGES} == set(re.findall(r"^  - .*: (\w+\.md)$", config, re.M))
