"""What tests and benchmarks share: servers, pictures, memory, load."""
