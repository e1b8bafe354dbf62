"""Superset's dashboards as code: the YAML in `assets/`, and what starts Superset and applies it.

Superset has an environment, a database and a login of its own: the platform works without it, and
it reads published tables alone. Which tables these are the domains declare (`tables`, part `bi`);
the YAML names them as a reader would, no Python here does.
"""
