"""Sequential and Classifier: chaining, parameter names, batches, threads."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from model_core.architectures import ARCHITECTURES, build
from model_core.classifier import Classifier
from model_core.errors import BackwardError, ShapeError, UnknownArchitectureError
from model_core.layers import Conv2d, Flatten, Linear, MaxPool2d, ReLU
from model_core.layers.conv_pool import ConvMaxPool2d
from model_core.losses import SoftmaxCrossEntropy, one_hot
from model_core.network import BLOCK, PREPARED, Sequential
from tests.model_core.gradients import numeric_gradient, to_float64

DIGITS = (0, 1, 2, 3, 4)


@pytest.fixture(params=ARCHITECTURES)
def classifier(request: pytest.FixtureRequest, rng: np.random.Generator) -> Classifier:
    """Return a new classifier of each architecture."""
    return build(request.param, labels=DIGITS, rng=rng)


def test_backward_chains_the_layers(rng: np.random.Generator) -> None:
    """The gradients of a network with its loss agree with central differences."""
    network = Sequential(Flatten(), Linear(6, 4, rng=rng), ReLU(), Linear(4, 3, rng=rng))
    for layer in network.layers:
        to_float64(layer)
    x, target = rng.standard_normal((5, 2, 3)), one_hot(rng.integers(0, 3, 5), 3)
    criterion = SoftmaxCrossEntropy()

    def loss() -> float:
        return criterion.value(network.forward(x), target)

    grad = criterion.gradient(network.forward(x, training=True), target)
    gradient = network.backward(grad)

    assert_allclose(gradient, numeric_gradient(loss, x), atol=1e-8)
    for _, parameter in network.named_parameters():
        assert_allclose(parameter.grad, numeric_gradient(loss, parameter.value), atol=1e-8)


def test_parameter_gradients_are_those_of_backward(
    classifier: Classifier, rng: np.random.Generator
) -> None:
    """parameter_gradients() gives the same parameter gradients as backward()."""
    x = rng.random((3, 1, 14, 14), np.float32)
    grad = rng.standard_normal((3, 5), np.float32)
    classifier.network.forward(x, training=True)

    classifier.network.backward(grad)
    expected = {name: p.grad.copy() for name, p in classifier.network.named_parameters()}
    classifier.network.forward(x, training=True)
    classifier.network.parameter_gradients(grad)

    for name, parameter in classifier.network.named_parameters():
        assert_array_equal(parameter.grad, expected[name])


def test_prepared_batches_change_no_answer(
    classifier: Classifier, rng: np.random.Generator
) -> None:
    """Prepared batches give the same outputs and gradients as single batches."""
    network = classifier.network
    x = rng.random((PREPARED + 6, 1, 14, 14), np.float32)
    prepared = network.prepare(x, 3)

    for start in range(0, len(x), 3):
        batch = x[start : start + 3]
        grad = rng.standard_normal((len(batch), 5), np.float32)
        output = network.forward_prepared(next(prepared)).copy()
        network.parameter_gradients(grad)
        gradients = network.gradients.copy()

        assert_array_equal(output, network.forward(batch, training=True))
        network.parameter_gradients(grad)
        assert_array_equal(gradients, network.gradients)
    assert next(prepared, None) is None


def test_a_second_backward_is_an_error(rng: np.random.Generator) -> None:
    """A second backward of the fused convolution is an error: its buffers are overwritten."""
    layer = ConvMaxPool2d(Conv2d(1, 2, 3, rng=rng), MaxPool2d(2))
    y = layer.forward(rng.random((1, 1, 6, 6), np.float32), training=True)
    layer.backward(np.ones_like(y))

    with pytest.raises(BackwardError, match=r"expected forward\(training=True\) first"):
        layer.backward(np.ones_like(y))


def test_a_prepared_batch_has_no_gradient_of_its_input(rng: np.random.Generator) -> None:
    """The input gradient of a prepared batch is an error."""
    network = build("notebook-cnn", labels=DIGITS, rng=rng).network
    x = rng.random((1, 1, 14, 14), np.float32)
    network.forward(x, training=True)
    output = network.forward_prepared(next(network.prepare(x, 1)))

    with pytest.raises(BackwardError, match=r"expected forward\(training=True\) first"):
        network.backward(np.ones_like(output))


def test_parameters_are_named_by_their_place() -> None:
    """Names consist of the layer's position and the attribute."""
    network = build("notebook-dnn", labels=DIGITS, rng=np.random.default_rng()).network

    names = [name for name, _ in network.named_parameters()]

    assert names == ["layers.1.weight", "layers.1.bias", "layers.3.weight", "layers.3.bias"]
    assert network.parameter_count() == 196 * 16 + 16 + 16 * 5 + 5


def test_inference_writes_nothing(classifier: Classifier, rng: np.random.Generator) -> None:
    """Sixteen threads on one model get the same results as one, and leave it unchanged."""
    images = rng.random((64, 14, 14), np.float32)
    expected = [classifier.probabilities(image[None]) for image in images]
    before = [dict(vars(layer)) for layer in classifier.network.layers]

    with ThreadPoolExecutor(16) as pool:
        answers = list(
            pool.map(lambda i: classifier.probabilities(images[i % 64][None]), range(2000))
        )

    for number, answer in enumerate(answers):
        assert_array_equal(answer, expected[number % 64])
    assert [vars(layer) for layer in classifier.network.layers] == before


