"""URL paths: the paths of inference requests, and route labels."""

import pytest

from app.api.paths import RouteLabels, infer_path, split_infer_path


@pytest.mark.parametrize(
    ("target", "name", "version"),
    [
        (b"/v2/models/cnn/infer", "cnn", None),
        (b"/v2/models/cnn/versions/2/infer", "cnn", "2"),
        (b"/v2/models/infer/versions/models/infer", "infer", "models"),
        (b"/v2/models/a-b_c.d/infer", "a-b_c.d", None),
    ],
)
def test_inference_paths_name_a_model(target: bytes, name: str, version: str | None) -> None:
    """And perhaps a version."""
    path = infer_path(target)

    assert path == target.decode()
    assert split_infer_path(path) == (name, version)


@pytest.mark.parametrize(
    "target",
    [
        b"/v2/models/cnn",
        b"/v2/models//infer",
        b"/v2/models/a/b/infer",
        b"/v2/models/cnn/infer/",
        b"/v2/models/%63nn/infer",
        b"/v2/models/cnn/versions//infer",
        b"/V2/models/cnn/infer",
    ],
)
def test_other_paths_are_left_to_the_application(target: bytes) -> None:
    """Percent-encoded ones, too, which it decodes."""
    assert infer_path(target) is None


def test_a_path_has_the_label_of_its_route() -> None:
    """Many different paths add neither labels nor memory."""
    labels = RouteLabels(["/a", "/a/{name}", "/b/{rest:path}"])

    assert labels.label("/a") == "/a"
    assert {labels.label(f"/a/{number}") for number in range(1000)} == {"/a/{name}"}
    assert labels.label("/b/c/d") == "/b/{rest:path}"
    assert {labels.label(f"/c/{number}") for number in range(1000)} == {"other"}
