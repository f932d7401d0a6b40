"""Check the built site without a network: every link, picture and anchor, and nothing from outside.

    python docs/make/links.py SITE

Whatever a page loads (scripts, styles, fonts, pictures) must lie in the site; links to other sites
are only read, not followed.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {("script", "src"), ("link", "href"), ("img", "src"), ("source", "src"), ("iframe", "src")}
NOT_LOADED = {"canonical", "next", "prev", "edit", "alternate"}  # what a <link> may only name


class Links(HTMLParser):
    """The links and anchors of one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[tuple[str, bool]] = []  # address, whether it is loaded
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        for name in ("id", "name"):
            self.anchors.add(found.get(name) or "")
        for name in ("href", "src"):
            if address := found.get(name):
                named = tag == "link" and bool(set((found.get("rel") or "").split()) & NOT_LOADED)
                self.links.append((address, (tag, name) in LOADED and not named))


def faults(site: Path) -> list[str]:
    """Return a line for each link that leads nowhere and each thing loaded from elsewhere."""
    pages = {path.resolve(): Links(path.read_text(encoding="utf-8")) for path in _pages(site)}
    lines = []
    for page, found in pages.items():
        for address, is_loaded in found.links:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc:
                outside = is_loaded and parts.scheme != "data"
                reason = "loaded from elsewhere" if outside else None
            else:
                reason = _missing(pages, page, unquote(parts.path), unquote(parts.fragment))
            if reason:
                lines.append(f"{page.relative_to(site.resolve())}: {address}: {reason}")
    return lines


def _pages(site: Path) -> list[Path]:
    # The page for what is not found has links from the root of the server.
    return [path for path in sorted(site.rglob("*.html")) if path.name != "404.html"]


def _missing(pages: dict[Path, Links], page: Path, path: str, anchor: str) -> str | None:
    target = (page.parent / path).resolve() if path else page
    if target.is_dir():
        target /= "index.html"
    if not target.exists():
        return "no such file"
    if anchor and target in pages and anchor not in pages[target].anchors | {"__skip"}:
        return "no such place on that page"
    return None


if __name__ == "__main__":
    found = faults(Path(sys.argv[1]))
    print(*found, sep="\n" if found else "")
    sys.exit(bool(found))
