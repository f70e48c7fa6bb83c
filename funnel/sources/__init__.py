"""Where data comes from: a folder for each source, and the staging tables that they fill.

A source folder holds `source.yaml` (which files, their keys, types) and one SQL file per staging table.
"""

from __future__ import annotations

from funnel.contract import FIELDS as ATTRIBUTES
from funnel.sources.find import describe_sources, find_source, list_sources
from funnel.sources.names import snake
from funnel.sources.read import read_source
from funnel.sources.scaffold import scaffold
from funnel.sources.schema import SCHEMA, STAGING, StagingTable
from funnel.sources.source import COMPANY_ZONE, TYPES, ColumnType, Csv, Source, SourceTable, StagingSql
from funnel.sources.staging import create_staging

__all__ = [
    "ATTRIBUTES",
    "COMPANY_ZONE",
    "SCHEMA",
    "STAGING",
    "TYPES",
    "ColumnType",
    "Csv",
    "Source",
    "SourceTable",
    "StagingSql",
    "StagingTable",
    "create_staging",
    "describe_sources",
    "find_source",
    "list_sources",
    "read_source",
    "scaffold",
    "snake",
]
