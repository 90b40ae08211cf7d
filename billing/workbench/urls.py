"""The pages of the month, below the admin; every view starts from the communities its user may see."""

from billing.workbench import entry, methods, month, overview, runs, statement, steps

IN_MONTH = "<str:code>/<str:month>/"

PAGES = [
    ("", overview.books, "books"),
    ("runs/", runs.run_start, "books_run_start"),
    ("runs/<int:pk>/", runs.run_page, "books_run"),
    ("runs/<int:pk>/do/", runs.run_do, "books_run_do"),
    (IN_MONTH, month.month_page, "books_month"),
    (f"{IN_MONTH}review/", month.review, "books_review"),
    (f"{IN_MONTH}readings/", entry.readings, "books_readings"),
    (f"{IN_MONTH}bills/", entry.bills, "books_bills"),
    (f"{IN_MONTH}revenue/", entry.revenue, "books_revenue"),
    (f"{IN_MONTH}bills/<int:pk>/methods/", methods.methods, "books_methods"),
    (f"{IN_MONTH}step/", steps.step, "books_step"),
    (f"{IN_MONTH}objections/", steps.raise_objection, "books_object"),
    (f"{IN_MONTH}objections/<int:pk>/", steps.answer_objection, "books_answer"),
    (f"{IN_MONTH}statement/", statement.community_statement, "books_statement"),
    (f"{IN_MONTH}statement/<int:pk>/", statement.agreement_statement, "books_agreement_statement"),
]
