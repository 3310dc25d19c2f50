"""The package digitserve_client, against running servers."""
