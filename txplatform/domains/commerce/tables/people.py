"""Tables of customers: who they are, what they are worth so far, and who comes back."""

from txplatform.domains.commerce.tables.base import count, day, flag, gold, money, share, text
from txplatform.domains.commerce.tables.sales import measures

clients = gold(
    "clients",
    "Every customer, with or without order, and (anonymous) for sales to nobody in particular.",
    text("customer_id", "The customer.", primary_key=True),
    text("name", "Name, from the customer file."),
    text("email", "E-mail, from the customer file."),
    day("registered_on", "Day of registration; orders may be earlier."),
    text("country", "Country of the customer file, else that of the last line."),
    *measures(),
    day("first_order", "Day of the first order."),
    day("last_order", "Day of the last order."),
    count("product_count", "Different products bought."),
    flag("is_anonymous", "Whether this row is the sales to nobody in particular."),
)
rfm = gold(
    "rfm",
    "Customers with an order, scored by recency, frequency and value.",
    text("customer_id", "The customer.", primary_key=True),
    count("recency_days", "Days from the last order to the day of reference."),
    count("frequency", "Orders."),
    money("monetary", "Net amount."),
    count("r_score", "Recency, 1 to 5; 5 bought last."),
    count("f_score", "Frequency, 1 to 5."),
    count("m_score", "Value, 1 to 5."),
    text("segment", "Name of the pair of recency and frequency."),
)
rfm_segments = gold(
    "rfm_segments",
    "Segments of customers; their sizes add up to all customers.",
    text("segment", "Name of the segment; Prospect has no order yet.", primary_key=True),
    count("customer_count", "Customers."),
    money("mean_recency_days", "Mean days since the last order."),
    money("mean_frequency", "Mean number of orders."),
    money("mean_monetary", "Mean net amount."),
    money("monetary", "Net amount of the segment."),
)
activity = gold(
    "activity",
    "Customers with an order by the days since the last one.",
    text("customer_id", "The customer.", primary_key=True),
    count("recency_days", "Days from the last order to the day of reference."),
    text("status", "active up to 30 days, at risk to 90, inactive to 180, churned above."),
)
activity_summary = gold(
    "activity_summary",
    "How many customers are active, and how many came again.",
    count("customer_count", "Customers with an order."),
    count("active_count", "Last order within 30 days."),
    count("at_risk_count", "Within 90 days."),
    count("inactive_count", "Within 180 days."),
    count("churned_count", "Longer ago."),
    *(
        share(f"share_{days}_days", f"Share with an order in the last {days} days.")
        for days in (30, 60, 90, 180, 365)
    ),
    share("repeat_rate", "Share with two orders or more."),
)
cohorts = gold(
    "cohorts",
    "Customers by month of their first order, at each age in months.",
    day("cohort", "First day of the month of the first order.", primary_key=True),
    count("age", "Calendar months since then.", primary_key=True),
    count("size", "Customers of the cohort."),
    count("active", "Those with an order in the month; empty while it has not begun."),
    share("retention", "active / size."),
    count("rolling_active", "Those with an order in the month or later."),
    share("rolling_retention", "rolling_active / size."),
    count("order_count", "Orders of the cohort in the month."),
    money("gross_amount", "Sales to the cohort in the month."),
    flag("is_complete", "Whether the month and the cohort's own month are over."),
)
cohort_totals = gold(
    "cohort_totals",
    "Cohorts over all ages.",
    day("cohort", "First day of the month of the first order.", primary_key=True),
    count("size", "Customers of the cohort."),
    count("order_count", "Orders."),
    money("gross_amount", "Sales."),
    money("amount_per_customer", "Sales per customer."),
)
