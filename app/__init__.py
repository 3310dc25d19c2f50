"""The service: images in over HTTP, digits out."""
