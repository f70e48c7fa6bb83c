"""The audit of a disputed batch: its population, the verdict, and the evidence for both sides.

`funnel.audit(con, batch)` returns an `Audit`, a frozen record whose fields are the tables.
"""
