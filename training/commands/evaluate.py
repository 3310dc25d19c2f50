"""The command ``evaluate``: measure a weights file on test images."""

from model_core.weights import load_weights
from training.commands.arguments import Data, Json, WeightsFile
from training.commands.exit_codes import one_line_errors
from training.commands.summary import print_summary, summarise
from training.data.load import load_mnist
from training.fitting.evaluation import held_out_metrics


def evaluate(file: WeightsFile, data: Data = None, as_json: Json = False) -> None:
    """Evaluate a weights file on its recipe's test images: accuracy, abstention."""
    with one_line_errors("interrupted"):
        pretrained = load_weights(file)
        per_digit = pretrained.card.recipe.get("test_per_digit")
        metrics = held_out_metrics(pretrained.classifier, load_mnist(data), per_digit)
    result = summarise(pretrained.classifier, pretrained.card, metrics, pretrained.sha256, file)
    print_summary(result, as_json)
