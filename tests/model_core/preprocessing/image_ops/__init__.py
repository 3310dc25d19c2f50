"""Tests of model_core/preprocessing/image_ops."""
