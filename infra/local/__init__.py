"""The local stack: real components on loopback, from packages, under one supervisor."""
