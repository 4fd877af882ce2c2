"""Screenshots in: every picture passes one gate, loses its repeats and goes into one store."""
