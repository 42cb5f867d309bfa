"""How good the results are, against labels that no rule or threshold was made from."""
