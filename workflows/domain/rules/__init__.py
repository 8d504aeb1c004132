"""Policy as code: what rules are asked, what they say, and what becomes of it."""
