"""Check the books: exit 1 and the rows when something is not as it must be."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from billing.verification import verify_ledger


class Command(BaseCommand):
    help = "核对总账：借贷相等、资金逐月衔接、汇总与明细一致、摘要链完整。"

    def handle(self, *args: Any, **options: Any) -> None:
        faults = verify_ledger()
        for fault in faults:
            self.stdout.write(f"{fault.check}\t{fault.where}\t{fault.text}")
        if faults:
            sys.exit(1)
        self.stdout.write(_("账目核对无误。"))
