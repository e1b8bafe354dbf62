"""The gold tables of commerce, in a schema of their own."""

import sqlalchemy as sa
from alembic import op

revision = "commerce_0001"
down_revision = None
branch_labels = ("commerce",)
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA IF NOT EXISTS commerce")
    op.create_table(
        "activity",
        sa.Column("customer_id", sa.Text(), nullable=False, comment="The customer."),
        sa.Column(
            "recency_days",
            sa.BigInteger(),
            nullable=True,
            comment="Days from the last order to the day of reference.",
        ),
        sa.Column(
            "status",
            sa.Text(),
            nullable=True,
            comment="active up to 30 days, at risk to 90, inactive to 180, churned above.",
        ),
        sa.PrimaryKeyConstraint("customer_id"),
        schema="commerce",
        comment="Customers with an order by the days since the last one.",
    )
    op.create_table(
        "activity_summary",
        sa.Column(
            "customer_count", sa.BigInteger(), nullable=True, comment="Customers with an order."
        ),
        sa.Column(
            "active_count", sa.BigInteger(), nullable=True, comment="Last order within 30 days."
        ),
        sa.Column("at_risk_count", sa.BigInteger(), nullable=True, comment="Within 90 days."),
        sa.Column("inactive_count", sa.BigInteger(), nullable=True, comment="Within 180 days."),
        sa.Column("churned_count", sa.BigInteger(), nullable=True, comment="Longer ago."),
        sa.Column(
            "share_30_days",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Share with an order in the last 30 days.",
        ),
        sa.Column(
            "share_60_days",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Share with an order in the last 60 days.",
        ),
        sa.Column(
            "share_90_days",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Share with an order in the last 90 days.",
        ),
        sa.Column(
            "share_180_days",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Share with an order in the last 180 days.",
        ),
        sa.Column(
            "share_365_days",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Share with an order in the last 365 days.",
        ),
        sa.Column(
            "repeat_rate",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Share with two orders or more.",
        ),
        schema="commerce",
        comment="How many customers are active, and how many came again.",
    )
    op.create_table(
        "affinity",
        sa.Column(
            "product_a", sa.Text(), nullable=False, comment="The first product in the alphabet."
        ),
        sa.Column("product_b", sa.Text(), nullable=False, comment="The other."),
        sa.Column(
            "basket",
            sa.Text(),
            nullable=True,
            comment="What counts as a basket: an order, or all that a customer bought.",
        ),
        sa.Column("basket_count", sa.BigInteger(), nullable=True, comment="Baskets."),
        sa.Column("n_a", sa.BigInteger(), nullable=True, comment="Baskets with the first product."),
        sa.Column("n_b", sa.BigInteger(), nullable=True, comment="Baskets with the other."),
        sa.Column("n_ab", sa.BigInteger(), nullable=True, comment="Baskets with both."),
        sa.Column(
            "support",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="n_ab / basket_count.",
        ),
        sa.Column(
            "confidence_a_to_b",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="n_ab / n_a.",
        ),
        sa.Column(
            "confidence_b_to_a",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="n_ab / n_b.",
        ),
        sa.Column(
            "lift",
            sa.Numeric(precision=28, scale=4),
            nullable=True,
            comment="How many times as often as if they had nothing to do with each other.",
        ),
        sa.PrimaryKeyConstraint("product_a", "product_b"),
        schema="commerce",
        comment="Pairs of products in the same basket, sale lines only.",
    )
    op.create_table(
        "amount_distribution",
        sa.Column("measure", sa.Text(), nullable=False, comment="order, client or product."),
        sa.Column("n", sa.BigInteger(), nullable=True, comment="How many."),
        sa.Column("mean", sa.Numeric(precision=18, scale=2), nullable=True, comment="Mean."),
        sa.Column("minimum", sa.Numeric(precision=18, scale=2), nullable=True, comment="Smallest."),
        sa.Column("maximum", sa.Numeric(precision=18, scale=2), nullable=True, comment="Largest."),
        sa.Column("q01", sa.Numeric(precision=18, scale=2), nullable=True, comment="Quantile 1 %."),
        sa.Column("q05", sa.Numeric(precision=18, scale=2), nullable=True, comment="Quantile 5 %."),
        sa.Column(
            "q25", sa.Numeric(precision=18, scale=2), nullable=True, comment="Quantile 25 %."
        ),
        sa.Column(
            "q50", sa.Numeric(precision=18, scale=2), nullable=True, comment="Quantile 50 %."
        ),
        sa.Column(
            "q75", sa.Numeric(precision=18, scale=2), nullable=True, comment="Quantile 75 %."
        ),
        sa.Column(
            "q90", sa.Numeric(precision=18, scale=2), nullable=True, comment="Quantile 90 %."
        ),
        sa.Column(
            "q95", sa.Numeric(precision=18, scale=2), nullable=True, comment="Quantile 95 %."
        ),
        sa.Column(
            "q99", sa.Numeric(precision=18, scale=2), nullable=True, comment="Quantile 99 %."
        ),
        sa.Column(
            "bin_01",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 1 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_02",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 2 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_03",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 3 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_04",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 4 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_05",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 5 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_06",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 6 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_07",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 7 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_08",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 8 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_09",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 9 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_10",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 10 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_11",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 11 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_12",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 12 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_13",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 13 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_14",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 14 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_15",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 15 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_16",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 16 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_17",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 17 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_18",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 18 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_19",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 19 of 20 from smallest to largest.",
        ),
        sa.Column(
            "bin_20",
            sa.BigInteger(),
            nullable=True,
            comment="How many in bin 20 of 20 from smallest to largest.",
        ),
        sa.PrimaryKeyConstraint("measure"),
        schema="commerce",
        comment="How amounts of orders (gross), customers and products (net) are spread.",
    )
    op.create_table(
        "churn",
        sa.Column("customer_id", sa.Text(), nullable=False, comment="The customer."),
        sa.Column(
            "churn_probability",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="By the logistic regression.",
        ),
        sa.Column(
            "none_within_probability",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="By the model of repeat buying.",
        ),
        sa.Column(
            "recency_days", sa.BigInteger(), nullable=True, comment="Days since the last order."
        ),
        sa.PrimaryKeyConstraint("customer_id"),
        schema="commerce",
        comment="How likely each customer is not to order in the next 90 days.",
    )
    op.create_table(
        "churn_report",
        sa.Column("measure", sa.Text(), nullable=False, comment="What was measured."),
        sa.Column("item", sa.Text(), nullable=False, comment="Of which model, feature or tenth."),
        sa.Column("value", sa.Numeric(precision=28, scale=6), nullable=True, comment="The value."),
        sa.Column("customer_count", sa.BigInteger(), nullable=True, comment="Customers."),
        sa.Column("verdict", sa.Text(), nullable=True, comment="What it amounts to."),
        sa.PrimaryKeyConstraint("measure", "item"),
        schema="commerce",
        comment="How far the churn model can be trusted, tested on later days than it learnt from.",
    )
    op.create_table(
        "clients",
        sa.Column("customer_id", sa.Text(), nullable=False, comment="The customer."),
        sa.Column("name", sa.Text(), nullable=True, comment="Name, from the customer file."),
        sa.Column("email", sa.Text(), nullable=True, comment="E-mail, from the customer file."),
        sa.Column(
            "registered_on",
            sa.Date(),
            nullable=True,
            comment="Day of registration; orders may be earlier.",
        ),
        sa.Column(
            "country",
            sa.Text(),
            nullable=True,
            comment="Country of the customer file, else that of the last line.",
        ),
        sa.Column(
            "order_count",
            sa.BigInteger(),
            nullable=True,
            comment="Orders with a sale line; each counts once, at its first one.",
        ),
        sa.Column(
            "line_count", sa.BigInteger(), nullable=True, comment="Lines of sales and refunds."
        ),
        sa.Column(
            "customer_count",
            sa.BigInteger(),
            nullable=True,
            comment="Identified customers with a sale; does not add up.",
        ),
        sa.Column(
            "quantity",
            sa.BigInteger(),
            nullable=True,
            comment="Pieces sold, less those that came back.",
        ),
        sa.Column(
            "gross_amount", sa.Numeric(precision=18, scale=2), nullable=True, comment="Sales."
        ),
        sa.Column(
            "refund_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Refunds (0 or negative).",
        ),
        sa.Column(
            "net_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Sales and refunds together.",
        ),
        sa.Column(
            "average_order",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Gross amount per order; empty without orders.",
        ),
        sa.Column("first_order", sa.Date(), nullable=True, comment="Day of the first order."),
        sa.Column("last_order", sa.Date(), nullable=True, comment="Day of the last order."),
        sa.Column(
            "product_count", sa.BigInteger(), nullable=True, comment="Different products bought."
        ),
        sa.Column(
            "is_anonymous",
            sa.Boolean(),
            nullable=True,
            comment="Whether this row is the sales to nobody in particular.",
        ),
        sa.PrimaryKeyConstraint("customer_id"),
        schema="commerce",
        comment="Every customer, with or without order, and (anonymous) for sales to nobody in particular.",
    )
    op.create_table(
        "cohort_totals",
        sa.Column(
            "cohort",
            sa.Date(),
            nullable=False,
            comment="First day of the month of the first order.",
        ),
        sa.Column("size", sa.BigInteger(), nullable=True, comment="Customers of the cohort."),
        sa.Column("order_count", sa.BigInteger(), nullable=True, comment="Orders."),
        sa.Column(
            "gross_amount", sa.Numeric(precision=18, scale=2), nullable=True, comment="Sales."
        ),
        sa.Column(
            "amount_per_customer",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Sales per customer.",
        ),
        sa.PrimaryKeyConstraint("cohort"),
        schema="commerce",
        comment="Cohorts over all ages.",
    )
    op.create_table(
        "cohorts",
        sa.Column(
            "cohort",
            sa.Date(),
            nullable=False,
            comment="First day of the month of the first order.",
        ),
        sa.Column("age", sa.BigInteger(), nullable=False, comment="Calendar months since then."),
        sa.Column("size", sa.BigInteger(), nullable=True, comment="Customers of the cohort."),
        sa.Column(
            "active",
            sa.BigInteger(),
            nullable=True,
            comment="Those with an order in the month; empty while it has not begun.",
        ),
        sa.Column(
            "retention", sa.Numeric(precision=28, scale=6), nullable=True, comment="active / size."
        ),
        sa.Column(
            "rolling_active",
            sa.BigInteger(),
            nullable=True,
            comment="Those with an order in the month or later.",
        ),
        sa.Column(
            "rolling_retention",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="rolling_active / size.",
        ),
        sa.Column(
            "order_count",
            sa.BigInteger(),
            nullable=True,
            comment="Orders of the cohort in the month.",
        ),
        sa.Column(
            "gross_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Sales to the cohort in the month.",
        ),
        sa.Column(
            "is_complete",
            sa.Boolean(),
            nullable=True,
            comment="Whether the month and the cohort's own month are over.",
        ),
        sa.PrimaryKeyConstraint("cohort", "age"),
        schema="commerce",
        comment="Customers by month of their first order, at each age in months.",
    )
    op.create_table(
        "concentration",
        sa.Column("dimension", sa.Text(), nullable=False, comment="client, country or product."),
        sa.Column("n", sa.BigInteger(), nullable=True, comment="How many."),
        sa.Column(
            "net_amount", sa.Numeric(precision=18, scale=2), nullable=True, comment="Net amount."
        ),
        sa.Column(
            "negative_count",
            sa.BigInteger(),
            nullable=True,
            comment="How many have a negative net amount.",
        ),
        sa.Column(
            "gini",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Gini coefficient: 0 all equal; empty if there is nothing.",
        ),
        sa.Column(
            "pareto_k",
            sa.BigInteger(),
            nullable=True,
            comment="How many of the largest reach 80 %.",
        ),
        sa.Column(
            "pareto_share",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Those as a share of all.",
        ),
        sa.Column(
            "top_10_share",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Share of the largest tenth.",
        ),
        sa.Column(
            "top_20_share",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Share of the largest fifth.",
        ),
        sa.PrimaryKeyConstraint("dimension"),
        schema="commerce",
        comment="How unequally net amounts are spread; negative ones count as 0.",
    )
    op.create_table(
        "customer_value",
        sa.Column("customer_id", sa.Text(), nullable=False, comment="The customer."),
        sa.Column("country", sa.Text(), nullable=True, comment="Country."),
        sa.Column(
            "repeat_count",
            sa.BigInteger(),
            nullable=True,
            comment="x: days with an order after the first.",
        ),
        sa.Column(
            "last_weeks",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="t_x: weeks from the first day with an order to the last.",
        ),
        sa.Column(
            "observed_weeks",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="T: weeks from the first day with an order to the last observed day.",
        ),
        sa.Column(
            "mean_value",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="z: mean value of the repeat days; empty without any.",
        ),
        sa.Column(
            "alive_probability",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Probability that the customer has not left for good.",
        ),
        sa.Column(
            "expected_occasions",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Days with an order expected in the next twelve months.",
        ),
        sa.Column(
            "expected_value",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Expected value of such a day.",
        ),
        sa.Column(
            "clv",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Their value today, less late returns, discounted by the month.",
        ),
        sa.PrimaryKeyConstraint("customer_id"),
        schema="commerce",
        comment="What each customer is expected to buy in the next twelve months.",
    )
    op.create_table(
        "growth",
        sa.Column("month", sa.Date(), nullable=False, comment="First day of the month."),
        sa.Column(
            "net_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Net amount of the month.",
        ),
        sa.Column(
            "change_pct",
            sa.Numeric(precision=28, scale=4),
            nullable=True,
            comment="Change against the calendar month before; empty if incomplete or <= 0.",
        ),
        sa.Column(
            "yoy_pct",
            sa.Numeric(precision=28, scale=4),
            nullable=True,
            comment="Change against the month a year before; empty if incomplete or <= 0.",
        ),
        sa.PrimaryKeyConstraint("month"),
        schema="commerce",
        comment="Complete months against the month before and the year before.",
    )
    op.create_table(
        "kpis",
        sa.Column(
            "as_of",
            sa.Date(),
            nullable=False,
            comment="Everything before this day's midnight counts.",
        ),
        sa.Column("first_day", sa.Date(), nullable=True, comment="The first day that counts."),
        sa.Column(
            "order_count", sa.BigInteger(), nullable=True, comment="Orders with a sale line."
        ),
        sa.Column(
            "line_count",
            sa.BigInteger(),
            nullable=True,
            comment="Lines of sales and refunds of goods.",
        ),
        sa.Column(
            "quantity",
            sa.BigInteger(),
            nullable=True,
            comment="Pieces sold, less those that came back.",
        ),
        sa.Column(
            "gross_amount", sa.Numeric(precision=18, scale=2), nullable=True, comment="Sales."
        ),
        sa.Column(
            "refund_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Refunds (0 or negative).",
        ),
        sa.Column(
            "net_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Sales and refunds together.",
        ),
        sa.Column(
            "customer_count",
            sa.BigInteger(),
            nullable=True,
            comment="Identified customers, with or without order.",
        ),
        sa.Column(
            "buyer_count",
            sa.BigInteger(),
            nullable=True,
            comment="Identified customers with an order.",
        ),
        sa.Column("product_count", sa.BigInteger(), nullable=True, comment="Products."),
        sa.Column("country_count", sa.BigInteger(), nullable=True, comment="Countries."),
        sa.Column(
            "average_order",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Gross amount per order.",
        ),
        sa.Column(
            "median_order",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Median of the orders' gross amounts.",
        ),
        sa.Column(
            "minimum_order",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Smallest order.",
        ),
        sa.Column(
            "maximum_order",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Largest order.",
        ),
        sa.Column(
            "deviation_order",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Sample deviation of the orders' gross amounts.",
        ),
        sa.Column(
            "amount_per_customer",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Net amount per identified customer with an order.",
        ),
        sa.Column(
            "amount_per_day",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Net amount per calendar day.",
        ),
        sa.Column(
            "active_30_days",
            sa.BigInteger(),
            nullable=True,
            comment="Customers whose last order is in the last 30 days.",
        ),
        sa.Column("active_90_days", sa.BigInteger(), nullable=True, comment="In the last 90 days."),
        sa.Column(
            "new_30_days",
            sa.BigInteger(),
            nullable=True,
            comment="Customers whose first order is in the last 30 days.",
        ),
        sa.Column("new_90_days", sa.BigInteger(), nullable=True, comment="In the last 90 days."),
        sa.Column(
            "last_growth_pct",
            sa.Numeric(precision=28, scale=4),
            nullable=True,
            comment="The last complete month against the one before.",
        ),
        sa.Column(
            "last_yoy_pct",
            sa.Numeric(precision=28, scale=4),
            nullable=True,
            comment="The last complete month against that of a year before.",
        ),
        sa.Column(
            "compound_monthly_pct",
            sa.Numeric(precision=28, scale=4),
            nullable=True,
            comment="Growth a month from the first to the last complete one.",
        ),
        sa.Column(
            "compound_annual_pct",
            sa.Numeric(precision=28, scale=4),
            nullable=True,
            comment="Twelve of them; empty under twelve complete months.",
        ),
        sa.PrimaryKeyConstraint("as_of"),
        schema="commerce",
        comment="The key figures, in one row.",
    )
    op.create_table(
        "model_fits",
        sa.Column("part", sa.Text(), nullable=False, comment="repeat_buying or occasion_value."),
        sa.Column("model", sa.Text(), nullable=True, comment="The model that is used."),
        sa.Column("r", sa.Float(), nullable=True, comment="Parameter r."),
        sa.Column("alpha", sa.Float(), nullable=True, comment="Parameter alpha."),
        sa.Column("a", sa.Float(), nullable=True, comment="Parameter a."),
        sa.Column("b", sa.Float(), nullable=True, comment="Parameter b."),
        sa.Column("p", sa.Float(), nullable=True, comment="Parameter p."),
        sa.Column("q", sa.Float(), nullable=True, comment="Parameter q."),
        sa.Column("gamma", sa.Float(), nullable=True, comment="Parameter gamma."),
        sa.Column("mean", sa.Float(), nullable=True, comment="Parameter mean."),
        sa.Column(
            "rich_log_likelihood",
            sa.Float(),
            nullable=True,
            comment="Log-likelihood of the richer model.",
        ),
        sa.Column(
            "simple_log_likelihood",
            sa.Float(),
            nullable=True,
            comment="Log-likelihood of the simpler model.",
        ),
        sa.Column("gain", sa.Float(), nullable=True, comment="Their difference."),
        sa.Column(
            "customer_count",
            sa.BigInteger(),
            nullable=True,
            comment="Customers that it was fitted on.",
        ),
        sa.Column(
            "correlation",
            sa.Float(),
            nullable=True,
            comment="Of frequency and value; far from 0 the two are not independent.",
        ),
        sa.Column(
            "fallback_reason", sa.Text(), nullable=True, comment="Why the simpler model is used."
        ),
        sa.Column("warning", sa.Text(), nullable=True, comment="What to be careful about."),
        sa.PrimaryKeyConstraint("part"),
        schema="commerce",
        comment="The models that were fitted, and why a simpler one was used.",
    )
    op.create_table(
        "model_holdout",
        sa.Column("cut", sa.Date(), nullable=False, comment="Only what lies before it was known."),
        sa.Column(
            "predictor", sa.Text(), nullable=False, comment="The model, or what it is held against."
        ),
        sa.Column(
            "customer_count", sa.BigInteger(), nullable=True, comment="Customers known at the cut."
        ),
        sa.Column(
            "expected_occasions",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Days with an order that the model expected.",
        ),
        sa.Column(
            "actual_occasions",
            sa.BigInteger(),
            nullable=True,
            comment="Days with an order that came.",
        ),
        sa.Column(
            "predicted_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Predicted amount.",
        ),
        sa.Column(
            "actual_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Amount that came.",
        ),
        sa.Column(
            "total_ratio",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Predicted / actual.",
        ),
        sa.Column(
            "season_factor",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Actual / predicted of the same dates a year before.",
        ),
        sa.Column(
            "corrected_ratio",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="total_ratio with the season's factor.",
        ),
        sa.Column(
            "mean_absolute_error",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Mean absolute error per customer.",
        ),
        sa.Column(
            "gini_share",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="How well customers are ranked: 1 is perfect, 0 is chance.",
        ),
        sa.Column(
            "gini_low",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Lower end of its bootstrap interval.",
        ),
        sa.Column(
            "gini_high", sa.Numeric(precision=28, scale=6), nullable=True, comment="Upper end."
        ),
        sa.Column(
            "top_share",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Share of the amount held by the tenth predicted highest.",
        ),
        sa.Column(
            "decile_error",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Error of tenths after scaling to the total.",
        ),
        sa.Column(
            "error_bar", sa.Text(), nullable=True, comment="Whether the error is low enough."
        ),
        sa.Column(
            "ranking_bar", sa.Text(), nullable=True, comment="Whether the ranking is good enough."
        ),
        sa.Column(
            "decile_bar", sa.Text(), nullable=True, comment="Whether tenths are right enough."
        ),
        sa.Column("season", sa.Text(), nullable=True, comment="Whether the season is known."),
        sa.PrimaryKeyConstraint("cut", "predictor"),
        schema="commerce",
        comment="How well each way of predicting did: learnt before a cut, judged on the 90 days after it.",
    )
    op.create_table(
        "other_movements",
        sa.Column("class", sa.Text(), nullable=False, comment="carriage or other."),
        sa.Column("code", sa.Text(), nullable=False, comment="Code of the line."),
        sa.Column("month", sa.Date(), nullable=False, comment="First day of the month."),
        sa.Column("line_count", sa.BigInteger(), nullable=True, comment="Lines."),
        sa.Column(
            "amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Their amounts; with the net amount of goods, those of all lines.",
        ),
        sa.PrimaryKeyConstraint("class", "code", "month"),
        schema="commerce",
        comment="What is no sale or refund of goods: carriage, costs, adjustments, vouchers.",
    )
    op.create_table(
        "rfm",
        sa.Column("customer_id", sa.Text(), nullable=False, comment="The customer."),
        sa.Column(
            "recency_days",
            sa.BigInteger(),
            nullable=True,
            comment="Days from the last order to the day of reference.",
        ),
        sa.Column("frequency", sa.BigInteger(), nullable=True, comment="Orders."),
        sa.Column(
            "monetary", sa.Numeric(precision=18, scale=2), nullable=True, comment="Net amount."
        ),
        sa.Column(
            "r_score", sa.BigInteger(), nullable=True, comment="Recency, 1 to 5; 5 bought last."
        ),
        sa.Column("f_score", sa.BigInteger(), nullable=True, comment="Frequency, 1 to 5."),
        sa.Column("m_score", sa.BigInteger(), nullable=True, comment="Value, 1 to 5."),
        sa.Column(
            "segment",
            sa.Text(),
            nullable=True,
            comment="Name of the pair of recency and frequency.",
        ),
        sa.PrimaryKeyConstraint("customer_id"),
        schema="commerce",
        comment="Customers with an order, scored by recency, frequency and value.",
    )
    op.create_table(
        "rfm_segments",
        sa.Column(
            "segment",
            sa.Text(),
            nullable=False,
            comment="Name of the segment; Prospect has no order yet.",
        ),
        sa.Column("customer_count", sa.BigInteger(), nullable=True, comment="Customers."),
        sa.Column(
            "mean_recency_days",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Mean days since the last order.",
        ),
        sa.Column(
            "mean_frequency",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Mean number of orders.",
        ),
        sa.Column(
            "mean_monetary",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Mean net amount.",
        ),
        sa.Column(
            "monetary",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Net amount of the segment.",
        ),
        sa.PrimaryKeyConstraint("segment"),
        schema="commerce",
        comment="Segments of customers; their sizes add up to all customers.",
    )
    op.create_table(
        "sales_country",
        sa.Column(
            "country",
            sa.Text(),
            nullable=False,
            comment="Country of the line, else of its customer.",
        ),
        sa.Column(
            "order_count",
            sa.BigInteger(),
            nullable=True,
            comment="Orders with a sale line; each counts once, at its first one.",
        ),
        sa.Column(
            "line_count", sa.BigInteger(), nullable=True, comment="Lines of sales and refunds."
        ),
        sa.Column(
            "customer_count",
            sa.BigInteger(),
            nullable=True,
            comment="Identified customers with a sale; does not add up.",
        ),
        sa.Column(
            "quantity",
            sa.BigInteger(),
            nullable=True,
            comment="Pieces sold, less those that came back.",
        ),
        sa.Column(
            "gross_amount", sa.Numeric(precision=18, scale=2), nullable=True, comment="Sales."
        ),
        sa.Column(
            "refund_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Refunds (0 or negative).",
        ),
        sa.Column(
            "net_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Sales and refunds together.",
        ),
        sa.Column(
            "average_order",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Gross amount per order; empty without orders.",
        ),
        sa.Column(
            "share",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Share of the net amount of all countries; empty if that is 0 or below.",
        ),
        sa.Column(
            "amount_per_customer",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Net amount per identified customer with a sale.",
        ),
        sa.PrimaryKeyConstraint("country"),
        schema="commerce",
        comment="One row per country.",
    )
    op.create_table(
        "sales_country_product",
        sa.Column("country", sa.Text(), nullable=False, comment="Country."),
        sa.Column("product", sa.Text(), nullable=False, comment="Product or code."),
        sa.Column(
            "order_count",
            sa.BigInteger(),
            nullable=True,
            comment="Orders with a sale line; each counts once, at its first one.",
        ),
        sa.Column(
            "line_count", sa.BigInteger(), nullable=True, comment="Lines of sales and refunds."
        ),
        sa.Column(
            "customer_count",
            sa.BigInteger(),
            nullable=True,
            comment="Identified customers with a sale; does not add up.",
        ),
        sa.Column(
            "quantity",
            sa.BigInteger(),
            nullable=True,
            comment="Pieces sold, less those that came back.",
        ),
        sa.Column(
            "gross_amount", sa.Numeric(precision=18, scale=2), nullable=True, comment="Sales."
        ),
        sa.Column(
            "refund_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Refunds (0 or negative).",
        ),
        sa.Column(
            "net_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Sales and refunds together.",
        ),
        sa.Column(
            "average_order",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Gross amount per order; empty without orders.",
        ),
        sa.PrimaryKeyConstraint("country", "product"),
        schema="commerce",
        comment="One row per country and product sold there.",
    )
    op.create_table(
        "sales_day",
        sa.Column("day", sa.Date(), nullable=False, comment="The day."),
        sa.Column("iso_year", sa.BigInteger(), nullable=True, comment="Year of the ISO week."),
        sa.Column("iso_week", sa.BigInteger(), nullable=True, comment="ISO week."),
        sa.Column("month", sa.BigInteger(), nullable=True, comment="Month, 1 to 12."),
        sa.Column("quarter", sa.BigInteger(), nullable=True, comment="Quarter, 1 to 4."),
        sa.Column(
            "weekday", sa.BigInteger(), nullable=True, comment="Weekday, Monday 1 to Sunday 7."
        ),
        sa.Column("is_weekend", sa.Boolean(), nullable=True, comment="Saturday or Sunday."),
        sa.Column(
            "order_count",
            sa.BigInteger(),
            nullable=True,
            comment="Orders with a sale line; each counts once, at its first one.",
        ),
        sa.Column(
            "line_count", sa.BigInteger(), nullable=True, comment="Lines of sales and refunds."
        ),
        sa.Column(
            "customer_count",
            sa.BigInteger(),
            nullable=True,
            comment="Identified customers with a sale; does not add up.",
        ),
        sa.Column(
            "quantity",
            sa.BigInteger(),
            nullable=True,
            comment="Pieces sold, less those that came back.",
        ),
        sa.Column(
            "gross_amount", sa.Numeric(precision=18, scale=2), nullable=True, comment="Sales."
        ),
        sa.Column(
            "refund_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Refunds (0 or negative).",
        ),
        sa.Column(
            "net_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Sales and refunds together.",
        ),
        sa.Column(
            "average_order",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Gross amount per order; empty without orders.",
        ),
        sa.Column(
            "is_complete",
            sa.Boolean(),
            nullable=True,
            comment="Whether all of its days are among those that count.",
        ),
        sa.PrimaryKeyConstraint("day"),
        schema="commerce",
        comment="One row per day from the first day on, zeros when silent.",
    )
    op.create_table(
        "sales_hour",
        sa.Column(
            "hour",
            sa.BigInteger(),
            nullable=False,
            comment="Hour of the day, 0 to 23, in the shop's time.",
        ),
        sa.Column(
            "order_count",
            sa.BigInteger(),
            nullable=True,
            comment="Orders with a sale line; each counts once, at its first one.",
        ),
        sa.Column(
            "line_count", sa.BigInteger(), nullable=True, comment="Lines of sales and refunds."
        ),
        sa.Column(
            "customer_count",
            sa.BigInteger(),
            nullable=True,
            comment="Identified customers with a sale; does not add up.",
        ),
        sa.Column(
            "quantity",
            sa.BigInteger(),
            nullable=True,
            comment="Pieces sold, less those that came back.",
        ),
        sa.Column(
            "gross_amount", sa.Numeric(precision=18, scale=2), nullable=True, comment="Sales."
        ),
        sa.Column(
            "refund_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Refunds (0 or negative).",
        ),
        sa.Column(
            "net_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Sales and refunds together.",
        ),
        sa.Column(
            "average_order",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Gross amount per order; empty without orders.",
        ),
        sa.PrimaryKeyConstraint("hour"),
        schema="commerce",
        comment="One row per hour of the day; empty where the source writes no times.",
    )
    op.create_table(
        "sales_month",
        sa.Column("month", sa.Date(), nullable=False, comment="First day of the month."),
        sa.Column(
            "order_count",
            sa.BigInteger(),
            nullable=True,
            comment="Orders with a sale line; each counts once, at its first one.",
        ),
        sa.Column(
            "line_count", sa.BigInteger(), nullable=True, comment="Lines of sales and refunds."
        ),
        sa.Column(
            "customer_count",
            sa.BigInteger(),
            nullable=True,
            comment="Identified customers with a sale; does not add up.",
        ),
        sa.Column(
            "quantity",
            sa.BigInteger(),
            nullable=True,
            comment="Pieces sold, less those that came back.",
        ),
        sa.Column(
            "gross_amount", sa.Numeric(precision=18, scale=2), nullable=True, comment="Sales."
        ),
        sa.Column(
            "refund_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Refunds (0 or negative).",
        ),
        sa.Column(
            "net_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Sales and refunds together.",
        ),
        sa.Column(
            "average_order",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Gross amount per order; empty without orders.",
        ),
        sa.Column(
            "is_complete",
            sa.Boolean(),
            nullable=True,
            comment="Whether all of its days are among those that count.",
        ),
        sa.PrimaryKeyConstraint("month"),
        schema="commerce",
        comment="One row per calendar month, zeros when silent.",
    )
    op.create_table(
        "sales_product",
        sa.Column("product", sa.Text(), nullable=False, comment="Product or code."),
        sa.Column(
            "description",
            sa.Text(),
            nullable=True,
            comment="The most frequent description; of equals the first in the alphabet.",
        ),
        sa.Column(
            "order_count",
            sa.BigInteger(),
            nullable=True,
            comment="Orders with a sale line; each counts once, at its first one.",
        ),
        sa.Column(
            "line_count", sa.BigInteger(), nullable=True, comment="Lines of sales and refunds."
        ),
        sa.Column(
            "customer_count",
            sa.BigInteger(),
            nullable=True,
            comment="Identified customers with a sale; does not add up.",
        ),
        sa.Column(
            "quantity",
            sa.BigInteger(),
            nullable=True,
            comment="Pieces sold, less those that came back.",
        ),
        sa.Column(
            "gross_amount", sa.Numeric(precision=18, scale=2), nullable=True, comment="Sales."
        ),
        sa.Column(
            "refund_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Refunds (0 or negative).",
        ),
        sa.Column(
            "net_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Sales and refunds together.",
        ),
        sa.Column(
            "average_order",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Gross amount per order; empty without orders.",
        ),
        sa.Column(
            "minimum_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Smallest sale line.",
        ),
        sa.Column(
            "maximum_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Largest sale line.",
        ),
        sa.Column(
            "mean_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Mean of the sale lines.",
        ),
        sa.Column(
            "share",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Share of the net amount of all products; empty if that is 0 or below.",
        ),
        sa.Column("price_class", sa.Text(), nullable=True, comment="Class of the mean sale line."),
        sa.Column("first_sale", sa.Date(), nullable=True, comment="Day of the first sale."),
        sa.Column("last_sale", sa.Date(), nullable=True, comment="Day of the last sale."),
        sa.PrimaryKeyConstraint("product"),
        schema="commerce",
        comment="One row per product; an order counts for each product that it holds.",
    )
    op.create_table(
        "sales_week",
        sa.Column("week_start", sa.Date(), nullable=False, comment="The Monday."),
        sa.Column(
            "order_count",
            sa.BigInteger(),
            nullable=True,
            comment="Orders with a sale line; each counts once, at its first one.",
        ),
        sa.Column(
            "line_count", sa.BigInteger(), nullable=True, comment="Lines of sales and refunds."
        ),
        sa.Column(
            "customer_count",
            sa.BigInteger(),
            nullable=True,
            comment="Identified customers with a sale; does not add up.",
        ),
        sa.Column(
            "quantity",
            sa.BigInteger(),
            nullable=True,
            comment="Pieces sold, less those that came back.",
        ),
        sa.Column(
            "gross_amount", sa.Numeric(precision=18, scale=2), nullable=True, comment="Sales."
        ),
        sa.Column(
            "refund_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Refunds (0 or negative).",
        ),
        sa.Column(
            "net_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Sales and refunds together.",
        ),
        sa.Column(
            "average_order",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Gross amount per order; empty without orders.",
        ),
        sa.Column(
            "is_complete",
            sa.Boolean(),
            nullable=True,
            comment="Whether all of its days are among those that count.",
        ),
        sa.PrimaryKeyConstraint("week_start"),
        schema="commerce",
        comment="One row per week, Monday to Sunday, zeros when silent.",
    )
    op.create_table(
        "seasonality",
        sa.Column(
            "dimension",
            sa.Text(),
            nullable=False,
            comment="weekday (Monday 1), month of the year, or hour.",
        ),
        sa.Column("value", sa.BigInteger(), nullable=False, comment="Which one."),
        sa.Column(
            "net_amount",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Its net amount.",
        ),
        sa.Column("day_count", sa.BigInteger(), nullable=True, comment="Its calendar days."),
        sa.Column(
            "index",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="1 is an average day; of an hour 24 x its share.",
        ),
        sa.PrimaryKeyConstraint("dimension", "value"),
        schema="commerce",
        comment="Net amount per calendar day of a kind over that of all days, silent days counted.",
    )
    op.create_table(
        "value_by_country",
        sa.Column("country", sa.Text(), nullable=False, comment="Country."),
        sa.Column("customer_count", sa.BigInteger(), nullable=True, comment="Customers."),
        sa.Column(
            "expected_occasions",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Days with an order expected in the next twelve months.",
        ),
        sa.Column(
            "clv", sa.Numeric(precision=18, scale=2), nullable=True, comment="Their value today."
        ),
        sa.Column(
            "mean_clv",
            sa.Numeric(precision=18, scale=2),
            nullable=True,
            comment="Value per customer.",
        ),
        sa.Column(
            "share",
            sa.Numeric(precision=28, scale=6),
            nullable=True,
            comment="Share of the value of all countries.",
        ),
        sa.PrimaryKeyConstraint("country"),
        schema="commerce",
        comment="Expected value by country.",
    )


def downgrade() -> None:
    op.execute("DROP SCHEMA commerce CASCADE")
