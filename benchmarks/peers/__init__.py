"""What others would write for the same work, each as lean as its framework allows."""
