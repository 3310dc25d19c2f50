"""The files of deploy/kubernetes: valid, complete, and in agreement with the service."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from app.server.stop_deadline import end_seconds
from app.settings import Settings, describe_settings, load_settings
from app.version import VERSION
from tests.deploy.manifests import FILES, KUBERNETES, KUSTOMIZATIONS, build, by_kind, read_document
from tests.support.servers import run_to_the_end

SETTINGS = (KUBERNETES / "base" / "settings.env").read_text()
SECRET = {"DIGITS_API_KEYS", "DIGITS_ADMIN_KEY", "DIGITS_DATABASE_URL"}

# Values other than the default, with their reason in the file.
CHANGED = {"DIGITS_HOST", "DIGITS_DRAIN_SECONDS"}

# Of the Prometheus Operator; Kubernetes itself has no schema for it.
CUSTOM_KINDS = {"ServiceMonitor"}
OPERATOR_PACKAGE = "@kubernetes-models/prometheus-operator"
OPERATOR = f"{OPERATOR_PACKAGE}@6.0.0"

# Program for Node: it reads a document, and ends with 1 if the schema refuses it.
CHECK = f"""
import {{ readFileSync }} from "fs";
import {{ ServiceMonitor }} from "{OPERATOR_PACKAGE}/monitoring.coreos.com/v1/ServiceMonitor";
new ServiceMonitor(JSON.parse(readFileSync(0, "utf8"))).validate();
"""


def validate(document: dict[str, Any]) -> None:
    """Check a document by the schemas of Kubernetes; no unknown field is allowed."""
    import kubernetes_validate  # takes seconds, and every process that runs tests reads this file

    newest = kubernetes_validate.latest_version()
    kubernetes_validate.validate(document, newest, strict=True)


def container(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the container of the service."""
    pod = by_kind(documents)["Deployment"]["spec"]["template"]["spec"]
    found: dict[str, Any] = pod["containers"][0]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_kubernetes_accepts_each_file(path: Path) -> None:
    """Each file is valid by the schemas of the newest version, without unknown fields."""
    document = read_document(str(path.relative_to(KUBERNETES)))
    if document["kind"] not in CUSTOM_KINDS:
        validate(document)


def test_an_unknown_field_is_found() -> None:
    """The validation is strict: a misspelt field is an error."""
    document = read_document("base/deployment.yaml")
    document["spec"]["template"]["spec"]["terminationGracePeriod"] = 30

    with pytest.raises(Exception, match="terminationGracePeriod"):
        validate(document)


@pytest.mark.parametrize("name", KUSTOMIZATIONS)
def test_kubernetes_accepts_what_kustomize_makes(name: str) -> None:
    """`kubectl kustomize` builds base and overlays, and each document of them is valid."""
    documents = build(name)

    for document in documents:
        if document["kind"] not in CUSTOM_KINDS:
            validate(document)
    assert {"ConfigMap", "Deployment", "NetworkPolicy", "Service", "ServiceAccount"} <= {
        one["kind"] for one in documents
    }


def test_the_operator_accepts_the_service_monitor(tmp_path: Path) -> None:
    """The schema of the Prometheus Operator accepts it; a wrong type is an error."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("needs npm in the PATH: apt install npm")
    options = ["--prefix", str(tmp_path), "--prefer-offline", "--ignore-scripts", "--no-audit"]
    installed = subprocess.run(
        [npm, "install", *options, OPERATOR], capture_output=True, text=True, check=False
    )
    if installed.returncode:
        pytest.skip(f"needs {OPERATOR}, and npm cannot install it: {installed.stderr[:200]}")
    (tmp_path / "check.mjs").write_text(CHECK)
    document = read_document("components/monitoring/service-monitor.yaml")
    wrong = json.loads(json.dumps(document))
    wrong["spec"]["endpoints"][0]["port"] = 8000

    codes = [
        subprocess.run(
            ["node", tmp_path / "check.mjs"],
            input=json.dumps(one),
            text=True,
            capture_output=True,
            check=False,
        ).returncode
        for one in (document, wrong)
    ]

    assert codes == [0, 1]


def test_every_setting_is_in_the_config_map_or_the_secret() -> None:
    """settings.env has each setting, in order: its default, an example, or another value."""
    lines = re.findall(r"^(# )?(DIGITS_\w+)=(.*)$", SETTINGS, re.MULTILINE)
    settings = [row for row in describe_settings() if row[0] not in SECRET]
    example = (KUBERNETES / "secret.example.yaml").read_text()

    assert [name for _, name, _ in lines] == [name for name, _, _ in settings]
    for (example_only, name, value), (_, default, _) in zip(lines, settings, strict=True):
        assert bool(example_only) == (default in ("none", "the shipped weights")), name
        assert example_only or name in CHANGED or value == default, name
    assert set(re.findall(r"^  (?:# )?(DIGITS_\w+): ", example, re.MULTILINE)) == SECRET


@pytest.mark.parametrize("pattern", [r"^(DIGITS_\w+)=(.*)$", r"^(?:# )?(DIGITS_\w+)=(.*)$"])
def test_the_settings_are_valid(monkeypatch: pytest.MonkeyPatch, pattern: str) -> None:
    """The service accepts the values, and the examples too."""
    values = dict(re.findall(pattern, SETTINGS, re.MULTILINE))
    for name, value in values.items():
        monkeypatch.setenv(name, value)

    settings = load_settings()

    assert (settings.host, settings.drain_seconds) == ("0.0.0.0", 5)


def test_the_service_refuses_the_keys_of_the_example() -> None:
    """Nobody can run the service with the public keys of the repository."""
    done = run_to_the_end(**read_document("secret.example.yaml")["stringData"])

    assert done.returncode == 1
    assert "DIGITS_API_KEYS: expected keys of at least 16 characters" in done.stderr


def test_a_pod_has_the_time_that_its_end_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause before SIGTERM, drain, grace, and the end with traces fit into the pod's time."""
    pod = read_document("base/deployment.yaml")["spec"]["template"]["spec"]
    values = dict(re.findall(r"^(DIGITS_\w+)=(.*)$", SETTINGS, re.MULTILINE))
    settings = Settings(
        drain_seconds=float(values["DIGITS_DRAIN_SECONDS"]),
        grace_seconds=int(values["DIGITS_GRACE_SECONDS"]),
    )
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    pause = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]

    needed = pause + settings.drain_seconds + end_seconds(settings)

    assert pause >= 5
    assert needed < pod["terminationGracePeriodSeconds"]


