"""Pages that derive one configuration: placed blocks, sums per output, matrices and checks."""
