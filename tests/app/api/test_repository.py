"""Routes of the model repository, and the versions in the list of models."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.inference.readiness import Readiness
from app.inference.registry import load_registry
from app.main import create_app
from app.settings import Settings
from tests.app.conftest import Client
from tests.support.model_directory import damage, put_version
from tests.support.pictures import as_bytes

KEY = "an-admin-key-for-the-tests"
ADMIN = {"Authorization": f"Bearer {KEY}"}
MODELS = "/v2/repository/models"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a directory with the versions 1 and 2 of cnn, and version 1 of dnn."""
    for version in (1, 2):
        put_version(tmp_path, version)
    put_version(tmp_path, 1, name="dnn")
    return tmp_path


def connect(directory: Path, readiness: Readiness, **settings: object) -> Client:
    """Return a client of a service with this directory."""
    values = Settings(weights_dir=directory, **settings)
    return Client(create_app(values, load_registry(directory), readiness))


@pytest.fixture
def service(directory: Path, readiness: Readiness) -> Client:
    """Return a client of a service with an admin key."""
    return connect(directory, readiness, admin_key=SecretStr(KEY))


def states(client: Client, body: str = "") -> list[tuple[str, str, str]]:
    """Return name, version and state of the entries of the index."""
    answer = client.post("/v2/repository/index", content=body)
    return [(one["name"], one["version"], one["state"]) for one in answer.json()]


def answering(client: Client) -> str:
    """Return the version that answers a prediction."""
    answer = client.post("/v1/predictions", content=as_bytes()).json()
    version: str = answer["model"]["version"]
    return version


def test_the_index_lists_every_version(service: Client, directory: Path) -> None:
    """Those that are loaded are ready; an invalid file is unavailable, with the reason."""
    damage(directory / "cnn" / "3" / "model.safetensors", "corrupt")
    service.post(f"{MODELS}/cnn/load", headers=ADMIN)
    ready = [("cnn", "2", "READY"), ("cnn", "1", "READY"), ("dnn", "1", "READY")]

    assert sorted(states(service)) == sorted([*ready, ("cnn", "3", "UNAVAILABLE")])
    assert states(service, '{"ready": false}') == states(service)
    assert states(service, '{"ready": true}') == ready
    entries = {one["version"]: one for one in service.post("/v2/repository/index").json()}
    assert entries["3"].keys() == {"name", "version", "state", "reason"}
    assert "content: expected SHA-256" in entries["3"]["reason"]


def test_a_version_is_unloaded_and_loaded(service: Client) -> None:
    """The answer has the versions of the model; predictions come from the one that is served."""
    before = answering(service)
    unloaded = service.post(f"{MODELS}/cnn/versions/2/unload", headers=ADMIN)
    between = answering(service)
    loaded = service.post(f"{MODELS}/cnn/versions/2/load", headers=ADMIN)

    assert [before, between, answering(service)] == ["2", "1", "2"]
    assert [one["state"] for one in unloaded.json()] == ["READY", "UNAVAILABLE"]
    assert [one["state"] for one in loaded.json()] == ["READY", "READY"]


def test_a_model_is_unloaded_and_loaded(service: Client) -> None:
    """Its name is unknown meanwhile, and the list of models is without it."""
    statuses = []
    for operation in ("unload", "load"):
        assert service.post(f"{MODELS}/dnn/{operation}", headers=ADMIN, content="{}").is_success
        answer = service.post("/v1/predictions?model=dnn", content=as_bytes())
        names = [one["name"] for one in service.get("/v1/models").json()["models"]]
        statuses.append((answer.status_code, names))

    assert statuses == [(404, ["cnn"]), (200, ["cnn", "dnn"])]


def test_the_default_model_cannot_be_unloaded(service: Client) -> None:
    """The answer is 409, a problem document that says why."""
    answer = service.post(f"{MODELS}/cnn/unload", headers=ADMIN)

    assert answer.status_code == 409
    assert answer.json()["error"] == "default model: expected a version, got none"
    assert answering(service) == "2"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{MODELS}/rnn/load", 404),
        (f"{MODELS}/rnn/unload", 404),
        (f"{MODELS}/cnn/versions/9/unload", 404),
        (f"{MODELS}/cnn/versions/9/load", 404),
    ],
)
def test_an_unknown_version_is_404(service: Client, path: str, status: int) -> None:
    """The error names what is loaded."""
    answer = service.post(path, headers=ADMIN)

    assert answer.status_code == status
    assert "expected cnn:1 or cnn:2 or dnn:1" in answer.json()["detail"]


@pytest.mark.parametrize("operation", ["load", "unload"])
def test_without_an_admin_key_the_models_cannot_be_changed(
    directory: Path, readiness: Readiness, operation: str
) -> None:
    """The answer is 403 and names the setting; the index is answered."""
    client = connect(directory, readiness)

    answer = client.post(f"{MODELS}/dnn/{operation}", headers=ADMIN)

    assert answer.status_code == 403
    assert "DIGITS_ADMIN_KEY" in answer.json()["detail"]
    assert client.post("/v2/repository/index").status_code == 200


