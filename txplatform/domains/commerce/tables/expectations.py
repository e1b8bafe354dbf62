"""Tables of models: what a customer is worth, who leaves, and how far to trust it."""

from sqlalchemy import Float

from txplatform.columns import of_kind
from txplatform.domains.commerce.tables.base import count, day, gold, money, share, text

_double = of_kind(Float, are_optional=True)

customer_value = gold(
    "customer_value",
    "What each customer is expected to buy in the next twelve months.",
    text("customer_id", "The customer.", primary_key=True),
    text("country", "Country."),
    count("repeat_count", "x: days with an order after the first."),
    share("last_weeks", "t_x: weeks from the first day with an order to the last."),
    share("observed_weeks", "T: weeks from the first day with an order to the last observed day."),
    money("mean_value", "z: mean value of the repeat days; empty without any."),
    share("alive_probability", "Probability that the customer has not left for good."),
    share("expected_occasions", "Days with an order expected in the next twelve months."),
    money("expected_value", "Expected value of such a day."),
    money("clv", "Their value today, less late returns, discounted by the month."),
    share(
        "churn_probability",
        "Probability of no order in the next 90 days; empty without a model of churn.",
    ),
)
value_by_country = gold(
    "value_by_country",
    "Expected value by country.",
    text("country", "Country.", primary_key=True),
    count("customer_count", "Customers."),
    share("expected_occasions", "Days with an order expected in the next twelve months."),
    money("clv", "Their value today."),
    money("mean_clv", "Value per customer."),
    share("share", "Share of the value of all countries."),
)
model_fits = gold(
    "model_fits",
    "The models that were fitted, and why a simpler one was used.",
    text("part", "repeat_buying or occasion_value.", primary_key=True),
    text("model", "The model that is used."),
    *(_double(name, f"Parameter {name}.") for name in
      ("r", "alpha", "a", "b", "p", "q", "gamma", "mean")),
    _double("rich_log_likelihood", "Log-likelihood of the richer model."),
    _double("simple_log_likelihood", "Log-likelihood of the simpler model."),
    _double("gain", "Their difference."),
    count("customer_count", "Customers that it was fitted on."),
    _double("correlation", "Of frequency and value; far from 0 the two are not independent."),
    text("fallback_reason", "Why the simpler model is used."),
    text("warning", "What to be careful about."),
)  # fmt: skip
model_holdout = gold(
    "model_holdout",
    "How well each way of predicting did: learnt before a cut, judged on the 90 days after it.",
    day("cut", "Only what lies before it was known.", primary_key=True),
    text("predictor", "The model, or what it is held against.", primary_key=True),
    count("customer_count", "Customers known at the cut."),
    share("expected_occasions", "Days with an order that the model expected."),
    count("actual_occasions", "Days with an order that came."),
    money("predicted_amount", "Predicted amount."),
    money("actual_amount", "Amount that came."),
    share("total_ratio", "Predicted / actual."),
    share("season_factor", "Actual / predicted of the same dates a year before."),
    share("corrected_ratio", "total_ratio with the season's factor."),
    money("mean_absolute_error", "Mean absolute error per customer."),
    share("gini_share", "How well customers are ranked: 1 is perfect, 0 is chance."),
    share("gini_low", "Lower end of its bootstrap interval."),
    share("gini_high", "Upper end."),
    share("top_share", "Share of the amount held by the tenth predicted highest."),
    share("decile_error", "Error of tenths after scaling to the total."),
    text("error_bar", "Whether the error is low enough."),
    text("ranking_bar", "Whether the ranking is good enough."),
    text("decile_bar", "Whether tenths are right enough."),
    text("season", "Whether the season is known."),
)
churn = gold(
    "churn",
    "How likely each customer is not to order in the next 90 days.",
    text("customer_id", "The customer.", primary_key=True),
    share("churn_probability", "By the logistic regression."),
    share("none_within_probability", "By the model of repeat buying."),
    count("recency_days", "Days since the last order."),
)
churn_report = gold(
    "churn_report",
    "How far the churn model can be trusted, tested on later days than it learnt from.",
    text("measure", "What was measured.", primary_key=True),
    text("item", "Of which model, feature or tenth.", primary_key=True),
    share("value", "The value."),
    count("customer_count", "Customers."),
    text("verdict", "What it amounts to."),
)
