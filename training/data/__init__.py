"""The training data: MNIST, its augmentation, and synthetic pictures."""
