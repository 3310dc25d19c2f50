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


def test_a_model_that_learnt_from_corrections_says_what_and_how_well() -> None:
    """The page has counts, digests, the version before, and the comparison; no pictures."""
    facts = {
        "pictures": 1200,
        "by_label": {"3": 1100, "none": 100},
        "sha256": "c" * 64,
        "trained_on": 900,
        "old_version": "5",
        "old_sha256": "d" * 64,
        "mnist_errors": [3, 4],
        "mnist_images": 5139,
        "held_back": 300,
        "held_back_mistakes": [40, 8],
        "fixed": 33,
        "broken": 1,
        "difference": [0.07, 0.15],
        "p_value": 1.5e-8,
        "refused": [],
    }

    page = render_card("mine", untrained(metrics=METRICS, corrections=facts, started_from="e" * 64))

    assert f"| started from | weights with SHA-256 {'e' * 64} |\n" in page
    assert "trained on 900 corrections, too, and compared on 300 others with version 5 (SHA" in page
    assert "| pictures | 1,200: 1,100 of 3, 100 of none |\n" in page
    assert "| mistakes on those held back, before and now | 40, 8 |\n" in page
    assert "| difference of the shares, 95 % interval | 0.070 to 0.150 |\n" in page
    assert "| errors on MNIST's test images, before and now | 3, 4 |\n\n## Recipe\n" in page
    assert "c" * 64 in page


def test_a_model_without_corrections_says_nothing_of_them() -> None:
    """The page goes on with the recipe."""
    page = render_card("mine", untrained(metrics=METRICS))

    assert "orrections" not in page.partition("## Recipe")[0]
    assert "started from" not in page
