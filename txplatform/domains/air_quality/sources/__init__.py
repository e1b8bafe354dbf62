"""How hours arrive: from a network's API or from files, always as records with declared units."""
