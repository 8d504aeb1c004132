"""Plain Python and pydantic: the rules of releasing, without an engine and without a clock."""
