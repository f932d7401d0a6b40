"""Chromium, as the tests of the page and of the site drive it."""

from playwright.sync_api import expect

from tests.support.patience import PATIENCE

expect.set_options(timeout=1000 * PATIENCE)
# What must not be found wanting in accessibility, as axe names it.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def saved(page, selector, place):
    """Click what saves a file, and say where it is."""
    with page.expect_download() as waiting:
        page.click(selector)
    path = place / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path
