"""Takes files of the repository that pages link to into the built site.

A page in `docs/` links to a file outside of it by its relative path, such as
`../saved_models/vae_mnist/samples.png`. Such a link works on a code host, and with this hook in the
built site too: the file is added under its path in the repository.
"""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parent.parent
# A relative link or picture in Markdown, without its `#anchor`.
LINK = re.compile(r"\]\((?!\w+:)([^)#\s]+)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add every file outside `docs/` that a page links to, and what such a file links to itself."""
    waiting = list(Path(config.docs_dir).rglob("*.md"))
    while waiting:
        page = waiting.pop()
        for link in LINK.findall(page.read_text(encoding="utf-8")):
            target = (page.parent / link).resolve()
            uri = target.relative_to(ROOT).as_posix()
            inside = target.is_relative_to(config.docs_dir)
            if inside or not target.is_file() or files.get_file_from_path(uri):
                continue
            files.append(File.generated(config, uri, abs_src_path=str(target)))
            if target.suffix == ".md":
                waiting.append(target)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links out of `docs/` point to where the site has the files."""
    return markdown.replace("](../", "](") if "/" not in page.file.src_uri else markdown
