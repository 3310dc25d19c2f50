"""Ray cluster of two nodes on this machine, with the Serve application of deploy/ray."""

import os
import socket
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy" / "ray"

# Ray's classes of the replicas, and of the processes of the command.
REPLICA, MAPPER = "ServeReplica", "MapWorker"

# A line of the access log of a prediction.
_LINE = '"route":"/v1/predictions"'


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def _set_variables() -> None:
    """Set the variables of the nodes, which Ray reads when it is imported."""
    place = Path(tempfile.mkdtemp(prefix="haproxy-"))
    lines = (DEPLOY / "cluster.env").read_text().splitlines()
    for line in lines:
        name, is_variable, value = line.partition("=")
        if is_variable and not name.startswith("#"):
            os.environ.setdefault(name, value)
    for name in [name for name in os.environ if name.startswith("DIGITS_")]:
        if name != "DIGITS_DATA":  # of the benchmark's pictures
            del os.environ[name]
    os.environ.update(
        DIGITS_DECODE_SECONDS="30",  # the default is too short for a busy machine
        PYTHONPATH=os.pathsep.join(map(str, (ROOT, DEPLOY, ROOT / "client"))),
        RAY_LEAST_REPLICAS="2",
        RAY_MOST_REPLICAS="2",
        RAY_USAGE_STATS_ENABLED="0",
        RAY_SERVE_HAPROXY_CONFIG_FILE_LOC=str(place / "haproxy.cfg"),
        RAY_SERVE_HAPROXY_SOCKET_PATH=str(place / "admin.sock"),
        RAY_SERVE_HAPROXY_SERVER_STATE_BASE=str(place),
        RAY_SERVE_HAPROXY_SERVER_STATE_FILE=str(place / "server-state"),
        RAY_SERVE_HAPROXY_METRICS_PORT=str(_free_port()),
        RAY_SERVE_HAPROXY_STATS_PORT=str(_free_port()),
    )
    sys.path.append(str(DEPLOY))


_set_variables()

import ray  # noqa: E402
from ray import serve  # noqa: E402
from ray.cluster_utils import Cluster  # noqa: E402

from app.settings import load_settings  # noqa: E402

# Ray's processors are only numbers: replicas and the command have room beside each other.
_NODE = {"num_cpus": 4, "object_store_memory": 100_000_000}


class TwoNodes:
    """A cluster of two nodes with two replicas, and HAProxy on the first node."""

    def __init__(self) -> None:
        self._cluster = Cluster(
            initialize_head=True, head_node_args=_NODE | {"include_dashboard": False}
        )
        self.add_second_node()
        self.address: str = self._cluster.address
        self.port = _free_port()
        ray.init(address=self.address, log_to_driver=False, logging_level="ERROR")

    def serve(self) -> None:
        """Start the application and wait until it answers."""
        from serve_app import application

        serve.start(proxy_location="HeadOnly", http_options={"port": self.port})
        serve.run(application)

    def serve_with(self, scaling: dict[str, float], variables: dict[str, str]) -> None:
        """Deploy the application again with another autoscaling, or other variables."""
        from serve_app import create_deployment, create_scaling

        settings = load_settings()
        changed = create_scaling(settings, least=2, most=2).model_copy(update=scaling)
        deployment = create_deployment(settings, changed)
        options = deployment.ray_actor_options or {}
        all_variables = options["runtime_env"]["env_vars"] | variables
        options = options | {"runtime_env": {"env_vars": all_variables}}
        serve.run(deployment.options(ray_actor_options=options).bind())

    def add_second_node(self) -> None:
        """Start the second node."""
        self._second = self._cluster.add_node(**_NODE)

    def kill_second_node(self) -> None:
        """Kill all processes of the second node."""
        self._cluster.remove_node(self._second, allow_graceful=False)

    def close(self) -> None:
        """End the cluster."""
        ray.shutdown()
        self._cluster.shutdown()

    def actors(self, name: str, *, alive: bool) -> dict[int, str]:
        """Return the node of each process of actors of this class."""
        states = {"ALIVE"} if alive else {"ALIVE", "DEAD"}
        return {
            actor["Pid"]: actor["Address"]["NodeID"]
            for actor in self._actors()
            if name in actor["ActorClassName"] and actor["State"] in states
        }

    def replicas(self) -> int:
        """Return the number of replicas in HAProxy's configuration, without draining ones."""
        controller = ray.get_actor("SERVE_CONTROLLER_ACTOR", namespace="serve")
        groups = ray.get(controller.get_target_groups.remote(from_proxy_manager=True))
        return sum(len(group.targets) for group in groups)

    def predictions(self) -> Counter[int]:
        """Return the number of predictions in the access log of each process."""
        logs = Path(ray._private.worker._global_node.get_logs_dir_path())
        return Counter(
            {
                int(path.stem.rpartition("-")[2]): path.read_text().count(_LINE)
                for path in logs.glob("worker-*.err")
            }
        )

    def _actors(self) -> list[dict[str, Any]]:
        return list(ray._private.state.actors().values())


@contextmanager
def two_nodes() -> Iterator[TwoNodes]:
    """Run the cluster with its application."""
    cluster = TwoNodes()
    try:
        cluster.serve()
        yield cluster
    finally:
        cluster.close()
