"""Support code of tests and benchmarks: servers, images, memory, load."""
