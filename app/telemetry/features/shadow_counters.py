"""Counters of the shadow: compared images, disagreements, and images that were not compared."""

from itertools import product

from app.inference.shadow import SKIP_REASONS, SkipReason
from app.setting_types import VersionShare
from app.telemetry.families import DIGIT_LABELS, Families, digit_label

KINDS = ("digit", "decision")


class ShadowCounters:
    """Counters of the shadow that a setting names; without it, they have no values."""

    def __init__(self, families: Families, setting: VersionShare | None) -> None:
        self._version = (setting.model, setting.version) if setting else ("", "")
        versions = [self._version] if setting else []
        self._compared = families.counters(
            "digitserve_shadow_images",
            "Images that the shadow predicted, too, by the digit of the answer.",
            ("model", "version", "digit"),
            [(*version, digit) for version, digit in product(versions, DIGIT_LABELS)],
        )
        self._disagreements = families.counters(
            "digitserve_shadow_disagreements",
            "Images for which the shadow had another digit, or another decision.",
            ("model", "version", "kind", "digit"),
            [(*one, kind, digit) for one, kind, digit in product(versions, KINDS, DIGIT_LABELS)],
        )
        self._skipped = families.counters(
            "digitserve_shadow_skipped_images",
            "Images of the shadow's sample that it did not predict, by reason.",
            ("model", "version", "reason"),
            [(*version, reason) for version, reason in product(versions, SKIP_REASONS)],
        )

    def count_compared(self, digit: int, *, same_digit: bool, same_decision: bool) -> None:
        """Count a compared image; ``digit`` is that of the answer."""
        label = digit_label(digit)
        self._compared[*self._version, label].add()
        if not same_digit:
            self._disagreements[*self._version, "digit", label].add()
        if not same_decision:
            self._disagreements[*self._version, "decision", label].add()

    def count_skipped(self, reason: SkipReason, images: int) -> None:
        """Count sampled images that were not compared."""
        self._skipped[*self._version, reason].add(images)
