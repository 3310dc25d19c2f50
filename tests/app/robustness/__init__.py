"""Tests of the service against failures, overload, and invalid or hostile requests."""
