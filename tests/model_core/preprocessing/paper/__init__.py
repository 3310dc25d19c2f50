"""Tests of model_core/preprocessing/paper."""
