"""`symconv fuzz`: draws cases, runs them in worker processes, judges, shrinks and stores them."""
