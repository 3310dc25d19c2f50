"""Metrics of parts of the service that are not used, or not on, everywhere."""
