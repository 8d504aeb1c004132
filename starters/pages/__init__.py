"""The reference pages and schemas that are made from code."""
