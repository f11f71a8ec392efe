"""The shell around the apps: settings, addresses, refusals, database; nothing imports it."""
