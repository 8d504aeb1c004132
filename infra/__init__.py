"""What workers and front doors both stand on: settings, connections, logs, the local stack."""
