"""Ray Serve application: the whole service in each replica, with its own limits, log and drain.

``serve run --app-dir deploy/ray serve_app:application``; docs/ray.md has the variables of the
cluster. Source: Ray 2.60, "Ray Serve: Production Guide" and "Performance Tuning".
"""

import os

# A replica has one processor; NumPy reads the variables when it is imported.
_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
_ONE_THREAD = dict.fromkeys(_VARIABLES, "1")
os.environ.update(_ONE_THREAD)

from ray import serve  # noqa: E402
from ray.serve.config import AutoscalingConfig  # noqa: E402
from ray.serve.schema import LoggingConfig  # noqa: E402
from replica_app import create_replica_app  # noqa: E402

from app.inference.decoder.environment import GRPC_VARIABLES  # noqa: E402
from app.settings import Settings, load_settings  # noqa: E402

_REPLICA_VARIABLES = _ONE_THREAD | GRPC_VARIABLES

# Requests in a replica for each slot of its admission queue. Ray's limit is the second one: the
# service refuses first, with a problem document and the time after which to come back.
_REQUESTS_FOR_A_SLOT = 16

# Share of the slots at which Ray adds a replica.
_TARGET_SHARE = 0.25


def create_scaling(settings: Settings, *, least: int, most: int) -> AutoscalingConfig:
    """Return the autoscaling from ``least`` to ``most`` replicas, by the requests at work."""
    return AutoscalingConfig(
        min_replicas=least,
        max_replicas=most,
        target_ongoing_requests=_TARGET_SHARE * settings.max_concurrent,
        upscale_delay_s=5,
        downscale_delay_s=300,
    )


def create_deployment(settings: Settings, scaling: AutoscalingConfig) -> serve.Deployment:
    """Return the deployment with replicas of one processor each."""
    replica = serve.ingress(create_replica_app)()  # the function is called in each replica
    return serve.deployment(
        replica,
        name="digitserve",
        max_ongoing_requests=_REQUESTS_FOR_A_SLOT * settings.max_concurrent,
        autoscaling_config=scaling,
        graceful_shutdown_wait_loop_s=0.1,
        graceful_shutdown_timeout_s=settings.drain_seconds + settings.grace_seconds,
        health_check_period_s=2,
        health_check_timeout_s=5,
        logging_config=LoggingConfig(enable_access_log=False),  # the service writes its own
        ray_actor_options={"num_cpus": 1, "runtime_env": {"env_vars": _REPLICA_VARIABLES}},
    )


_settings = load_settings()
application = create_deployment(
    _settings,
    create_scaling(
        _settings,
        least=int(os.environ.get("RAY_LEAST_REPLICAS", "2")),
        most=int(os.environ.get("RAY_MOST_REPLICAS", "8")),
    ),
).bind()
