"""How frameworks name the parameters of the operator, and what each accepts."""
