"""The model card as a Markdown page."""

from model_core.model_card import ModelCard
from model_core.weights import Pretrained

# Hyper-parameters that are numbers of synthetic pictures, and what these are.
SYNTHETIC = (
    ("pens", "of its digits, and at most as many others, in other stroke styles"),
    ("handwriting", "synthetic handwritten digits"),
    ("printed", "printed digits"),
    ("clutter", "synthetic pictures of no digit"),
)


def render_card(name: str, pretrained: Pretrained) -> str:
    """Render the model card of a weights file as Markdown.

    Everything on the page comes from the file.
    Source: Mitchell et al. 2019, "Model Cards for Model Reporting".
    """
    card, metrics = pretrained.card, pretrained.card.metrics
    digits = ", ".join(map(str, card.labels))
    height, width = card.input_shape
    right = f"{metrics['test_accuracy']:.2%}"
    counts = f"{metrics['test_errors']:.0f} of {metrics['test_images']:,.0f} wrong"
    recipe = "".join(f"| {key} | {_shown(value)} |\n" for key, value in card.recipe.items())
    libraries = ", ".join(f"{key} {value}" for key, value in card.libraries.items())
    return f"""# Model card: {name}

**Purpose.** It tells the handwritten digits {digits} apart, from pictures of {height}x{width} \
grey levels, light ink on black, made by preprocessing version {card.preprocessing}.

**Accuracy.** {right} right on MNIST's test images of these digits ({counts}); RMSE \
of the probabilities {metrics["test_rmse"]:.4f}.

**When it gives no answer.** {_abstention(pretrained.card)}

**Calibration.** The expected calibration error on these test images is \
{metrics["test_calibration_error"]:.4f}; share of right answers by confidence:

| confidence | images | right |
|--:|--:|--:|
{_reliability(pretrained.card)}
**Limits.** {_unfit(pretrained.card)}

| | |
|---|---|
| architecture | {card.architecture}: {pretrained.classifier.network} |
| parameters | {pretrained.classifier.network.parameter_count():,} |
| version | {card.version} |
| training data | MNIST training images, SHA-256 {card.training_data_sha256}{_synthetic(card)} |
{_started_from(card)}| seed | {card.seed} |
| created | {card.created} |
| made with | {libraries} |
| temperature | {card.abstention.temperature:.4g} |
| SHA-256 of the file | {pretrained.sha256} |

{_corrections(card)}## Recipe

| | |
|---|---|
{recipe}"""


def _shown(value: object) -> object:
    return "all" if value is None else value  # as in the help of `fit`: a number of images


def _synthetic(card: ModelCard) -> str:
    """List the synthetic training pictures, by the numbers in the recipe."""
    parts = [f"{card.recipe[name]:,} {what}" for name, what in SYNTHETIC if card.recipe.get(name)]
    return "".join(f"; {part}" for part in parts)


def _started_from(card: ModelCard) -> str:
    return f"| started from | weights with SHA-256 {card.started_from} |\n" * bool(
        card.started_from
    )


def _corrections(card: ModelCard) -> str:
    """Describe the labelled pictures that were trained on, and the comparison that they allow."""
    facts = card.corrections
    if not facts:
        return ""
    labels = ", ".join(f"{count:,} of {label}" for label, count in facts["by_label"].items())
    low, high = facts["difference"]
    old, new = facts["held_back_mistakes"]
    before, now = facts["mnist_errors"]
    return f"""## Corrections

It was trained on {facts["trained_on"]:,} corrections, too, and compared on {facts["held_back"]:,} \
others with version {facts["old_version"]} (SHA-256 {facts["old_sha256"]}).

| | |
|---|---|
| pictures | {facts["pictures"]:,}: {labels} |
| SHA-256 of pictures and labels | {facts["sha256"]} |
| mistakes on those held back, before and now | {old}, {new} |
| difference of the shares, 95 % interval | {low:.3f} to {high:.3f} |
| exact McNemar test, one-sided | p = {facts["p_value"]:.2g} |
| errors on MNIST's test images, before and now | {before}, {now} |

"""


def _abstention(card: ModelCard) -> str:
    """Describe the reject option: when the model abstains, and how often."""
    rule, metrics = card.abstention, card.metrics
    reasons = ["the picture is blank"]
    if rule.not_a_digit is not None:
        reasons.append(f'the probability of "none of them" is above {rule.not_a_digit:.4f}')
    if rule.ambiguous:
        reasons.append(f"that of the likeliest digit is below {rule.ambiguous:.4f}")
    sentence = f"It abstains if {' or '.join(reasons)}: on {metrics['test_abstained']:.2%} of the "
    sentence += "test images of its digits"
    if "test_others_abstained" in metrics:
        sentence += f", and on {metrics['test_others_abstained']:.2%} of those of the other digits"
    return f"{sentence}."


def _reliability(card: ModelCard) -> str:
    rows = (
        f"| {row['confidence']:.4f} | {row['images']:,.0f} | {row['accuracy']:.4f} |\n"
        for row in card.reliability
    )
    return "".join(rows)


def _unfit(card: ModelCard) -> str:
    if not card.abstention.has_reject_class:
        return (
            "It is for pictures of these digits only: other digits, letters and drawings get one "
            "of its labels too. Handwriting and pictures unlike MNIST's were not measured here."
        )
    return (
        "A wrong answer is possible: some letters look like digits, and some digits like others. "
        "Do not use it without a check where a mistake is costly. Handwriting unlike MNIST's was "
        "not measured here."
    )
