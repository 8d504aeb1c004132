"""What is watched while a version is new: objectives, alerts, and how harm was found."""
