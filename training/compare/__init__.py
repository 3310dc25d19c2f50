"""The same networks trained on the same images in digitserve, PyTorch, Keras and JAX."""