def test_a_pod_has_the_memory_that_the_limits_allow() -> None:
    """Process, decoder process and request bodies fit, as the limits of the settings say."""
    limit = container([read_document("base/deployment.yaml")])["resources"]["limits"]["memory"]
    settings = Settings()

    needed = 120_000_000 + settings.decode_bytes + settings.max_total_body_bytes

    assert limit == "1Gi"
    assert needed < 2**30


@pytest.mark.parametrize("name", KUSTOMIZATIONS)
def test_a_pod_has_no_rights(name: str) -> None:
    """No root, no token, no capabilities, a read-only root, the default seccomp profile."""
    pod = by_kind(build(name))["Deployment"]["spec"]["template"]["spec"]

    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for one in [*pod["containers"], *pod.get("initContainers", [])]:
        assert one["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_production_has_keys_metrics_models_and_three_pods() -> None:
    """The overlay requires the Secret, scales on both metrics, and reads models from a volume."""
    documents = build("overlays/production")
    kinds = by_kind(documents)
    scaler = kinds["HorizontalPodAutoscaler"]["spec"]
    names = {source: one for row in container(documents)["envFrom"] for source, one in row.items()}

    assert names["secretRef"] == {"name": "digitserve-keys", "optional": False}
    assert names["configMapRef"]["name"] == kinds["ConfigMap"]["metadata"]["name"]
    assert [one["type"] for one in scaler["metrics"]] == ["Resource", "Pods"]
    assert scaler["minReplicas"] == 3
    assert kinds["ConfigMap"]["data"]["DIGITS_WEIGHTS_DIR"] == "/models"
    assert container(documents)["volumeMounts"][0]["mountPath"] == "/models"
    assert container(documents)["image"] == f"registry.example/digitserve:{VERSION}"
    assert {one["metadata"].get("namespace", "digitserve") for one in documents} == {"digitserve"}


def test_the_autoscaler_s_metric_exists() -> None:
    """The metric is one of the service, and its target is half of the slots."""
    patch = (KUBERNETES / "components/monitoring/requests-in-flight.patch.yaml").read_text()
    operations = (KUBERNETES.parents[1] / "docs" / "operations.md").read_text()
    found = re.search(r"name: (\w+)\n", patch)

    assert found
    assert f"| `{found[1]}` |" in operations
    assert f'averageValue: "{Settings().max_concurrent // 2}"' in patch


def test_an_init_container_can_bring_the_models(tmp_path: Path) -> None:
    """The component models-image copies them into a directory that the service reads."""
    folder = KUBERNETES.with_name("kubernetes")
    shutil.copytree(folder, tmp_path / "kubernetes")
    overlay = tmp_path / "kubernetes" / "overlays" / "production"
    text = (overlay / "kustomization.yaml").read_text()
    changed = text.replace("components/models-volume", "components/models-image")
    (overlay / "kustomization.yaml").write_text(changed)

    documents = build(overlay)

    for document in documents:
        if document["kind"] not in CUSTOM_KINDS:
            validate(document)
    pod = by_kind(documents)["Deployment"]["spec"]["template"]["spec"]
    assert pod["initContainers"][0]["volumeMounts"] == [{"name": "models", "mountPath": "/models"}]
    assert pod["containers"][0]["volumeMounts"][0]["readOnly"] is True
    assert "emptyDir" in pod["volumes"][0]


def test_each_pod_is_selected() -> None:
    """Service, budget, network policy and monitor select the labels of the pods."""
    kinds = by_kind(build("overlays/production"))
    labels = kinds["Deployment"]["spec"]["template"]["metadata"]["labels"]
    selectors = [
        kinds["Service"]["spec"]["selector"],
        kinds["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        kinds["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ]

    assert selectors == [labels] * 3
    monitor = kinds["ServiceMonitor"]["spec"]
    assert (
        monitor["selector"]["matchLabels"].items() <= kinds["Service"]["metadata"]["labels"].items()
    )
    assert monitor["endpoints"][0]["port"] == kinds["Service"]["spec"]["ports"][0]["name"]
