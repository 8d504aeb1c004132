"""Risk of a change: facts to factors, factors to points, points held against what came of them."""
