"""Everything that must pass: `nox` runs it in the environment that nox itself is installed in."""

import sys

import nox

nox.options.default_venv_backend = "none"
nox.options.sessions = ["lint", "tests", "types", "docs"]
PYTHON = sys.executable


@nox.session
def lint(session: nox.Session) -> None:
    """Check the style of the code."""
    session.run(PYTHON, "-m", "ruff", "check")
    session.run(PYTHON, "-m", "ruff", "format", "--check")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests: all of them, or as `nox -s tests -- ARGUMENTS` says."""
    session.run(PYTHON, "-m", "pytest", *(session.posargs or ("-n", "auto")))


@nox.session
def fast(session: nox.Session) -> None:
    """Run the tests that take no longer than a cup of coffee, and need no programs."""
    session.run(PYTHON, "-m", "pytest", "-n", "auto", "-m", "not slow", *session.posargs)


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of the package and of its tests."""
    session.run(PYTHON, "-m", "mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation's site into site/, running its examples, and check its links."""
    session.env["NO_MKDOCS_2_WARNING"] = "1"  # that Material has a successor: see CONTRIBUTING.md
    session.run(PYTHON, "-m", "mkdocs", "build", "--quiet", "--strict", *session.posargs)
    session.run(PYTHON, "docs/make/links.py", "site")


@nox.session
def javascript(session: nox.Session) -> None:
    """Check the types and the style of the page's JavaScript; needs npm."""
    session.run("npm", "ci", "--no-audit", "--no-fund", external=True)
    session.run("npx", "tsc", external=True)
    session.run(
        "npx", "eslint", "src/ticktone/page/static", "src/ticktone/site/static", external=True
    )


@nox.session(venv_backend="virtualenv")
def lowest(session: nox.Session) -> None:
    """Run the fast tests with the lowest versions of the direct dependencies."""
    session.install("uv")
    session.run("uv", "pip", "install", "--resolution=lowest-direct", "--editable", ".[test]")
    session.run("python", "-m", "pytest", "-n", "auto", "-m", "not slow")


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Measure speed and memory; arguments as `python -m benchmarks` takes them."""
    session.run(PYTHON, "-m", "benchmarks", *session.posargs)
