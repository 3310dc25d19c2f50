"""Offline: fetch MNIST, train the models, evaluate them."""
