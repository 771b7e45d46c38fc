"""What checks look at: vectors, nearest neighbours, the map, and out-of-sample class probabilities."""
