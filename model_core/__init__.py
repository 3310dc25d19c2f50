"""The neural network of digitserve: NumPy for the arithmetic, safetensors for the weights file."""
