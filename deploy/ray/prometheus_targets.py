"""HTTP service discovery of Prometheus: the addresses at which the replicas listen.

Source: Prometheus, "Writing HTTP Service Discovery".
"""

import asyncio
from typing import Any

import ray
from ray import serve

PATH = "/metrics/targets"

# Ray's names. Its public list of targets, /api/serve/applications/, has only the HAProxies.
_CONTROLLER, _NAMESPACE, _REPLICA = "SERVE_CONTROLLER_ACTOR", "serve", "SERVE_REPLICA"


async def find_targets() -> list[dict[str, Any]]:
    """Return the group of addresses of all replicas of this application.

    It is empty behind Ray's proxy in Python: replicas do not listen there.
    """
    name = serve.get_replica_context().app_name
    controller = await asyncio.to_thread(ray.get_actor, _CONTROLLER, namespace=_NAMESPACE)
    groups = await controller.get_target_groups.remote(app_name=name, from_proxy_manager=True)
    addresses = [
        f"{target.ip}:{target.port}"
        for group in groups
        for target in group.targets
        if target.name.startswith(_REPLICA)
    ]
    return [{"targets": addresses, "labels": {"application": name}}]
