"""Kept clips below a prefix of a bucket: moto answers as S3 does."""

import json
from pathlib import Path

import pytest

from scenarios.kept.read.clip import Unreadable
from scenarios.kept.read.readers import read_kept
from scenarios.model.targets.target_file import Attached, load_target_file

TARGET = """
target: 1
kind: attached
name: mine
kept:
  kind: s3
  prefix: s3://BUCKET/kept
  endpoint: ENDPOINT
  region: eu-central-1
  key: {env: S3_KEY}
  password: {env: S3_PASSWORD}
  records: "**/*.json"
  session: call
  audio: {file: sound}
"""


def target(folder: Path, endpoint: str, bucket: str) -> Attached:
    path = folder / "target.yaml"
    path.write_text(TARGET.replace("ENDPOINT", endpoint).replace("BUCKET", bucket))
    found = load_target_file(path)
    assert isinstance(found, Attached)
    return found


@pytest.fixture
def s3(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> str:
    boto3 = pytest.importorskip("boto3")
    monkeypatch.setenv("S3_KEY", "k")
    monkeypatch.setenv("S3_PASSWORD", "hush-9913")
    client = boto3.client(
        "s3", endpoint_url=s3_server, region_name="eu-central-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    client.create_bucket(Bucket="clips", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    for name, body in {
        "kept/a/1.json": json.dumps({"call": "one", "sound": "1.wav"}).encode(),
        "kept/a/1.wav": b"RIFF-one",
        "kept/b/2.json": json.dumps({"call": "two", "sound": "s3://clips/other/2.wav"}).encode(),
        "other/2.wav": b"RIFF-two",
        "kept/b/3.json": b"{broken",
        "elsewhere/4.json": json.dumps({"call": "four"}).encode(),
    }.items():
        client.put_object(Bucket="clips", Key=name, Body=body)
    return s3_server


def test_records_and_sounds_below_the_prefix_are_read_and_nothing_else(tmp_path: Path, s3: str) -> None:
    read = read_kept(target(tmp_path, s3, "clips"), tmp_path)
    assert [(clip.session, clip.audio) for clip in read.clips] == [("one", b"RIFF-one"), ("two", None)]
    assert read.notes == (
        "a record is not JSON (1 times)",
        "a record names an object of its sound that is not below the prefix (1 times)",
    )


@pytest.mark.slow  # the library asks again and again
def test_a_bucket_that_is_not_there_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_KEY", "k")
    monkeypatch.setenv("S3_PASSWORD", "hush-9913")
    with pytest.raises(Unreadable, match=r"^the bucket does not answer \(connection refused\)$"):
        read_kept(target(tmp_path, "http://127.0.0.1:9", "clips"), tmp_path)
