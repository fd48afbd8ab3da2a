"""`earlid docs`: every page is on the site, every link leads somewhere, nothing comes from elsewhere."""

import re
import subprocess
import threading
import urllib.request
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from gateway.files import BadFile
from scenarios.commands.documentation import site as docs


def test_every_page_of_the_repository_is_on_the_site_once() -> None:
    pages = subprocess.run(["git", "ls-files", "*.md"], cwd=docs.ROOT, capture_output=True, text=True, check=True)
    assert sorted(docs.listed()) == sorted(pages.stdout.split())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("material", reason="mkdocs-material is not installed")
    folder = tmp_path_factory.mktemp("docs") / "site"
    docs.docs(folder, 0)
    return folder


def test_the_site_has_each_page_and_can_be_searched(site: Path) -> None:
    missing = [
        page
        for page in docs.listed()
        if not (site / page.replace("README.md", "index.md")).with_suffix(".html").is_file()
    ]
    assert missing == []
    index = (site / "search" / "search_index.json").read_text(encoding="utf-8")
    assert "break-glass" in index


def test_no_page_loads_anything_from_another_host(site: Path) -> None:
    loads = re.compile(r"<(?:script|img|link)\b[^>]*?\b(?:src|href)=\"?(https?://[^\"\s>]+)")
    found = {url for page in site.rglob("*.html") for url in loads.findall(page.read_text(encoding="utf-8"))}
    assert found == set()


def test_the_page_is_served_on_this_machine(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[ThreadingHTTPServer] = []
    up = threading.Event()

    class Watched(ThreadingHTTPServer):
        def server_activate(self) -> None:
            super().server_activate()
            started.append(self)
            up.set()

    monkeypatch.setattr(docs, "ThreadingHTTPServer", Watched)
    thread = threading.Thread(target=docs.serve, args=(site, 0))
    thread.start()
    assert up.wait(20)
    host, port = started[0].server_address[:2]
    assert host == "127.0.0.1"
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
        assert b"Earlid" in answer.read()
    started[0].shutdown()
    thread.join(20)


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadFile, match="an empty or a new folder is wanted"):
        docs.docs(tmp_path, 0)
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_a_dead_link_stops_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("material", reason="mkdocs-material is not installed")
    (tmp_path / "README.md").write_text("[gone](gone.md)", encoding="utf-8")
    monkeypatch.setattr(docs, "ROOT", tmp_path)
    monkeypatch.setattr(docs, "NAVIGATION", (("Start", ("README.md",)),))
    with pytest.raises(BadFile, match=r"gone\.md"):
        docs.build(tmp_path / "site")
