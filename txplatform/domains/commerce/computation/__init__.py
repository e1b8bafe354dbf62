"""One computation of commerce: the engines, and what they make of lines."""
