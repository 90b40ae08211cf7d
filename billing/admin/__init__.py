"""The books in the admin: inputs to write, results to read, the month to work through."""

from billing.admin import bills, closing, movements, reminders, results, revenue, runs, terms

__all__ = ["bills", "closing", "movements", "reminders", "results", "revenue", "runs", "terms"]
