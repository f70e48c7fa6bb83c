"""Every wrong contract, and the very message that its author reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from funnel.contract import load_contract
from funnel.errors import InputError

# What is replaced in the agreement of conftest.py, by what, and what is said: line, key path, message.
WRONG = [
    pytest.param(
        "required_at_handoff:",
        "required_at_handof:",
        "17, required_at_handof: 'required_at_handof' is not a key of a contract. Did you "
        "mean 'required_at_handoff'? Keys here: version, effective_from, approved_by, "
        "calendar, stages, verdict, company, currency, icp, exits, reject_reasons, "
        "required_at_handoff, sla, pauses, targets, economics, capacity, recycling, attribution.",
        id="a misspelt key at the top",
    ),
    pytest.param(
        "verdict:",
        "horizon: 90 days\nverdict:",
        "21, horizon: 'horizon' is not a key of a contract. Did you mean 'version'? Keys "
        "here: version, effective_from, approved_by, calendar, stages, verdict, company, "
        "currency, icp, exits, reject_reasons, required_at_handoff, sla, pauses, targets, economics, capacity, recycling, attribution.",
        id="a key that no contract has",
    ),
    pytest.param(
        "verdict: {horizon: 90 days, landmark: 14 days}\n",
        "",
        "1, verdict: this key is missing. Write for example `verdict: {horizon: 90 days, "
        "landmark: 14 days}`.",
        id="no verdict",
    ),
    pytest.param(
        "{horizon: 90 days, landmark: 14 days}",
        "",
        "21, verdict: expected the verdict with keys among horizon, landmark; found nothing.",
        id="no verdict at all",
    ),
    pytest.param(
        "    owner: marketing\n",
        "    ower: marketing\n",
        "9, stages[1].ower: 'ower' is not a key of a stage. Did you mean 'owner'? Keys here: "
        "name, title, owner, entered_when, must_meet, hands_to.",
        id="a misspelt key of a stage",
    ),
    pytest.param(
        "{field: score,",
        "{feild: score,",
        "12, stages[1].must_meet.all[0].feild: 'feild' is not a key of a condition. Did you "
        "mean 'field'? Keys here: field, is, in, not_in, at_least, at_most, between, status, "
        "fit.",
        id="a misspelt key of a condition",
    ),
    pytest.param(
        "{field: score,",
        "{field: scroe,",
        "12, stages[1].must_meet.all[0].field: 'scroe' is not a field of a lead. Did you "
        "mean 'score'? Fields: email, phone, title, company, country, region, industry, "
        "employees, persona, lead_type, channel, score, status, reason, owner.",
        id="an unknown field",
    ),
    pytest.param(
        "{field: score,",
        "{field: Lead_Score__c,",
        "12, stages[1].must_meet.all[0].field: 'Lead_Score__c' is not a field of a lead. Did "
        "you mean 'score'? Fields: email, phone, title, company, country, region, industry, "
        "employees, persona, lead_type, channel, score, status, reason, owner.",
        id="a field of a CRM instead of one of the model",
    ),
    pytest.param(
        "at_least: 60",
        "atleast: 60",
        "12, stages[1].must_meet.all[0].atleast: 'atleast' is not a key of a condition. Did "
        "you mean 'at_least'? Keys here: field, is, in, not_in, at_least, at_most, between, "
        "status, fit.",
        id="an unknown operation",
    ),
    pytest.param(
        "{field: email, is: valid}",
        "{field: country, at_least: 60}",
        "12, stages[1].must_meet.all[1].at_least: 'country' is a text and cannot be compared "
        "by 'at_least'. Use one of is, in, not_in.",
        id="a size compared on a text",
    ),
    pytest.param(
        "at_least: 60",
        "in: [60, 70]",
        "12, stages[1].must_meet.all[0].in: 'score' is a number and cannot be compared by "
        "'in'. Use one of is, at_least, at_most, between.",
        id="a list compared on a number",
    ),
    pytest.param(
        "{field: email, is: valid}",
        "{field: phone, is: valid}",
        "12, stages[1].must_meet.all[1].is: 'phone' cannot be compared by `is: valid`. Write `is: present`.",
        id="validity of something else than an address",
    ),
    pytest.param(
        "at_least: 60",
        "at_least: sixty",
        "12, stages[1].must_meet.all[0].at_least: expected a number, found 'sixty'.",
        id="a threshold that is no number",
    ),
    pytest.param(
        "at_least: 60",
        "at_least: 60, at_most: 90",
        "12, stages[1].must_meet.all[0]: a condition on 'score' needs one of is, at_least, "
        "at_most, between; found at_least, at_most.",
        id="two operations in one condition",
    ),
    pytest.param(
        "field: score, at_least: 60",
        "field: score",
        "12, stages[1].must_meet.all[0]: a condition on 'score' needs one of is, at_least, "
        "at_most, between; found none.",
        id="no operation",
    ),
    pytest.param(
        "[50, 5000]",
        "[5000, 50]",
        "5, icp.all[0].between: found [5000, 50], but the lower number comes first. Write [50, 5000].",
        id="limits the wrong way round",
    ),
    pytest.param(
        "[50, 5000]",
        "[50, 500, 5000]",
        "5, icp.all[0].between: expected two numbers such as [50, 5000], found 3.",
        id="three limits",
    ),
    pytest.param(
        "{fit: icp}",
        "{fit: ipc}",
        "12, stages[1].must_meet.all[2].fit: 'ipc' is not a profile. Did you mean 'icp'? Known: icp.",
        id="an unknown profile",
    ),
    pytest.param(
        "icp: {all: [{field: employees, between: [50, 5000]}, {field: industry, in: "
        "[software, logistics]}]}\n",
        "",
        "11, stages[1].must_meet.all[2].fit: the contract has no key `icp` to fit. Add one: "
        "`icp: {all: [{field: employees, at_least: 50}]}`.",
        id="a profile that the contract does not describe",
    ),
    pytest.param(
        "{field: industry, in: [software, logistics]}",
        "{fit: icp}",
        "5, icp.all[1].fit: the profile cannot refer to itself. Write conditions on fields.",
        id="a profile that refers to itself",
    ),
    pytest.param(
        "{status: [MQL]}",
        "{all: [{field: score, at_least: 60}, {event: [Demo]}]}",
        "11, stages[1].entered_when.all[1]: 'event' is something that happened and cannot "
        "stand inside `all`, which compares values. Make it an alternative of its own in "
        "`any`, and put the values into `must_meet`.",
        id="an event among values",
    ),
    pytest.param(
        "{status: [MQL]}",
        "{any: [{any: [{status: [MQL]}]}]}",
        "11, stages[1].entered_when.any[0]: `any` cannot stand inside `any`. List all "
        "alternatives in one `any`.",
        id="any inside any",
    ),
    pytest.param(
        "{status: [MQL]}",
        "{all: [{any: [{status: [MQL]}]}]}",
        "11, stages[1].entered_when.all[0]: `any` cannot stand inside `all`. Write its "
        "conditions into the one list.",
        id="any inside all",
    ),
    pytest.param(
        "{status: [MQL]}",
        "{status: [MQL], event: [Demo]}",
        "11, stages[1].entered_when: 'event' stands alone; found status beside it. Put each "
        "into an item of its own.",
        id="two conditions in one item",
    ),
    pytest.param(
        "{status: [MQL]}",
        "{status: []}",
        "11, stages[1].entered_when.status: expected a list of texts, found an empty list.",
        id="an empty list of values",
    ),
    pytest.param(
        "{status: [MQL]}",
        "{status: [MQL, mql]}",
        "11, stages[1].entered_when.status[1]: 'mql' is listed twice. Remove one.",
        id="a value listed twice",
    ),
    pytest.param(
        "{opportunity: won}",
        "{opportunity: closed}",
        "14, stages[3].entered_when.opportunity: 'closed' is not an event of an opportunity. "
        "Known: created, won.",
        id="an event of an opportunity that does not exist",
    ),
    pytest.param(
        "{created: true}",
        "{created: yes please}",
        "7, stages[0].entered_when.created: every record is created once: write `created: "
        "true`, found 'yes please'.",
        id="creation that is not true",
    ),
    pytest.param(
        "{status: [MQL]}",
        "{}",
        "11, stages[1].entered_when: expected a condition, found an empty mapping.",
        id="an empty condition",
    ),
    pytest.param(
        "{status: [MQL]}",
        "MQL",
        "11, stages[1].entered_when: expected a condition with keys among field, is, in, "
        "not_in, at_least, at_most, between, status, fit, event, created, opportunity, "
        "opportunity_stage, all, any; found 'MQL'.",
        id="a condition that is a text",
    ),
    pytest.param(
        "owner: sales, entered_when: {status: [Accepted]}",
        "owner: slaes, entered_when: {status: [Accepted]}",
        "13, stages[2].owner: 'slaes' is not a team that signed. Did you mean 'sales'? "
        "Teams: marketing, sales.",
        id="a team that did not sign",
    ),
    pytest.param(
        "hands_to: sales",
        "hands_to: support",
        "10, stages[1].hands_to: 'support' is not a team that signed. Teams: marketing, sales.",
        id="a hand-off to a team that did not sign",
    ),
    pytest.param(
        "name: sal,",
        "name: Sales Accepted,",
        "13, stages[2].name: expected a stage name in small letters such as mql, found 'Sales Accepted'.",
        id="a stage name that SQL could not hold",
    ),
    pytest.param(
        "name: sal,",
        "name: rejected,",
        "13, stages[2].name: 'rejected' has a meaning of its own in reports. Choose another "
        "name for the stage.",
        id="a stage named like an exit",
    ),
    pytest.param(
        "name: sal,",
        "name: mql,",
        "13, stages[2]: the stage 'mql' is given twice. Keep one.",
        id="a stage given twice",
    ),
    pytest.param(
        "{status: [Accepted]}",
        "{opportunity: won}",
        "13, stages[2]: a won opportunity ends the funnel, so its stage must be the last. Move it down.",
        id="won before the last stage",
    ),
    pytest.param(
        "[Accepted]",
        "[accepted, mql]",
        "13, stages[2]: status 'mql' already makes a lead enter stage mql. One event serves one step.",
        id="one status for two stages",
    ),
    pytest.param(
        "[Disqualified]",
        "[Disqualified, Accepted]",
        "15, exits.rejected: status 'Accepted' already makes a lead enter stage sal. One "
        "event serves one step.",
        id="one status for a stage and an exit",
    ),
    pytest.param(
        "recycled: {status: [Nurture]}",
        "recyled: {status: [Nurture]}",
        "15, exits.recyled: 'recyled' is not a key of the exits. Did you mean 'recycled'? "
        "Keys here: rejected, recycled, lost.",
        id="an unknown exit",
    ),
    pytest.param(
        "{status: [Nurture]}",
        "{field: score, at_most: 10}",
        "15, exits.recycled.field: 'field' is not a key of the condition of an exit. Keys "
        "here: status, event.",
        id="an exit by a score",
    ),
    pytest.param(
        "recycled: [No budget]",
        "recycled: [No budget, competitor]",
        "16, reject_reasons.recycled: the reason 'competitor' already means rejected. A "
        "reason has one meaning.",
        id="a reason with two meanings",
    ),
    pytest.param(
        "[email, company]",
        "[email, compny]",
        "17, required_at_handoff[1]: 'compny' is not a field of a lead. Did you mean "
        "'company'? Fields: email, phone, title, company, country, region, industry, "
        "employees, persona, lead_type, channel, score, status, reason, owner.",
        id="a required field that does not exist",
    ),
    pytest.param(
        "name: first_touch",
        "name: first_tuch",
        "19, sla[0].name: 'first_tuch' is not an SLA. Did you mean 'first_touch'? Known: "
        "first_touch, cadence, disposition.",
        id="an SLA that does not exist",
    ),
    pytest.param(
        "within: 4 h",
        "within: 2 days",
        "19, sla[0].within: a business clock counts working hours, not days. Write hours "
        "(two days of 8 h are 16 h) or `clock: elapsed`.",
        id="business days",
    ),
    pytest.param(
        "clock: business, ",
        "",
        "19, sla[0]: hours need a clock. Write `clock: business` or `clock: elapsed`.",
        id="hours without a clock",
    ),
    pytest.param(
        "clock: business",
        "clock: working",
        "19, sla[0].clock: 'working' is not a clock. Known: business, elapsed.",
        id="an unknown clock",
    ),
    pytest.param(
        "within: 4 h",
        "within: 4",
        "19, sla[0].within: expected a duration such as 30 min, 4 h, 10 days or 2 weeks, found '4'.",
        id="a duration without a unit",
    ),
    pytest.param(
        "within: 10 days",
        "within: 2 months",
        "20, sla[1].within: expected a duration such as 30 min, 4 h, 10 days or 2 weeks, found '2 months'.",
        id="a duration in months",
    ),
    pytest.param(
        "attainment: 0.9",
        "attainment: 90",
        "19, sla[0].attainment: a rate lies between 0 and 1, found '90'. 90 % is written 0.9.",
        id="a rate in per cent",
    ),
    pytest.param(
        "attempts: 6, ",
        "",
        "20, sla[1]: a cadence needs a number of attempts. Write for example `attempts: 6`.",
        id="a cadence without attempts",
    ),
    pytest.param(
        "clock: business",
        "clock: business, attempts: 2",
        "19, sla[0].attempts: attempts belong to the SLA 'cadence' only. Remove them here.",
        id="attempts where none count",
    ),
    pytest.param(
        "attempts: 6",
        "attempts: 2.5",
        "20, sla[1].attempts: expected a whole number of attempts, at least 1, found '2.5'.",
        id="half an attempt",
    ),
    pytest.param(
        "clock: business",
        "clock: business, applies_to: won",
        "19, sla[0].applies_to: 'won' is not a stage with a hand-off. Those with one: mql.",
        id="an SLA at a stage without a hand-off",
    ),
    pytest.param(
        "name: cadence, attempts: 6",
        "name: first_touch",
        "20, sla[1]: the SLA 'first_touch' is given twice. Keep one.",
        id="an SLA given twice",
    ),
    pytest.param(
        "landmark: 14 days",
        "landmark: 90 days",
        "21, verdict.landmark: the landmark (90 days) must lie before the horizon (90 days). Shorten it.",
        id="a landmark behind the horizon",
    ),
    pytest.param(
        "kpi: mql_to_sal",
        "kpi: acceptence_rate",
        "23, targets[0].kpi: 'acceptence_rate' is not a KPI of this contract. Did you mean "
        "'acceptance_rate'? KPIs: leads, hand_offs, acceptance_rate, speed_to_lead, time_to_disposition, "
        "requalified_rate, opportunities, pipeline_amount, win_rate, win_rate_amount, won_amount, "
        "mean_deal, days_to_close, sales_velocity, coverage, cac, cac_paid, payback_months, ltv_cac, "
        "retention_rate, first_touch_attainment, "
        "cadence_attainment, inquiry, mql, sal, won, inquiry_to_mql, inquiry_to_sal, "
        "inquiry_to_won, mql_to_sal, mql_to_won, sal_to_won.",
        id="an unknown KPI",
    ),
    pytest.param(
        "target: 0.25",
        "target: 0.25, weight: -1",
        "23, targets[0].weight: a weight is 0 or more, found '-1'.",
        id="a weight below 0",
    ),
    pytest.param(
        "kpi: mql_to_sal",
        "kpi: sal_to_mql",
        "23, targets[0].kpi: 'sal_to_mql' runs against the order of the funnel. Write mql_to_sal.",
        id="a conversion against the funnel",
    ),
    pytest.param(
        "target: 0.25",
        "target: 25",
        "23, targets[0].target: a rate lies between 0 and 1, found '25'. 25 % is written 0.25.",
        id="a target in per cent",
    ),
    pytest.param(
        "kpi: mql_to_sal, owners: [marketing, sales], target: 0.25",
        "kpi: leads, owners: [marketing], target: 190",
        "23, targets[0]: 'leads' needs a period. Write `per: week`, `per: month` or `per: quarter`.",
        id="a count without a period",
    ),
    pytest.param(
        "target: 0.25",
        "target: 0.25, per: week",
        "23, targets[0].per: a conversion is the same for any period. Remove `per`.",
        id="a rate with a period",
    ),
    pytest.param(
        "kpi: mql_to_sal, owners: [marketing, sales], target: 0.25",
        "kpi: leads, owners: [marketing], target: 190, per: week, within: 60 days",
        "23, targets[0].within: only a conversion (STAGE_to_STAGE) has a window. Remove `within`.",
        id="a window for a count",
    ),
    pytest.param(
        "owners: [marketing, sales], ",
        "",
        "23, targets[0].owners: this key is missing. Write for example `owners: [marketing]`.",
        id="a target without owners",
    ),
    pytest.param(
        "owners: [marketing, sales]",
        "owners: [marketing, finance]",
        "23, targets[0].owners[1]: 'finance' is not a team that signed. Teams: marketing, sales.",
        id="a target owned by nobody who signed",
    ),
    pytest.param(
        "kpi: mql_to_sal, owners: [marketing, sales], target: 0.25",
        "kpi: cac, owners: [marketing], target: 0",
        "23, targets[0].target: expected a number above 0, found '0'.",
        id="a target of nothing",
    ),
    pytest.param(
        "targets:\n",
        "targets:\n  - {kpi: mql_to_sal, owners: [sales], target: 0.3}\n",
        "24, targets[1]: the KPI 'mql_to_sal' has a target already. Keep one.",
        id="a KPI with two targets",
    ),
    pytest.param(
        "Europe/Berlin",
        "Europe/Berln",
        "4, calendar.zone: 'Europe/Berln' is not a time zone. Did you mean 'Europe/Berlin'? "
        "Write an IANA name such as Europe/Berlin or UTC.",
        id="an unknown time zone",
    ),
    pytest.param(
        "holidays: DE",
        "holidays: DEU",
        "4, calendar.holidays: holidays of 'DEU' are not known. Did you mean 'DE'? Write a "
        "two-letter country code such as DE or US, or a list of dates.",
        id="holidays of a country that does not exist",
    ),
    pytest.param(
        "holidays: DE",
        "holidays: US-XX",
        "4, calendar.holidays: 'XX' is not a part of US with holidays of its own. Parts: AK, "
        "AL, AR, AS, AZ, CA, CO, CT, DC, DE, FL, GA, GU, HI, IA, ID, IL, IN, KS, KY, LA, MA, "
        "MD, ME, MI, MN, MO, MP, MS, MT, NC, ND, NE, NH, NJ, NM, NV, NY, OH, OK, OR, PA, PR, "
        "RI, SC, SD, TN, TX, UM, UT, VA, VI, VT, WA, WI, WV, WY.",
        id="holidays of a part that does not exist",
    ),
    pytest.param(
        "mon-fri",
        "mo-fr",
        "4, calendar.hours.mo-fr: 'mo-fr' is not a day or a range of days. Write mon, tue, "
        "wed, thu, fri, sat, sun or mon-fri.",
        id="a day that does not exist",
    ),
    pytest.param(
        "09:00-17:00",
        "22:00-06:00",
        "4, calendar.hours.mon-fri[0]: '22:00-06:00' ends before it starts. Split hours over "
        "midnight: to 24:00, then from 00:00.",
        id="hours that end before they start",
    ),
    pytest.param(
        "09:00-17:00",
        "09:00-25:00",
        "4, calendar.hours.mon-fri[0]: '09:00-25:00' is not a time of day. Hours run from 00:00 to 24:00.",
        id="hours after midnight",
    ),
    pytest.param(
        "09:00-17:00",
        "9 to 5",
        "4, calendar.hours.mon-fri[0]: expected hours such as \"09:00-17:00\", found '9 to 5'.",
        id="hours that are no hours",
    ),
    pytest.param(
        '["09:00-17:00"]',
        '["09:00-13:00", "12:30-17:00"]',
        "4, calendar.hours.mon-fri: hours overlap or are out of order. List them from morning to evening.",
        id="hours that overlap",
    ),
    pytest.param(
        '{mon-fri: ["09:00-17:00"]}',
        '{mon-fri: ["09:00-17:00"], fri: ["09:00-15:00"]}',
        "4, calendar.hours.fri: the hours of 'fri' are given twice. Name each day once.",
        id="a day given twice",
    ),
    pytest.param(
        '["09:00-17:00"]',
        "[]",
        "4, calendar.hours: no day has hours. Name at least one day with hours.",
        id="a week without hours",
    ),
    pytest.param(
        "hours: {mon-fri",
        "regions: {Americas: {hours: {mon-fri: ['09:00-18:00']}}}, hours: {mon-fri",
        "4, calendar.regions.Americas.zone: this key is missing. Write for example `zone: Europe/Berlin`.",
        id="a region without a zone",
    ),
    pytest.param(
        "hours: {mon-fri",
        "regions: {Default: {zone: UTC, hours: {mon: ['09:00-18:00']}}}, hours: {mon-fri",
        "4, calendar.regions.Default: 'Default' names a calendar already (case is ignored). Name another "
        "region.",
        id="a region named default",
    ),
    pytest.param(
        "2026-07-01",
        "01.07.2026",
        "2, effective_from: expected a date such as 2026-07-01, found '01.07.2026'.",
        id="a date of another country",
    ),
    pytest.param(
        '"2026-07"',
        '"July 2026 / final"',
        "1, version: expected a version such as 2026-07, found 'July 2026 / final'.",
        id="a version that a path could not hold",
    ),
    pytest.param(
        "icp:",
        "currency: €\nicp:",
        "5, currency: expected a currency code such as EUR, found '€'.",
        id="a currency that is a sign",
    ),
    pytest.param(
        "sla:\n",
        "verdict: {horizon: 60 days, landmark: 7 days}\nsla:\n",
        "22, verdict: the key 'verdict' stands here twice (first in line 18). Keep one.",
        id="a key given twice",
    ),
    pytest.param(
        "recycled: {status: [Nurture]}}",
        "recycled: &x {status: [Nurture]}, lost: *x}",
        "15, exits.lost: an anchor is used again (`*name`). Write the value out where it holds.",
        id="an alias",
    ),
    pytest.param(
        "{marketing: VP Marketing, sales: VP Sales}",
        "",
        "3, approved_by: expected teams and who signed for them, such as {marketing: VP "
        "Marketing, sales: VP Sales}, found nothing.",
        id="nobody signed",
    ),
    pytest.param(
        "verdict: {horizon: 90 days, landmark: 14 days}",
        "verdict: [90 days, 14 days]",
        "21, verdict: expected the verdict with keys among horizon, landmark; found a list.",
        id="a list where keys were due",
    ),
    pytest.param(
        "within: 4 h",
        "within:",
        "19, sla[0].within: expected a duration such as 30 min, 4 h, 10 days or 2 weeks, found nothing.",
        id="a key without a value",
    ),
    pytest.param(
        "landmark: 14 days}",
        "landmark: 14 days, [a, b]: 1}",
        "21, verdict: a key must be a plain word, found a list or a mapping.",
        id="a list as a key",
    ),
    pytest.param(
        "version:",
        "- version:",
        "2: this is not valid YAML: expected <block end>, but found '?'.",
        id="a contract that is a list",
    ),
    pytest.param(
        "stages:\n",
        "stages: [\n",
        "7: this is not valid YAML: expected the node content, but found '-'.",
        id="no YAML",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), WRONG)
def test_a_wrong_contract_is_refused_with_file_line_key_and_what_would_do(
    write: Callable[..., Path], old: str, new: str, message: str
) -> None:
    path = write((old, new))
    with pytest.raises(InputError) as caught:
        load_contract(path)
    assert str(caught.value) == f"contracts/2026-07.yaml:{message}"
    assert caught.value.exit_code == 3


def test_a_file_that_is_not_utf_8_is_named(write: Callable[..., Path]) -> None:
    path = write()
    path.write_bytes("company: Müller".encode("latin-1"))
    with pytest.raises(
        InputError, match=r"^contracts/2026-07.yaml: the file is not UTF-8 text. Save it as UTF-8.$"
    ):
        load_contract(path)


def test_an_empty_file_is_named(write: Callable[..., Path]) -> None:
    path = write()
    path.write_text("# nothing yet\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"^contracts/2026-07.yaml: the file is empty. `funnel init` writes one"
    ):
        load_contract(path)


def test_control_characters_are_refused(write: Callable[..., Path]) -> None:
    path = write()
    path.write_text("version: \x01\n", encoding="utf-8")
    with pytest.raises(
        InputError, match=r"^contracts/2026-07.yaml: the file holds characters that YAML does not"
    ):
        load_contract(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"none.yaml: the file cannot be read \(No such file or directory\).$"
    ):
        load_contract(tmp_path / "none.yaml")
