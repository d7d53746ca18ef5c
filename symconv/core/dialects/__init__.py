"""The parameters of the operator in each framework: their names and the accepted values."""
