"""The compared workloads: networks, batch sizes, and the notebook's published results."""

import dataclasses
from dataclasses import dataclass

import numpy as np

from model_core.architectures import build
from model_core.classifier import Classifier
from training.data.dataset import Dataset
from training.recipes import DIGITS, Recipe, get_recipe

# The seed of the initial weights and of the order of the images, the same for every system.
SEED = 0


@dataclass(frozen=True, slots=True)
class Workload:
    """A network of `model_core.architectures` and its batch size."""

    title: str
    architecture: str
    batch_size: int


@dataclass(frozen=True, slots=True)
class Published:
    """A result published in the notebook; accuracy in 0..1 on the same 2,500 test images."""

    work: str
    system: str
    accuracy: float
    remark: str


DNN = Workload("the notebook's DNN, 196-16-5, batch 1", "notebook-dnn", 1)
CNN = Workload("the notebook's CNN, conv16-pool-16-5, batch 1", "notebook-cnn", 1)
KERAS_CNN = Workload("the notebook's Keras CNN, conv16-pool-64-5, batch 8", "notebook-keras-cnn", 8)
KERAS_CNN_64 = Workload("the same, batch 64", "notebook-keras-cnn", 64)
WORKLOADS = (DNN, CNN, KERAS_CNN, KERAS_CNN_64)

PUBLISHED = (
    Published("DNN", "the notebook's NumPy", 0.9628, ""),
    Published("CNN", "the notebook's NumPy", 0.8644, "its convolution redraws its weights"),
    Published("DNN", "PyTorch", 0.9624, ""),
    Published("Keras CNN", "Keras", 0.9528, ""),
)


@dataclass(frozen=True, slots=True)
class Task:
    """A workload together with its training images."""

    work: Workload
    dataset: Dataset

    @property
    def recipe(self) -> Recipe:
        """The notebook's recipe for this workload, for a single epoch."""
        return dataclasses.replace(
            get_recipe("cnn", "notebook", epochs=1),
            architecture=self.work.architecture,
            batch_size=self.work.batch_size,
        )

    def classifier(self) -> Classifier:
        """Return the untrained network, with the initial weights of every system."""
        rng = np.random.default_rng(SEED)
        return build(self.work.architecture, labels=DIGITS, rng=rng)

    def order(self) -> np.random.Generator:
        """Return the generator of the shuffling, used anew for every epoch."""
        return np.random.default_rng(SEED + 1)
