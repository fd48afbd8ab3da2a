"""Files that lie elsewhere, databases that answer, logs that grow, sites that refuse."""

import gzip
import http.server
import threading
from pathlib import Path
from typing import Any

import pytest

from gateway.files import BadFile
from gateway.identities import Identities
from scenarios.leaks.sources.network.remote import is_remote
from scenarios.leaks.sources.network.site import fetched
from scenarios.leaks.sources.reader.reader import Unread
from scenarios.leaks.sources.scan import scan_targets
from scenarios.leaks.sources.tally import ScanResult
from tests.gateway.storage.conftest import postgresql
from tests.scenarios.leaks.sources.conftest import FIELDS, NAME, TEXT

__all__ = ["postgresql"]


@pytest.fixture
def ids(tmp_path: Path, one_home: Identities) -> Path:
    path = tmp_path / "ids.json"
    path.write_bytes(one_home.to_json())
    return path


def fields(result: ScanResult) -> set[str]:
    return {finding.field for finding in result.findings}


def test_files_of_another_file_system(ids: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    memory.pipe({"/bucket/a/log.gz": gzip.compress(TEXT.encode()), "/bucket/b.txt": b"nothing"})
    result = scan_targets(ids, ["memory://bucket"])
    assert (fields(result) >= FIELDS, result.files, result.notes) == (True, 2, ())
    assert {finding.where.name for finding in result.findings} == {"memory://bucket/a/log.gz"}
    with pytest.raises(BadFile, match="no such file"):
        scan_targets(ids, ["memory://nowhere"])
    assert not is_remote("C:/a/b")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of the cloud's own libraries
def test_a_bucket_of_an_s3_server(ids: Any, s3_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    boto3 = pytest.importorskip("boto3")
    pytest.importorskip("s3fs")
    for name, value in (
        ("AWS_ENDPOINT_URL", s3_server),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    bucket = boto3.client("s3")
    bucket.create_bucket(Bucket="clips")
    bucket.put_object(Bucket="clips", Key="2026/log.gz", Body=gzip.compress(TEXT.encode()))
    result = scan_targets(ids, ["s3://clips/2026"])
    assert fields(result) >= FIELDS
    assert {finding.where.name for finding in result.findings} == {"s3://clips/2026/log.gz"}


def test_every_text_and_bytes_column_of_postgresql(ids: Path, postgresql: tuple[str, Path]) -> None:
    psycopg = pytest.importorskip("psycopg")
    url = postgresql[0].replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE homes (id int, who text, body bytea)")
        connection.execute("INSERT INTO homes VALUES (1, %s, %s)", (NAME, gzip.compress(TEXT.encode() * 20)))
    result = scan_targets(ids, [url])
    assert fields(result) >= FIELDS
    assert "database!public.homes" not in result.notes


def test_a_database_that_does_not_answer_is_one_line_without_the_password(ids: Path) -> None:
    with pytest.raises(BadFile) as error:
        scan_targets(ids, ["postgresql://me:secretword@127.0.0.1:9/x"])
    assert "secretword" not in str(error.value)


def test_a_log_is_followed_as_it_grows_and_turns_over(
    ids: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scenarios.leaks.sources import follow

    log = tmp_path / "a.log"
    log.write_text("nothing yet\n")
    steps = [
        lambda: log.write_text("nothing yet\nwho is Tami "),
        lambda: log.write_text("nothing yet\nwho is Tami Lutz\n"),
        lambda: log.rename(tmp_path / "a.log.1"),
        lambda: log.write_text(TEXT),
    ]

    def pause() -> None:
        if not steps:
            raise KeyboardInterrupt
        steps.pop(0)()  # type: ignore[no-untyped-call]

    monkeypatch.setattr(follow, "_sleep", pause)
    told: list[Any] = []
    result = scan_targets(ids, [str(log)], following=True, found=told.append)
    assert "members.name" in {finding.field for finding in told}
    assert fields(result) >= FIELDS


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_site_that_refuses_does_not_pass(status: int) -> None:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"no")

        def log_message(self, *args: str) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        answers = list(fetched(f"http://127.0.0.1:{server.server_port}/", masked=str))
        thread.join()
    (unread,) = [each for each in answers if isinstance(each, Unread)]
    assert (unread.kind, unread.why) == ("response", "refused")
    assert str(status) in unread.detail
