from billing.models.bills import Meter, Reading, UtilityBill
from billing.models.choices import (
    Basis,
    ChargeKind,
    Fund,
    MeterRole,
    Method,
    OverMeasured,
    PriceClass,
    ReadingKind,
    RebateKind,
    RebateStatus,
    Residual,
    RevenueStatus,
    Utility,
)
from billing.models.closing import CloseState, MonthClose, Objection
from billing.models.ledger import Account, AccountMonth, Entry, Line
from billing.models.movements import Correction, OpeningBalance, Payment, Receipt, TopUp, Transfer
from billing.models.reminders import Reminder
from billing.models.results import BillSharing, Charge, Rebate, Share
from billing.models.revenue import Revenue
from billing.models.rollups import CommunityMonth, RegionMonth
from billing.models.runs import CloseBatch, CloseRun
from billing.models.terms import ChargeTerm, RebateTerm, SharingRule, Tariff, UtilityTerm

__all__ = [
    "Account",
    "AccountMonth",
    "Basis",
    "BillSharing",
    "Charge",
    "ChargeKind",
    "ChargeTerm",
    "CloseBatch",
    "CloseRun",
    "CloseState",
    "CommunityMonth",
    "Correction",
    "Entry",
    "Fund",
    "Line",
    "Meter",
    "MeterRole",
    "Method",
    "MonthClose",
    "Objection",
    "OpeningBalance",
    "OverMeasured",
    "Payment",
    "PriceClass",
    "Reading",
    "ReadingKind",
    "Rebate",
    "RebateKind",
    "RebateStatus",
    "RebateTerm",
    "Receipt",
    "RegionMonth",
    "Reminder",
    "Residual",
    "Revenue",
    "RevenueStatus",
    "Share",
    "SharingRule",
    "Tariff",
    "TopUp",
    "Transfer",
    "Utility",
    "UtilityBill",
    "UtilityTerm",
]
