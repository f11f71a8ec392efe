"""The object store: what is put there is locked, read back, and never replaced."""

import json
import logging
import socket
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from ledger.anchors.base import NEVER, AnchorError, ContradictionError
from ledger.anchors.object_store import ObjectStoreAnchor
from ledger.hashing import origin_id
from ledger.verifier.notes import Note, NoteLine, note_bytes, parse_note
from tests.ledger.anchors.histories import ORG, History, history
from tests.ledger.anchors.serving import unused_port

KEY = f"ledger/{origin_id(ORG).hex()}/5.note"
ACCESS = {"aws_access_key_id": "testing", "aws_secret_access_key": "hunter2"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def client(endpoint: str) -> Any:
    request = urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST")  # noqa: S310
    urllib.request.urlopen(request).close()  # noqa: S310
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **ACCESS)
    client.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    client.create_bucket(Bucket="plain")
    return client


@pytest.fixture
def anchor(client: Any, endpoint: str) -> ObjectStoreAnchor:
    return at(endpoint)


def at(endpoint: str, bucket: str = "locked", days: int = 30) -> ObjectStoreAnchor:
    options = {"endpoint_url": endpoint, "region_name": "us-east-1", **ACCESS}
    return ObjectStoreAnchor(bucket, "ledger/", options, days)


def test_a_checkpoint_is_put_under_lock_until_the_retention_ends(
    anchor: ObjectStoreAnchor, client: Any
) -> None:
    log = history(5)

    receipt = json.loads(anchor.publish(log.head(), NEVER).token)

    stored = client.get_object(Bucket="locked", Key=KEY)
    until = datetime.now(UTC) + timedelta(days=30)
    assert stored["Body"].read().decode() == log.note()
    assert stored["ObjectLockMode"] == "COMPLIANCE"
    assert abs(stored["ObjectLockRetainUntilDate"] - until) < timedelta(hours=1)
    assert (receipt["bucket"], receipt["key"], receipt["mode"]) == ("locked", KEY, "COMPLIANCE")
    assert receipt["version_id"] == stored["VersionId"]


def test_nobody_removes_it(anchor: ObjectStoreAnchor, client: Any) -> None:
    receipt = json.loads(anchor.publish(history(5).head(), NEVER).token)

    with pytest.raises(client.exceptions.ClientError, match="AccessDenied"):
        client.delete_object(
            Bucket="locked",
            Key=KEY,
            VersionId=receipt["version_id"],
            BypassGovernanceRetention=True,
        )


def test_the_same_checkpoint_again_makes_no_second_version(
    anchor: ObjectStoreAnchor, client: Any
) -> None:
    log = history(5)
    first = anchor.publish(log.head(), NEVER)

    assert anchor.publish(log.head(), NEVER) == first
    assert len(client.list_object_versions(Bucket="locked")["Versions"]) == 1


def test_another_history_of_that_size_is_an_alarm(
    anchor: ObjectStoreAnchor, client: Any
) -> None:
    log = history(5)
    anchor.publish(log.head(), NEVER)

    with pytest.raises(ContradictionError, match="one of the two was rewritten"):
        anchor.publish(log.fork(4, "another").head(), NEVER)
    assert client.get_object(Bucket="locked", Key=KEY)["Body"].read().decode() == log.note()


def test_a_newer_version_on_top_of_ours_is_found(
    anchor: ObjectStoreAnchor, client: Any
) -> None:
    log = history(5)
    anchor.publish(log.head(), NEVER)
    client.put_object(Bucket="locked", Key=KEY, Body=log.fork(4, "another").note().encode())

    with pytest.raises(ContradictionError):
        anchor.publish(log.head(), NEVER)


def test_a_bucket_without_object_lock_is_refused(client: Any, endpoint: str) -> None:
    with pytest.raises(AnchorError, match="no object lock"):
        at(endpoint, "plain").publish(history(5).head(), NEVER)
    assert "Contents" not in client.list_objects_v2(Bucket="plain")


def test_what_lies_there_without_its_lock_is_refused(
    anchor: ObjectStoreAnchor, client: Any
) -> None:
    log = history(5)
    client.put_object(Bucket="locked", Key=KEY, Body=log.note().encode())

    with pytest.raises(AnchorError, match="without the lock"):
        anchor.publish(log.head(), NEVER)


def test_a_store_that_does_not_know_conditions_is_asked_first(
    anchor: ObjectStoreAnchor, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some stores answer 501 to If-None-Match: here the client's own request is made so."""
    inner = anchor._client  # noqa: SLF001
    put = inner.put_object

    def put_object(**asked: Any) -> Any:
        if "IfNoneMatch" in asked:
            answer = {"Error": {"Code": "NotImplemented"}}
            raise client.exceptions.ClientError(answer, "PutObject")
        return put(**asked)

    monkeypatch.setattr(inner, "put_object", put_object)
    log = history(5)
    for _ in range(2):
        assert anchor.publish(log.head(), NEVER).token
    with pytest.raises(ContradictionError):
        anchor.publish(log.fork(4, "another").head(), NEVER)
    assert len(client.list_object_versions(Bucket="locked")["Versions"]) == 1


def test_a_bucket_that_is_not_there_is_named(client: Any, endpoint: str) -> None:
    with pytest.raises(AnchorError, match="answered NoSuchBucket"):
        at(endpoint, "gone").publish(history(5).head(), NEVER)


def test_a_store_that_is_down_is_named_without_its_keys() -> None:
    anchor = at(f"http://user:sesame@127.0.0.1:{unused_port()}")

    with pytest.raises(AnchorError, match="did not answer") as raised:
        anchor.publish(history(5).head(), NEVER)
    assert "hunter2" not in str(raised.value)
    assert "sesame" not in str(raised.value) + anchor.target


def test_it_speaks_to_the_store_alone(
    client: Any, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No metadata service, no profile, no telemetry: every connection goes to the endpoint."""
    monkeypatch.setenv("AWS_PROFILE", "someone-elses")
    monkeypatch.setenv("AWS_DEFAULTS_MODE", "auto")
    called: list[Any] = []
    connect = socket.socket.connect

    def noting(self: socket.socket, address: Any) -> None:
        called.append(address)
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", noting)
    at(endpoint).publish(history(5).head(), NEVER)

    port = int(endpoint.rpartition(":")[2])
    assert called
    assert {(address[0], address[1]) for address in called} == {("127.0.0.1", port)}


def test_the_same_head_signed_again_is_no_other_history(
    anchor: ObjectStoreAnchor, client: Any
) -> None:
    log = history(5)
    anchor.publish(log.head(), NEVER)
    other = History(ORG, leaves=log.leaves)
    lines: list[NoteLine] = [
        line for note in (log, other) for line in parse_note(note.note().encode()).lines
    ]
    text = log.head().text.decode()
    head = log.head()
    twice = type(head)(
        head.origin, head.size, head.root, note_bytes(Note(text, lines)).decode(), head.proof
    )

    assert anchor.publish(twice, NEVER).token


def test_wrong_settings_are_named() -> None:
    nothing = ObjectStoreAnchor("b", "", dict.fromkeys(at("x").options, ""), 0)

    assert list(nothing.complaints()) == [
        "ANCHOR_S3_ENDPOINT is the address of the object store (http, https).",
        "ANCHOR_S3_REGION is missing.",
        "ANCHOR_S3_ACCESS_KEY is missing.",
        "ANCHOR_S3_SECRET_KEY is missing.",
        "ANCHOR_S3_RETAIN_DAYS is 1 or more: how long nothing can be removed.",
    ]
