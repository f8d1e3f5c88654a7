"""MIACNet and its training loop by hand, without Keras, to measure what Keras costs."""
