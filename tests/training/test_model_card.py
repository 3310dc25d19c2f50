"""The model card as a Markdown page."""

from model_core.abstention import Abstention
from tests.support.models import untrained
from training.model_card import render_card

METRICS = {
    "test_accuracy": 0.985,
    "test_errors": 15,
    "test_images": 1000,
    "test_rmse": 0.05,
    "test_calibration_error": 0.0123,
    "test_abstained": 0.01,
}


def test_a_model_without_a_reject_class_says_so() -> None:
    """Without a reject class it abstains for empty pictures only, and warns of everything else."""
    page = render_card("mine", untrained(metrics=METRICS))

    assert (
        "It abstains if the picture is blank: on 1.00% of the test images of its digits.\n" in page
    )
    assert "other digits, letters and drawings get one of its labels too" in page


def test_a_model_with_a_reject_class_says_how_good_it_is() -> None:
    """The page has thresholds, temperature, the share of other digits, and the reliability."""
    page = render_card(
        "mine",
        untrained(
            metrics=METRICS | {"test_others_abstained": 0.99},
            abstention=Abstention(temperature=1.25, not_a_digit=0.75, ambiguous=0.6),
            reliability=({"images": 2000.0, "confidence": 0.95, "accuracy": 0.9},),
        ),
    )

    assert (
        'the probability of "none of them" is above 0.7500 or that of the likeliest digit is '
        "below 0.6000"
    ) in page
    assert "and on 99.00% of those of the other digits." in page
    assert "| 0.9500 | 2,000 | 0.9000 |\n" in page
    assert "calibration error on these test images is 0.0123" in page
    assert "| temperature | 1.25 |" in page
    assert "labels too" not in page


def test_the_training_data_is_named() -> None:
    """The page has the digest of MNIST and the numbers of synthetic pictures; none of what is 0."""
    recipe = {"pens": 0, "handwriting": 45_000, "clutter": 40_000}

    page = render_card("mine", untrained(metrics=METRICS, recipe=recipe))

    assert (
        "; 45,000 synthetic handwritten digits; 40,000 synthetic pictures of no digit |\n" in page
    )
    assert "stroke styles" not in page
