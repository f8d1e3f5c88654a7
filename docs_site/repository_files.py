"""Hook of mkdocs: files at the top of the repository are pages of the site too.

Links are written for whoever reads the files where the code is hosted (`../SECURITY.md`). The site
has nothing above `docs/`, so what is linked to from there comes in, and links are bent to it.
"""

import ast
import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]

# Path in the repository to path in the site. The long README would be taken for the index of its
# folder under its own name.
PAGES = {
    "README.md": "project/readme_page.md",
    "CONTRIBUTING.md": "project/contributing.md",
    "SECURITY.md": "project/security.md",
    "CHANGELOG.md": "project/changelog.md",
    "Dockerfile": "project/dockerfile.md",
    "compose.yaml": "project/compose.md",
    "compose.cluster.yaml": "project/compose_cluster.md",
    **{
        f"examples/{path.name}": f"examples/{path.stem}.md"
        for path in sorted((ROOT / "examples").glob("*.py"))
    },
}

_LANGUAGES = {".py": "python", ".yaml": "yaml", "": "docker"}
_LINK = re.compile(r"(\]\()([^)#:\s]+)((?:#[^)\s]*)?\))")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that lie outside `docs/`."""
    for source, target in PAGES.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        content = text if source.endswith(".md") else _code_page(source, text)
        files.append(File.generated(config, target, content=content))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Bends links between the files of the repository to where these are in the site."""
    in_site = page.file.src_uri
    sources = {target: source for source, target in PAGES.items()}
    folder = posixpath.dirname(sources.get(in_site, f"docs/{in_site}"))

    def bent(match: re.Match[str]) -> str:
        source = posixpath.normpath(posixpath.join(folder, match[2]))
        target = PAGES.get(source, source.removeprefix("docs/"))
        if target == source:
            # Nothing of the site: the build says so, by the name that stands in the file.
            return match[0]
        return match[1] + posixpath.relpath(target, posixpath.dirname(in_site)) + match[3]

    return _LINK.sub(bent, markdown)


def _code_page(source: str, text: str) -> str:
    language = _LANGUAGES[Path(source).suffix]
    title, words = source, f"`{source}`:"
    if language == "python":
        title = (ast.get_docstring(ast.parse(text)) or source).splitlines()[0].rstrip(".")
        words = f"`{source}`, which the tests run as it stands:"
    return f"# {title}\n\n{words}\n\n```{language}\n{text}```\n"
