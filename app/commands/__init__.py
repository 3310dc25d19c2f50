"""Commands of ``digitserve``, one module each."""
