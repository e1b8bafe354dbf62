"""Shells that mount the domains' routers and pages: the API and the dashboard."""
