"""Pages about one configuration: what is placed where, which sums result, how it is known."""
