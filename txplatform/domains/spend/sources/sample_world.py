"""The county of the sample: its departments, what they buy, where, and at what price."""

from typing import NamedTuple


class Category(NamedTuple):
    """What is bought: `median` in cents, `spread` of the logarithm, weight at weekends."""

    merchants: tuple[str, ...]
    median: int
    spread: float
    weekend: float = 0.05


CATEGORIES = {
    "Stationery and Office Supplies": Category(
        ("WB MASON", "STAPLES #0482", "OFFICE DEPOT #1127", "QUILL CORPORATION", "ULINE"),
        4_850,
        0.95,
    ),
    "Books and Periodicals": Category(
        ("FOLLETT CONTENT SOLUTIONS", "BAKER & TAYLOR", "SCHOLASTIC INC", "BARNES & NOBLE #2718"),
        6_200,
        0.9,
    ),
    "Computers and Software": Category(
        (
            "CDW GOVERNMENT",
            "DELL MARKETING LP",
            "ADOBE *ACROPRO SUBS",
            "ZOOM.US",
            "NEWEGG BUSINESS",
        ),
        14_900,
        1.2,
    ),
    "Marketplace Purchases": Category(
        ("AMAZON MKTPLACE PMTS", "AMAZON.COM", "WALMART.COM", "COSTCO WHSE #0247"),
        3_700,
        1.0,
        0.12,
    ),
    "Vehicle Fuel": Category(
        ("SHELL OIL 57544", "WAWA 8319", "EXXONMOBIL 4761", "ROYAL FARMS #218"), 4_150, 0.45, 0.35
    ),
    "Vehicle Parts and Repairs": Category(
        ("NAPA AUTO PARTS 0342", "ADVANCE AUTO PARTS #6611", "FLEETPRIDE 588", "PEP BOYS 0197"),
        11_800,
        0.95,
    ),
    "Building Materials": Category(
        ("LOWES #02640", "THE HOME DEPOT #1604", "FASTENAL COMPANY", "GRAINGER", "84 LUMBER"),
        8_900,
        1.05,
        0.08,
    ),
    "Catering and Food": Category(
        ("SYSCO FOODS", "PANERA BREAD #601", "SHOPRITE CATERING", "GIANT FOOD #0341"), 7_600, 0.85
    ),
    "Lodging": Category(
        (
            "MARRIOTT BALTIMORE",
            "HAMPTON INN DOVER",
            "HYATT REGENCY NW ORLEANS",
            "HILTON GARDEN INN",
        ),
        19_800,
        0.6,
        0.4,
    ),
    "Travel and Transport": Category(
        ("AMTRAK .COM", "UNITED AIRLINES", "SOUTHWEST AIRLINES", "E-Z PASS DE"), 14_300, 0.95, 0.3
    ),
    "Medical Supplies": Category(
        ("MCKESSON MEDICAL", "HENRY SCHEIN", "CARDINAL HEALTH 107", "GRAHAM-FIELD"), 12_400, 1.0
    ),
    "Professional Training": Category(
        ("EVENTBRITE* TRAINING", "NATL SAFETY COUNCIL", "ICMA ONLINE", "COURSERA"), 22_500, 0.7
    ),
    "Telecommunication": Category(
        ("VZWRLSS*IVR VB", "COMCAST BUSINESS", "AT&T*BILL PAYMENT"), 9_900, 0.7, 0.2
    ),
    "Postage and Freight": Category(("USPS PO 0952180", "FEDEX 7734", "UPS*BILLING"), 2_650, 0.9),
}

OFFICE = ("Stationery and Office Supplies", "Marketplace Purchases", "Postage and Freight")

DEPARTMENTS: dict[str, tuple[float, dict[str, tuple[str, ...]]]] = {
    "EDUCATION": (
        0.34,
        {
            "Curriculum and Instruction": ("Books and Periodicals", "Professional Training"),
            "School Support": ("Catering and Food", "Computers and Software"),
            "Special Needs Programs": ("Medical Supplies", "Books and Periodicals"),
            "Office of the Secretary": ("Lodging", "Travel and Transport"),
            "Adult Education": ("Books and Periodicals", "Computers and Software"),
        },
    ),
    "HEALTH AND SOCIAL SERVICES": (
        0.24,
        {
            "Public Health": ("Medical Supplies", "Professional Training"),
            "Child Support Services": ("Travel and Transport", "Telecommunication"),
            "Services for Aging Adults": ("Medical Supplies", "Catering and Food"),
            "Management Services": ("Computers and Software", "Telecommunication"),
        },
    ),
    "TRANSPORTATION": (
        0.22,
        {
            "Maintenance and Operations": ("Vehicle Parts and Repairs", "Building Materials"),
            "Motor Vehicles": ("Telecommunication", "Computers and Software"),
            "Planning": ("Professional Training", "Lodging"),
            "Transit Fleet": ("Vehicle Fuel", "Vehicle Parts and Repairs"),
        },
    ),
    "SAFETY AND HOMELAND SECURITY": (
        0.13,
        {
            "State Police": ("Vehicle Fuel", "Vehicle Parts and Repairs"),
            "Emergency Management": ("Catering and Food", "Building Materials"),
            "Communications": ("Telecommunication", "Computers and Software"),
            "Office of the Secretary": ("Lodging", "Travel and Transport"),
        },
    ),
    "NATURAL RESOURCES": (
        0.07,
        {
            "Parks and Recreation": ("Building Materials", "Vehicle Fuel"),
            "Fish and Wildlife": ("Vehicle Fuel", "Building Materials"),
            "Water": ("Medical Supplies", "Building Materials"),
            "Energy and Climate": ("Professional Training", "Travel and Transport"),
        },
    ),
}
"""Department -> its share of the purchases and its divisions with what they mostly buy."""

MONTH_WEIGHT = (0.9, 0.95, 1.0, 1.0, 1.1, 1.35, 0.7, 1.05, 1.2, 1.05, 0.95, 0.75)
"""January to December: the fiscal year ends in June, schools start in September."""


class Abuse(NamedTuple):
    """What a controller should find: `times` days with `purchases` of `lowest` to `highest`."""

    rule: str
    where: tuple[str, str, str, str]
    """Department, division, merchant and category."""
    times: int
    weekday: int
    lowest: int
    highest: int
    unit: int = 1
    purchases: int = 1


ABUSES = (
    Abuse(
        "SPLIT",
        ("TRANSPORTATION", "Maintenance and Operations", "FASTENAL COMPANY", "Building Materials"),
        times=12,
        weekday=1,
        lowest=38_000,
        highest=49_500,
        purchases=3,
    ),
    Abuse(
        "CATEGORY",
        ("EDUCATION", "School Support", "DOVER DOWNS CASINO", "Gambling"),
        times=10,
        weekday=5,
        lowest=4_000,
        highest=25_000,
    ),
    Abuse(
        "ROUND",
        (
            "SAFETY AND HOMELAND SECURITY",
            "Communications",
            "KEYSTONE CONSULTING LLC",
            "Professional Training",
        ),
        times=15,
        weekday=2,
        lowest=1,
        highest=9,
        unit=10_000,
    ),
    Abuse(
        "JUST_BELOW",
        (
            "HEALTH AND SOCIAL SERVICES",
            "Management Services",
            "CDW GOVERNMENT",
            "Computers and Software",
        ),
        times=10,
        weekday=3,
        lowest=49_000,
        highest=50_000,
    ),
)
"""The rules are those of docs/alerts.md, with the demo's limit of 500."""
