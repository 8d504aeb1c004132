"""When a release may go: windows and freezes as written, and the spans of time they make."""
