"""Models of a station's next hours; arrays in, arrays out."""
