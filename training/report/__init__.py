"""HTML report about a trained model: learning curves, errors, calibration."""
