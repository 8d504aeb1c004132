"""What a stage waits for: gates, approvals, waivers, escalation, and the decision matrix."""
