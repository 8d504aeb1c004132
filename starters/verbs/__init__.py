"""What each command does once its arguments are read: ask Temporal, print, answer an exit code."""
