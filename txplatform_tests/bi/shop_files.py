"""Files of a small shop: enough customers and months that every table of it has rows."""

import random
from datetime import date, timedelta
from pathlib import Path

FIRST, DAYS = date(2023, 11, 1), 600
COUNTRIES = ("France", "Spain", "Belgium", "Italy")
PRODUCTS = ("Mouse", "Phone", "Screen", "Cable", "Keyboard", "Camera")


def write(folder: Path, customers: int = 80, purchases: int = 900) -> list[Path]:
    """Write the customers and what they bought; the same files every time."""
    chance = random.Random(17)  # noqa: S311 - a shop, no secret
    clients = ["id_client,nom,email,date_inscription,pays"]
    for number in range(1, customers + 1):
        country = COUNTRIES[number % len(COUNTRIES)]
        clients.append(f"{number},Client {number},c{number}@example.org,2023-11-01,{country}")
    bought = ["id_achat,id_client,date_achat,montant,produit"]
    for number in range(1, purchases + 1):
        day = FIRST + timedelta(days=chance.randrange(DAYS))
        amount = chance.randrange(100, 90_000) / 100
        # A few customers buy most, as in every shop.
        who = min(int(chance.expovariate(1 / 20)) + 1, customers)
        bought.append(f"{number},{who},{day},{amount:.2f},{chance.choice(PRODUCTS)}")
    files = folder / "clients.csv", folder / "achats.csv"
    for file, lines in zip(files, (clients, bought), strict=True):
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return [*files]
