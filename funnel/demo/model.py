"""The structural model: what truly drives a lead, in one page (docs/demo.md says it in words).

Intent drives score and hand-off; representative, region, hour and load drive follow-up; both, the outcome.
Every function takes and returns arrays, one element per lead or per pass of a lead.
"""

from __future__ import annotations

import numpy as np

from funnel.demo.chance import logistic
from funnel.demo.clock import CHANGE, Flags, Floats, Ints

LEAD_TYPES = ("demo request", "trial", "webinar", "content", "event")
TYPE_EFFECT = np.array([0.40, 0.20, 0.0, -0.20, 0.0])
INDUSTRY_EFFECT = np.array([0.25, 0.05, 0.0, -0.25, -0.45, -0.45, -0.6, -0.6])
PERSONA_EFFECT = np.array([0.15, 0.25, 0.10, -0.40, -1.4])
THRESHOLDS = (50, 60)


def size_effect(employees: Ints) -> Floats:
    """Return the effect of company size on intent: middle-sized companies buy best."""
    size = np.log(np.maximum(employees, 1) / 600.0)
    return 0.30 - 0.16 * size**2


def noticed_score(intent: Floats, noise: Floats, at: Ints) -> Ints:
    """Return the final lead score: a noisy view of intent; the scoring was redone at the change."""
    raw = 53.3 + 7.5 * intent + 10.0 * noise + np.where(at >= CHANGE, 7.0, 0.0)
    return np.clip(np.round(raw), 1, 100).astype(np.int64)


def threshold(at: Ints) -> Ints:
    """Return the score that the definition in force asks for."""
    return np.where(at >= CHANGE, THRESHOLDS[1], THRESHOLDS[0])


def p_never(neglect: Floats, off_hours: Flags, load: Floats, is_demo: Flags) -> Floats:
    """Return the probability that nobody works a hand-off; `load` is the week's volume over the usual."""
    return logistic(-2.25 + 0.40 * neglect + 0.45 * off_hours + 0.5 * np.log(load) - 0.7 * is_demo)


def touch_hours(
    noise: Floats, speed: Floats, region: Ints, off_hours: Flags, load: Floats, at: Ints
) -> Floats:
    """Return the working hours from assignment to first touch; faster since the stricter agreement."""
    usual = np.where(at >= CHANGE, np.log(0.80), np.log(1.70))
    return np.exp(usual + 0.35 * region + 0.45 * off_hours - 0.25 * speed + 0.6 * np.log(load) + 1.25 * noise)


def p_more(persistence: Floats, intent: Floats) -> Floats:
    """Return the probability that another attempt follows an unanswered one."""
    return logistic(1.05 + 0.25 * persistence + 0.15 * intent)


def effort(n_attempts: Ints, hours: Floats) -> Floats:
    """Return follow-up effort from 0 (never touched) to 1 (at once, and six attempts)."""
    worked = 0.55 * np.minimum(n_attempts, 6) / 6 + 0.45 * np.exp(-hours / 16.0)
    return np.where(n_attempts > 0, worked, 0.0)


def p_connected(intent: Floats, worked: Floats) -> Floats:
    """Return the probability that the person answers."""
    return logistic(-0.55 + 0.45 * intent + 1.9 * (worked - 0.45)) * (worked > 0)


def p_accepted(intent: Floats, connected: Flags, worked: Floats) -> Floats:
    """Return the probability that sales development accepts; a lead nobody touched is rarely accepted."""
    touched = logistic(0.62 + 0.45 * intent + 0.95 * connected)
    return np.where(worked > 0, touched, 0.08)


def p_sql(intent: Floats, worked: Floats, icp: Flags, large: Flags) -> Floats:
    """Return the probability that an accepted lead becomes sales qualified: intent, fit and effort.

    The effect of intent is curved, that of effort is half as strong again in large companies.
    """
    pull = 0.85 * intent - 0.10 * intent**2 + 0.7 * icp
    return logistic(-2.20 + pull + (2.4 + 1.2 * large) * (worked - 0.45)) * (worked > 0)


def p_opportunity(intent: Floats) -> Floats:
    """Return the probability that a sales qualified lead becomes an opportunity."""
    return logistic(0.22 + 0.3 * intent)


def p_won(intent: Floats, amount: Floats) -> Floats:
    """Return the probability that an opportunity is won; large deals are harder."""
    return logistic(-1.45 + 0.35 * intent - 0.35 * np.log(amount / 28_000.0))