def test_an_answer_does_not_depend_on_the_batch(
    classifier: Classifier, rng: np.random.Generator
) -> None:
    """Alone, in a batch or across blocks, an image gets the same prediction within 1e-6."""
    images = rng.random((2 * BLOCK + 3, 14, 14), np.float32)

    alone = [classifier.predict(image[None])[0] for image in images]
    together = classifier.predict(images)

    assert len(together) == len(images)
    for one, other in zip(alone, together, strict=True):
        assert_allclose(one.probabilities, other.probabilities, atol=1e-6)
        assert (one.digit, one.decision) == (other.digit, other.decision)


def test_probabilities_sum_to_one(classifier: Classifier, rng: np.random.Generator) -> None:
    """A prediction's probabilities sum to 1; its confidence is the largest."""
    for prediction in classifier.predict(rng.random((20, 14, 14), np.float32)):
        assert sum(prediction.probabilities) == pytest.approx(1, abs=1e-12)
        assert prediction.confidence == prediction.probabilities[prediction.digit]


@pytest.mark.parametrize("grey", [0.0, 0.4, 1.0])
def test_a_picture_without_contrast_is_blank(grey: float) -> None:
    """A uniform picture is blank, whatever its brightness."""
    classifier = build("dnn", labels=DIGITS, rng=np.random.default_rng())

    prediction = classifier.predict(np.full((1, 14, 14), grey, np.float32))[0]

    assert (prediction.decision, prediction.reason) == ("abstain", "blank")


def test_labels_name_the_digits(rng: np.random.Generator) -> None:
    """The digit is the label with the largest probability, not its index."""
    classifier = build("dnn", labels=(7, 3), rng=rng)

    prediction = classifier.predict(rng.random((1, 14, 14), np.float32))[0]

    assert prediction.digit == (7, 3)[int(np.argmax(prediction.probabilities))]
    assert prediction.decision == "accept"


def test_images_of_another_shape_are_refused() -> None:
    """Images of 28x28 are an error: the networks take 14x14."""
    classifier = build("dnn", labels=DIGITS, rng=np.random.default_rng())

    with pytest.raises(ShapeError, match=r"expected shape \(N, 14, 14\), got \(1, 28, 28\)"):
        classifier.predict(np.zeros((1, 28, 28), np.float32))


def test_an_unknown_architecture_is_named() -> None:
    """The error lists the registered architectures."""
    with pytest.raises(UnknownArchitectureError, match=r"expected one of dnn, cnn, .* got 'rnn'"):
        build("rnn", labels=DIGITS, rng=np.random.default_rng())


def test_a_network_reads_like_its_definition() -> None:
    """repr() shows layers and sizes."""
    network = build("notebook-cnn", labels=DIGITS, rng=np.random.default_rng()).network

    assert repr(network) == (
        "Sequential(Conv2d(1, 16, 3, stride=1, padding=0), MaxPool2d(2), Flatten(), "
        "Linear(576, 16), ReLU(), Linear(16, 5))"
    )


@pytest.mark.parametrize("relu", [False, True])
def test_convolution_and_pooling_in_one_step_change_no_answer(
    relu: bool, rng: np.random.Generator
) -> None:
    """The fused network gives the same outputs and gradients as its layers one by one."""
    conv, pool = Conv2d(2, 3, 3, rng=rng), MaxPool2d(2)
    layers = [conv, *([ReLU()] if relu else []), pool]
    network = Sequential(*layers)
    x = rng.standard_normal((4, 2, 9, 8), np.float32)
    grad = rng.standard_normal((4, 3, 3, 3), np.float32)

    got = network.forward(x, training=True).copy(), network.backward(grad).copy()
    gradients = network.gradients.copy()
    expected, back = x, grad
    for layer in layers:
        expected = layer.forward(expected, training=True)
    for layer in reversed(layers):
        back = layer.backward(back)

    assert_allclose(network.forward(x), expected, atol=1e-5)
    assert_allclose(got[0], expected, atol=1e-5)
    assert_allclose(got[1], back, atol=1e-5)
    assert_allclose(gradients, network.gradients, atol=1e-4)


@pytest.mark.parametrize(
    "pair",
    [
        (Conv2d(1, 2, 3, stride=2, rng=np.random.default_rng()), MaxPool2d(2)),
        (Conv2d(1, 2, 3, rng=np.random.default_rng()), MaxPool2d(3)),
        (MaxPool2d(2), MaxPool2d(2)),
    ],
)
def test_other_pairs_are_left_alone(pair: tuple[Conv2d, MaxPool2d]) -> None:
    """Only a convolution of stride 1 before a 2x2 pooling is fused."""
    assert ConvMaxPool2d.join(*pair) is None


def test_all_parameters_share_one_vector(rng: np.random.Generator) -> None:
    """The vectors of values and gradients share memory with the layers' parameters."""
    network = Sequential(Linear(3, 2, rng=rng), ReLU(), Linear(2, 2, rng=rng))

    network.values[...] = 1
    network.forward(np.ones((1, 3), np.float32), training=True)
    network.backward(np.ones((1, 2), np.float32))

    assert_allclose(network.forward(np.ones((1, 3), np.float32)), [[9, 9]])
    named = [p.grad.ravel() for _, p in network.named_parameters()]
    assert_array_equal(np.concatenate(named), network.gradients)
