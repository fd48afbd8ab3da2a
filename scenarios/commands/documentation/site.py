"""`earlid docs`: the pages of this repository as a site with a search box, made by mkdocs-material."""

import functools
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import typer
import yaml

from gateway.files import BadFile

ROOT = Path(__file__).parents[3]
_LINK = re.compile(r"\]\(([^)#:\s]+)")
_REFERENCE = re.compile(r"^\[[^\]]+\]: (\S+)$", re.MULTILINE)

# The site's order: (heading, pages). A page that is added to the repository is added here too; a test says so.
NAVIGATION: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Start", ("README.md", "ARCHITECTURE.md", "GLOSSARY.md")),
    (
        "Tutorials and how-tos",
        (
            "scenarios/docs/first-scenario.md",
            "scenarios/docs/first-audit.md",
            "scenarios/docs/your-own-gateway.md",
            "loadtests/docs/label-studio.md",
            "loadtests/docs/your-own-locustfile.md",
            "loadtests/docs/k6-or-a-browser.md",
            "loadtests/docs/find-the-capacity.md",
            "loadtests/docs/devices.md",
            "loadtests/docs/distributed.md",
            "scenarios/docs/reading-a-failed-run.md",
            "scenarios/docs/fuzz.md",
            "scenarios/docs/ci.md",
        ),
    ),
    ("The rooms", ("simulator/README.md", "gateway/README.md", "scenarios/README.md", "loadtests/README.md")),
    (
        "Reference",
        (
            "scenarios/docs/scenario-files.md",
            "scenarios/docs/timeline.md",
            "scenarios/docs/targets.md",
            "scenarios/docs/checks.md",
            "scenarios/docs/leak-search.md",
            "scenarios/docs/scan.md",
            "scenarios/docs/twin-runs.md",
            "scenarios/docs/reports.md",
            "scenarios/docs/reference/scenario.md",
            "scenarios/docs/reference/contract.md",
            "scenarios/docs/reference/identities.md",
            "scenarios/docs/reference/target.md",
            "scenarios/docs/reference/report.md",
            "loadtests/docs/watch.md",
            "scenarios/suites/README.md",
            "simulator/docs/faults.md",
            "gateway/docs/contract.md",
            "gateway/docs/mqtt-door.md",
            "gateway/docs/clients.md",
            "gateway/docs/gate.md",
            "gateway/docs/redaction.md",
            "gateway/docs/storage-and-vault.md",
            "gateway/docs/review-tool.md",
            "gateway/docs/files.md",
        ),
    ),
    (
        "Why",
        (
            "scenarios/docs/source-facts.md",
            "scenarios/docs/why-known-values.md",
            "scenarios/docs/why-twins.md",
            "BENCHMARKS.md",
        ),
    ),
    ("The project", ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
)


def listed() -> Iterator[str]:
    """Every page of the site, in its order."""
    for _heading, pages in NAVIGATION:
        yield from pages


def build(site: Path) -> None:
    """Write the site into the folder `site`. Raises BadFile: mkdocs-material is missing, or a link leads nowhere."""
    with tempfile.TemporaryDirectory(prefix="earlid-docs-") as folder:
        source = Path(folder) / "pages"
        for page in listed():
            _copy(page, source)
        configuration = Path(folder) / "mkdocs.yml"
        configuration.write_text(yaml.safe_dump(_configuration(source, site.resolve())), encoding="utf-8")
        command = [sys.executable, "-P", "-m", "mkdocs", "build", "--strict", "-f", str(configuration)]
        quiet = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "NO_COLOR": "1"}
        run = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
    if "No module named mkdocs" in run.stderr:
        raise BadFile("docs: the site is made by mkdocs-material; try: pip install 'earlid[docs]'")
    if run.returncode:
        told = [line for line in run.stderr.splitlines() if line.startswith(("WARNING", "ERROR"))] or [
            run.stderr.strip()
        ]
        raise BadFile("\n".join(f"docs: mkdocs could not write the site: {line}" for line in told))


def serve(site: Path, port: int) -> None:
    """Serve the folder on this machine alone until Ctrl-C. Raises OSError: the port is in use."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_said: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", port), functools.partial(Quiet, directory=str(site))) as server:
        typer.echo(f"http://127.0.0.1:{server.server_address[1]}/  (Ctrl-C ends it)")
        server.serve_forever()


def docs(out: Path | None, port: int) -> None:
    """Write the site into `out`; without it, write it to a folder for the time of the call and serve it."""
    if out is not None:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise BadFile(f"--out {out}: an empty or a new folder is wanted; mkdocs removes what stands in it")
        build(out)
        typer.echo(f"{out / 'index.html'}")
        return
    with tempfile.TemporaryDirectory(prefix="earlid-site-") as folder:
        build(Path(folder))
        serve(Path(folder), port)


def _copy(page: str, source: Path) -> None:
    """The page, and the pictures and programs that it links to."""
    if not (ROOT / page).is_file():
        raise BadFile(f"docs: {page} is not installed; the site is made from a checkout of the repository")
    text = (ROOT / page).read_text(encoding="utf-8")
    linked = [(ROOT / page).parent / link for link in (*_LINK.findall(text), *_REFERENCE.findall(text))]
    others = [file.resolve().relative_to(ROOT) for file in linked if file.is_file() and file.suffix != ".md"]
    for file in (Path(page), *others):
        (source / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, source / file)


def _configuration(source: Path, site: Path) -> dict[str, Any]:
    """Nothing of the site is fetched from elsewhere: no web fonts, no scripts of other hosts."""
    palette = [
        {"media": f"(prefers-color-scheme: {name})", "scheme": scheme, "toggle": {"icon": icon, "name": other}}
        for name, scheme, icon, other in (
            ("light", "default", "material/weather-night", "dark"),
            ("dark", "slate", "material/weather-sunny", "light"),
        )
    ]
    return {
        "site_name": "Earlid",
        "docs_dir": str(source),
        "site_dir": str(site),
        "use_directory_urls": False,
        "theme": {
            "name": "material",
            "font": False,
            "palette": palette,
            "features": ["navigation.sections", "navigation.top", "search.highlight", "content.code.copy"],
        },
        "markdown_extensions": ["tables", "toc", "pymdownx.highlight", "pymdownx.superfences"],
        "plugins": ["search"],
        "nav": [{heading: list(pages)} for heading, pages in NAVIGATION],
    }
