"""HTTP service that classifies images of handwritten digits."""
