"""Ray cluster of two nodes on this machine, with the Serve application of deploy/ray."""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import ray
from ray import serve
from ray.cluster_utils import Cluster

from tests.support.processes import free_port

ROOT = Path(__file__).parents[3]

_NODE = {"num_cpus": 3, "object_store_memory": 100_000_000}

_COUNTED = re.compile(r'^digitserve_requests_total\{.*route="/v1/predictions".*\} (\d+)', re.M)
