"""Tables of patterns: key figures, distributions, concentration, seasons, products together."""

from txplatform.domains.commerce.tables.base import count, day, gold, money, percent, share, text

kpis = gold(
    "kpis",
    "The key figures, in one row.",
    day("as_of", "Everything before this day's midnight counts.", primary_key=True),
    day("first_day", "The first day that counts."),
    count("order_count", "Orders with a sale line."),
    count("line_count", "Lines of sales and refunds of goods."),
    count("quantity", "Pieces sold, less those that came back."),
    money("gross_amount", "Sales."),
    money("refund_amount", "Refunds (0 or negative)."),
    money("net_amount", "Sales and refunds together."),
    count("customer_count", "Identified customers, with or without order."),
    count("buyer_count", "Identified customers with an order."),
    count("product_count", "Products."),
    count("country_count", "Countries."),
    money("average_order", "Gross amount per order."),
    money("median_order", "Median of the orders' gross amounts."),
    money("minimum_order", "Smallest order."),
    money("maximum_order", "Largest order."),
    money("deviation_order", "Sample deviation of the orders' gross amounts."),
    money("amount_per_customer", "Net amount per identified customer with an order."),
    money("amount_per_day", "Net amount per calendar day."),
    count("active_30_days", "Customers whose last order is in the last 30 days."),
    count("active_90_days", "In the last 90 days."),
    count("new_30_days", "Customers whose first order is in the last 30 days."),
    count("new_90_days", "In the last 90 days."),
    percent("last_growth_pct", "The last complete month against the one before."),
    percent("last_yoy_pct", "The last complete month against that of a year before."),
    percent("compound_monthly_pct", "Growth a month from the first to the last complete one."),
    percent("compound_annual_pct", "Twelve of them; empty under twelve complete months."),
)
amount_distribution = gold(
    "amount_distribution",
    "How amounts of orders (gross), customers and products (net) are spread.",
    text("measure", "order, client or product.", primary_key=True),
    count("n", "How many."),
    money("mean", "Mean."),
    money("minimum", "Smallest."),
    money("maximum", "Largest."),
    *(money(f"q{q:02}", f"Quantile {q} %.") for q in (1, 5, 25, 50, 75, 90, 95, 99)),
    *(
        count(f"bin_{place:02}", f"How many in bin {place} of 20 from smallest to largest.")
        for place in range(1, 21)
    ),
)
concentration = gold(
    "concentration",
    "How unequally net amounts are spread; negative ones count as 0.",
    text("dimension", "client, country or product.", primary_key=True),
    count("n", "How many."),
    money("net_amount", "Net amount."),
    count("negative_count", "How many have a negative net amount."),
    share("gini", "Gini coefficient: 0 all equal; empty if there is nothing."),
    count("pareto_k", "How many of the largest reach 80 %."),
    share("pareto_share", "Those as a share of all."),
    share("top_10_share", "Share of the largest tenth."),
    share("top_20_share", "Share of the largest fifth."),
)
seasonality = gold(
    "seasonality",
    "Net amount per calendar day of a kind over that of all days, silent days counted.",
    text("dimension", "weekday (Monday 1), month of the year, or hour.", primary_key=True),
    count("value", "Which one.", primary_key=True),
    money("net_amount", "Its net amount."),
    count("day_count", "Its calendar days."),
    share("index", "1 is an average day; of an hour 24 x its share."),
)
affinity = gold(
    "affinity",
    "Pairs of products in the same basket, sale lines only.",
    text("product_a", "The first product in the alphabet.", primary_key=True),
    text("product_b", "The other.", primary_key=True),
    text("basket", "What counts as a basket: an order, or all that a customer bought."),
    count("basket_count", "Baskets."),
    count("n_a", "Baskets with the first product."),
    count("n_b", "Baskets with the other."),
    count("n_ab", "Baskets with both."),
    share("support", "n_ab / basket_count."),
    share("confidence_a_to_b", "n_ab / n_a."),
    share("confidence_b_to_a", "n_ab / n_b."),
    percent("lift", "How many times as often as if they had nothing to do with each other."),
)
