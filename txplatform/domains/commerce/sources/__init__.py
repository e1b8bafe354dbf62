"""How a shop's files arrive: bronze keeps their bytes and rows, silver reads what they mean."""
