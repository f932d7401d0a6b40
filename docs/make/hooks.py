"""What MkDocs builds the site of besides the pages in `docs/`: pages made of the code itself.

Commands, model cards and the gallery are written anew at every build, so that they cannot rot.
"""

import re
import shutil
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

sys.path.insert(0, str(Path(__file__).parent))
from cards import cards_page
from commands import commands_page
from gallery import gallery_pages

ROOT = Path(__file__).parents[2]
# A page or a picture that is named as it lies in the repository.
MENTION = re.compile(r"`docs/([\w-]+\.md)`")
HEADING = re.compile(r"^# (.+)$", re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made of the code, the change log and the way to contribute."""
    for path, content in gallery_pages().items():
        files.append(File.generated(config, f"gallery/{path}", content=content))
    written = {
        "commands.md": commands_page(),
        "models.md": cards_page(),
        "changelog.md": (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        "contributing.md": (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"),
    }
    for path, text in written.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Make links of other pages' names, which are written as they lie in the repository."""

    def link(found: re.Match[str]) -> str:
        file = files.get_file_from_path(found[1])
        if file is None or file == page.file:
            return found[0]
        heading = HEADING.search(file.content_string)
        up = "../" * page.file.src_uri.count("/")
        return f"[{heading[1] if heading else found[1]}]({up}{found[1]})"

    return MENTION.sub(link, markdown)


def on_post_build(config: MkDocsConfig) -> None:
    """Take away what a site on this computer has no use for."""
    shutil.rmtree(Path(config.site_dir, "make"), ignore_errors=True)
