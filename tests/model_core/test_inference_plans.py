"""Inference plans: the memory of a thread, used for every batch."""

from threading import Thread

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from model_core.architectures import build
from model_core.errors import ShapeError
from model_core.layers.inference_plans import _memory
from model_core.network import BLOCK, Sequential
from model_core.parameter import Array


@pytest.fixture
def network(rng: np.random.Generator) -> Sequential:
    """Return a CNN with random weights."""
    return build("cnn", labels=(0, 1, 2), rng=rng).network


def images(rng: np.random.Generator, count: int) -> Array:
    """Return noise, (count, 1, 14, 14) float32."""
    return rng.random((count, 1, 14, 14), np.float32)


@pytest.mark.parametrize("count", [1, 5, BLOCK, BLOCK + 1])
def test_an_output_is_not_overwritten(
    network: Sequential, rng: np.random.Generator, count: int
) -> None:
    """The output of a batch stays as it is when the next batch comes."""
    output = network.forward(images(rng, count))
    kept = output.copy()

    network.forward(images(rng, count))

    assert_array_equal(output, kept)


def test_the_present_parameters_are_used(network: Sequential, rng: np.random.Generator) -> None:
    """A change of the parameters between two batches changes the output."""
    x = images(rng, 2)
    network.forward(x)

    network.values[...] = 0
    network.layers[-1].parameters()["bias"].value[...] = [1, 2, 3]

    assert_array_equal(network.forward(x), [[1, 2, 3], [1, 2, 3]])


@pytest.mark.parametrize("count", [1, 2, BLOCK])
def test_frozen_parameters_give_the_same_output(
    network: Sequential, rng: np.random.Generator, count: int
) -> None:
    """Bit by bit, whether a network was frozen before its first batch or after it."""
    x = images(rng, count)
    before = network.forward(x)

    network.freeze()
    frozen = Sequential(*network.layers)
    frozen.freeze()

    assert_array_equal(network.forward(x), before)
    assert_array_equal(frozen.forward(x), before)


def test_frozen_parameters_are_laid_out_once(network: Sequential, rng: np.random.Generator) -> None:
    """The passes of one image then have two operations fewer for each of the convolutions."""
    key = ((1, 1, 14, 14), np.dtype(np.float32))
    before = len(network.plan(*key).operations)
    frozen = build("cnn", labels=(0, 1, 2), rng=rng).network

    frozen.freeze()

    assert len(frozen.plan(*key).operations) == before - 2 * 3


def test_frozen_parameters_are_read_only(network: Sequential) -> None:
    """A layout that was made once would not follow a change."""
    network.freeze()

    for values in (network.values, network.layers[0].parameters()["weight"].value):
        with pytest.raises(ValueError, match="read-only"):
            values[...] = 0


def test_all_batches_of_a_thread_share_memory(network: Sequential) -> None:
    """However many sizes of batches a thread has seen: they take the memory of the largest."""
    plans, dtype = network._plans, np.dtype(np.float32)
    largest = plans.find((BLOCK, 1, 14, 14), dtype)
    reserved = len(_memory.workspace._blocks)

    smaller = [plans.find((n, 1, 14, 14), dtype) for n in range(1, BLOCK)]

    assert len(_memory.workspace._blocks) == reserved
    assert all(np.shares_memory(plan.x, largest.x) for plan in smaller)


def test_all_networks_of_a_thread_share_memory(rng: np.random.Generator) -> None:
    """Each writes over what the other has left there, and has the same outputs as before."""
    networks = [build(name, labels=(0, 1), rng=rng).network for name in ("cnn", "cnn-small")]
    x = images(rng, BLOCK)
    outputs = [network.forward(x) for network in networks]

    first, second = (network.plan(x.shape, x.dtype) for network in networks)

    assert np.shares_memory(first.x, second.x)
    for network, output in zip(networks, outputs, strict=True):
        assert_array_equal(network.forward(x), output)


def test_two_threads_share_no_memory(network: Sequential) -> None:
    """Each thread has plans of its own: two can run at the same time."""
    key = (3, 1, 14, 14), np.dtype(np.float32)
    found = [network.plan(*key)]

    thread = Thread(target=lambda: found.append(network.plan(*key)))
    thread.start()
    thread.join()

    assert not np.shares_memory(found[0].x, found[1].x)
    assert not np.shares_memory(found[0].y, found[1].y)


def test_a_refused_shape_changes_nothing(network: Sequential, rng: np.random.Generator) -> None:
    """An input of a wrong shape is refused, before and after inputs of the right shape."""
    x = images(rng, 2)
    expected = network.forward(x)

    with pytest.raises(ShapeError, match="Conv2d input: expected"):
        network.forward(x[:, :, :2])

    assert_array_equal(network.forward(x), expected)


def test_kernels_keep_their_order_in_memory(network: Sequential) -> None:
    """In the network's vector a kernel is by row, channel, column and output channel (HIWO)."""
    weight = network.layers[2].parameters()["weight"]
    start = sum(p.value.size for p in network.layers[0].parameters().values())
    part = slice(start, start + weight.value.size)

    for array, vector in ((weight.value, network.values), (weight.grad, network.gradients)):
        assert array.transpose(2, 1, 3, 0).flags.c_contiguous
        vector[part] = np.arange(weight.value.size)
        assert_array_equal(array.transpose(2, 1, 3, 0).ravel(), np.arange(weight.value.size))