def test_admin_key_and_api_keys_are_two(directory: Path, readiness: Readiness) -> None:
    """Neither is accepted in place of the other."""
    api_key = "an-api-key-for-the-tests"
    client = connect(directory, readiness, admin_key=SecretStr(KEY), api_keys=(SecretStr(api_key),))
    user = {"Authorization": f"Bearer {api_key}"}
    load, index = f"{MODELS}/dnn/load", "/v2/repository/index"

    statuses = [
        [client.post(path, headers=headers).status_code for headers in ({}, user, ADMIN)]
        for path in (load, index)
    ]

    assert statuses == [[401, 401, 200], [401, 200, 401]]


def test_a_change_is_possible_under_load(service: Client) -> None:
    """A service that refuses predictions because it is full can still roll back."""
    admission = service.app.services.predictions.admission
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(admission), "is_saturated", property(lambda _: True))
        refused = service.post("/v2/repository/index").status_code
        changed = service.post(f"{MODELS}/cnn/versions/2/unload", headers=ADMIN).status_code

    assert (refused, changed) == (429, 200)


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        "[" * 2000,
        '{"ready": 1}',
        '{"config": {}}',
        '{"parameters": []}',
        '{"parameters": {"config": "{}"}}',
        '{"parameters": {"file:1/model.safetensors": "AA=="}}',
        " " * 5000,
    ],
)
def test_another_body_is_refused(service: Client, body: str) -> None:
    """Models and configurations are not accepted in a request."""
    answers = [
        service.post(path, headers=ADMIN, content=body)
        for path in ("/v2/repository/index", f"{MODELS}/dnn/load", f"{MODELS}/dnn/unload")
    ]

    assert {one.status_code for one in answers} == {400}
    assert all(one.json()["detail"].startswith("body: ") for one in answers)


@pytest.mark.parametrize("flag", [True, False])
def test_the_parameter_of_clients_is_ignored(service: Client, flag: bool) -> None:
    """Tritonclient sends unload_dependents with every unload."""
    body = json.dumps({"parameters": {"unload_dependents": flag}})

    assert service.post(f"{MODELS}/dnn/unload", headers=ADMIN, content=body).status_code == 200


def test_the_list_of_models_has_their_versions(service: Client, directory: Path) -> None:
    """The default model is first, and of its versions the served one."""
    put_version(directory, 1, name="abc")
    (directory / "cnn" / "labels.json").write_text('{"stable": "1", "canary": "2"}')
    for name in ("abc", "cnn"):
        service.post(f"{MODELS}/{name}/load", headers=ADMIN)
    service.post(f"{MODELS}/dnn/unload", headers=ADMIN)
    cnn, abc = service.get("/v1/models").json()["models"]

    assert (cnn["name"], cnn["version"], abc["name"]) == ("cnn", "1", "abc")
    assert [(one["version"], one["role"], one["state"]) for one in cnn["versions"]] == [
        ("1", "stable", "READY"),
        ("2", "canary", "READY"),
    ]
    assert cnn["versions"][0]["sha256"] == cnn["sha256"]


def test_a_card_of_another_version(service: Client) -> None:
    """By number or role; each has an ETag of its own."""
    cards = {
        version: service.get("/v1/models/cnn", params={"version": version} if version else {})
        for version in ("", "1", "2", "stable")
    }
    known = {"If-None-Match": cards["1"].headers["etag"]}

    assert {name: one.json()["version"] for name, one in cards.items()} == {
        "": "2",
        "1": "1",
        "2": "2",
        "stable": "2",
    }
    assert service.get("/v1/models/cnn?version=1", headers=known).status_code == 304
    assert service.get("/v1/models/cnn", headers=known).status_code == 200
    assert service.get("/v1/models/cnn?version=9").status_code == 404


def test_the_etag_of_the_list_changes_with_the_versions(service: Client) -> None:
    """A client that has the list sees a swap."""
    tag = service.get("/v1/models").headers["etag"]
    unchanged = service.get("/v1/models", headers={"If-None-Match": tag}).status_code
    service.post(f"{MODELS}/cnn/versions/1/unload", headers=ADMIN)

    assert unchanged == 304
    assert service.get("/v1/models", headers={"If-None-Match": tag}).status_code == 200


def test_models_that_come_later_are_counted(service: Client, directory: Path) -> None:
    """Under their own names and versions, also those with other digits."""
    names = [f"m{number:02}" for number in range(3)]
    for name in names:
        put_version(directory, 1, name=name)
        assert service.post(f"{MODELS}/{name}/load", headers=ADMIN).status_code == 200
        answer = service.post(f"/v1/predictions?model={name}", content=as_bytes())
        assert answer.status_code == 200
    text = service.get("/metrics").text

    counted = [line for line in text.splitlines() if "digitserve_confidence_count{" in line]
    assert counted == [
        f'digitserve_confidence_count{{model="{name}",version="1"}} 1.0' for name in names
    ]
    assert 'digitserve_model_info{model="m02",role="stable"' in text
