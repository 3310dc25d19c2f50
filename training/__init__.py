"""Training, evaluation and export of the models; not needed to serve them."""
