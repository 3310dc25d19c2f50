"""Registry of the compared systems, each imported only when it is used."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from training.compare.backends import keras_backend
from training.compare.runner import Runner
from training.compare.workload import Task


@dataclass(frozen=True, slots=True)
class System:
    """A system: its name, the modules that it imports, and the location of its runner.

    ``runner`` is ``module:class``; the module imports the framework.
    """

    name: str
    imports: tuple[str, ...]
    runner: str

    def installed(self) -> bool:
        """Return whether the system is installed; Keras needs a backend, too."""
        found = all(find_spec(name.partition(".")[0]) for name in self.imports)
        return found and (self.name != "Keras" or keras_backend() is not None)

    def start(self) -> Callable[[Task], Runner]:
        """Import the framework and return the class of its runner."""
        module, _, name = self.runner.partition(":")
        maker: Callable[[Task], Runner] = getattr(import_module(module), name)
        return maker


DIGITSERVE = System(
    "digitserve",
    ("model_core.architectures", "training.fitting.loop"),
    "training.compare.digitserve_runner:DigitserveRunner",
)
PYTORCH = System("PyTorch", ("torch",), "training.compare.pytorch_runner:PytorchRunner")
KERAS = System("Keras", ("keras",), "training.compare.keras_runner:KerasRunner")
JAX = System("JAX", ("jax",), "training.compare.jax_runner:JaxRunner")
SYSTEMS = (DIGITSERVE, PYTORCH, KERAS, JAX)


@cache
def import_seconds(system: System) -> float:
    """Return the import time of a system in a new process, the shorter of two."""
    clock = "import time; started = time.perf_counter()"
    code = f"{clock}; import {', '.join(system.imports)}; print(time.perf_counter() - started)"
    environment = os.environ | {"KERAS_BACKEND": keras_backend() or ""}
    command = [sys.executable, "-c", code]
    times = [
        float(subprocess.check_output(command, env=environment, stderr=subprocess.DEVNULL))
        for _ in range(2)
    ]
    return min(times)
