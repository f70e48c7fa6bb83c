"""The marketing-to-sales funnel, modelled once and told every week with evidence."""

from __future__ import annotations
