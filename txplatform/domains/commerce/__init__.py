"""Who buys what, when and where, what is a customer worth, and who will come back?

Grain: one line of an order; customers, days and products are sums of lines.
"""
