"""Find the digit's ink in a grey picture and place it as MNIST does."""
