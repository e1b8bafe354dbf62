"""How people command the platform: `app` holds all commands, the other modules a few each."""
