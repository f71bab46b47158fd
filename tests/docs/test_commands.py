"""Commands that the documents print exist, with the options that they print."""

import re

import pytest
from conftest import ROOT
from documents import DOCUMENTS, code, commands
from typer.core import TyperGroup
from typer.main import get_command

import zoo
from zoo import recipe_book
from zoo.cli.main import app

GROUP = get_command(app)
assert isinstance(GROUP, TyperGroup)
IDS = [page.relative_to(ROOT).as_posix() for page in DOCUMENTS]


def options(command):
    """Return every option of a command, with its leading dashes."""
    found = {"--help"}
    for parameter in command.params:
        found |= {*parameter.opts, *parameter.secondary_opts}
    return found


SUBCOMMANDS = {name: options(command) for name, command in GROUP.commands.items()}


def flags(words):
    return {word.partition("=")[0] for word in words if word.startswith("--")}


@pytest.mark.parametrize("page", DOCUMENTS, ids=IDS)
def test_commands_of_zoo_exist(page):
    for words in commands(page, "zoo"):
        if len(words) == 1:
            continue
        known = options(GROUP) if words[1].startswith("-") else SUBCOMMANDS[words[1]]
        assert flags(words) <= known, words


@pytest.mark.parametrize("page", DOCUMENTS, ids=IDS)
def test_recipes_that_are_trained_or_shown_exist(page):
    for words in commands(page, "zoo"):
        if len(words) < 3 or words[1] not in ("train", "show", "reproduce"):
            continue
        known = {*recipe_book.read(), *zoo.list_models(), "RECIPE", "NAME"}
        assert words[2].startswith("-") or words[2].endswith(".py") or words[2] in known, words


@pytest.mark.parametrize("page", DOCUMENTS, ids=IDS)
def test_options_that_are_named_alone_exist(page):
    known = set().union(*SUBCOMMANDS.values(), options(GROUP))
    named = flags(span.split()[0] for span in code(page) if span.startswith("--"))
    assert named <= known


@pytest.mark.parametrize("page", DOCUMENTS, ids=IDS)
def test_programs_of_python_exist_with_their_options(page):
    for words in commands(page, "python"):
        if len(words) > 1 and words[1].startswith("recipes/"):
            assert (ROOT / words[1]).is_file(), words
            assert flags(words) <= SUBCOMMANDS["train"], words


@pytest.mark.parametrize("page", DOCUMENTS, ids=IDS)
def test_targets_of_make_exist(page):
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, flags=re.MULTILINE))
    for words in commands(page, "make"):
        assert {word for word in words[1:] if "=" not in word} <= targets, words
