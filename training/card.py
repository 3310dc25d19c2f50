"""The model card as a page to read."""

from model_core.weights import Pretrained


def render_card(name: str, pretrained: Pretrained) -> str:
    """Return the model card of a weights file as Markdown.

    Everything on it comes from the file, so the page cannot say what the file does not.
    Source: Mitchell et al. 2019, "Model Cards for Model Reporting".
    """
    card, metrics = pretrained.card, pretrained.card.metrics
    digits = ", ".join(map(str, card.labels))
    height, width = card.input_shape
    right = f"{metrics['test_accuracy']:.2%}"
    counts = f"{metrics['test_errors']:.0f} of {metrics['test_images']:,.0f} wrong"
    recipe = "".join(f"| {key} | {value} |\n" for key, value in card.recipe.items())
    libraries = ", ".join(f"{key} {value}" for key, value in card.libraries.items())
    return f"""# Model card: {name}

**What it does.** Tells the handwritten digits {digits} apart, from pictures of {height}x{width} \
grey levels, light ink on black, made by preprocessing version {card.preprocessing}.

**How good it is.** {right} right on the MNIST test images of these digits that the recipe holds \
out ({counts}); RMSE of the probabilities {metrics["test_rmse"]:.4f}.

**What it is not for.** Anything but one of these digits: other digits, letters and drawings get \
one of its labels too. Handwriting and pictures unlike MNIST's were not measured here.

| | |
|---|---|
| architecture | {card.architecture}: {pretrained.classifier.network} |
| parameters | {pretrained.classifier.network.parameter_count():,} |
| version | {card.version} |
| training data | MNIST training images, SHA-256 {card.training_data_sha256} |
| seed | {card.seed} |
| created | {card.created} |
| made with | {libraries} |
| SHA-256 of the file | {pretrained.sha256} |

## Recipe

| | |
|---|---|
{recipe}"""
