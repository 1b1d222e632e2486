"""Alerts: raised, changed and ended by who answers for the child. They are read with whatever is about the child."""

from __future__ import annotations

from coord.application.carrying import carries_out, of_the_case
from coord.application.case.commands import ChangeAlert, EndAlert, RaiseAlert
from coord.application.declared import Receipt
from coord.application.doors import Work
from coord.domain.case import Case, alerts


def _raised(work: Work, command: RaiseAlert, case: Case) -> Receipt:
    return work.keep(Receipt(command.alert_id, 1, 0, "standing"), case)


def _changed(work: Work, command: ChangeAlert | EndAlert, case: Case) -> Receipt:
    alert = case.alerts[str(command.alert_id)]
    status = "ended" if alert["ended"] else "standing"
    return Receipt(command.alert_id, alert["version"], work.record.append(case), status)


carries_out(RaiseAlert, alerts.raise_alert, of_the_case, _raised)
carries_out(ChangeAlert, alerts.change_alert, of_the_case, _changed)
carries_out(EndAlert, alerts.end_alert, of_the_case, _changed)
