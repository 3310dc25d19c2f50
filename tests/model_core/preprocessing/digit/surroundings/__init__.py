"""Tests of model_core/preprocessing/digit/surroundings."""
