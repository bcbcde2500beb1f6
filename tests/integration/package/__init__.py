"""What is built of this tree, and that it works where it is installed."""
