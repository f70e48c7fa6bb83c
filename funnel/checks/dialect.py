"""DuckDB for Great Expectations: a small SQLAlchemy dialect over one live connection.

Great Expectations has no DuckDB backend and takes a connection string only. So a live connection is lent
under a name (`lend`), and the string `funnelduckdb://<name>/<schema>` leads back to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import duckdb
from sqlalchemy import text, types
from sqlalchemy.dialects import registry
from sqlalchemy.engine import Connection
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.url import URL

NAME = "funnelduckdb"

# SQLAlchemy looks these names up on the driver's module; duckdb has no InterfaceError.
_DRIVER = SimpleNamespace(
    paramstyle="qmark",
    Error=duckdb.Error,
    InterfaceError=duckdb.Error,
    DatabaseError=duckdb.DatabaseError,
    DataError=duckdb.DataError,
    OperationalError=duckdb.OperationalError,
    IntegrityError=duckdb.IntegrityError,
    InternalError=duckdb.InternalError,
    ProgrammingError=duckdb.ProgrammingError,
    NotSupportedError=duckdb.NotSupportedError,
)

_TYPES: dict[str, type[types.TypeEngine[Any]]] = {
    "BOOLEAN": types.Boolean,
    "TINYINT": types.SmallInteger,
    "SMALLINT": types.SmallInteger,
    "INTEGER": types.Integer,
    "BIGINT": types.BigInteger,
    "HUGEINT": types.Numeric,
    "DOUBLE": types.Float,
    "FLOAT": types.Float,
    "DECIMAL": types.Numeric,
    "DATE": types.Date,
    "TIMESTAMP": types.DateTime,
}

_lent: dict[str, tuple[duckdb.DuckDBPyConnection, str]] = {}


@contextmanager
def lend(con: duckdb.DuckDBPyConnection, catalog: str) -> Iterator[str]:
    """Lend a live connection for the block; yields the name under which `url` finds it."""
    name = f"c{id(con):x}"
    _lent[name] = (con, catalog)
    try:
        yield name
    finally:
        del _lent[name]


def url(name: str, schema: str) -> str:
    """Return the connection string that leads to a lent connection and sees `schema` without naming it."""
    return f"{NAME}://{name}/{schema}"


class _Cursor:
    """One statement on a DuckDB cursor of its own: rows stay readable after the connection was given back."""

    arraysize = 1

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self.rowcount = -1
        self.description: Sequence[Any] | None = None

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        self._con.execute(sql, list(parameters))
        self.description = self._con.description

    def fetchone(self) -> Any:
        return self._con.fetchone()

    def fetchmany(self, size: int = 1) -> list[Any]:
        return self._con.fetchmany(size)

    def fetchall(self) -> list[Any]:
        return self._con.fetchall()

    def close(self) -> None:
        """Leave the rows: they go with the cursor, which nobody else holds."""


class _Connection:
    """What SQLAlchemy takes for a driver's connection; nothing is committed, the warehouse is read-only."""

    def __init__(self, con: duckdb.DuckDBPyConnection, search_path: str) -> None:
        self._con = con
        self._search_path = search_path

    def cursor(self) -> _Cursor:
        con = self._con.cursor()
        con.execute("set search_path = ?", [self._search_path])
        return _Cursor(con)

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def close(self) -> None: ...


class Dialect(DefaultDialect):
    """What Great Expectations needs of a dialect: to connect, and the columns and tables of a schema."""

    name = NAME
    driver = "live"
    default_paramstyle = "qmark"
    supports_native_boolean = True
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        """Return what SQLAlchemy takes for the driver's module."""
        return _DRIVER

    def create_connect_args(self, url: URL) -> Any:
        """Return the name of the lent connection and the schema."""
        return [url.host, url.database], {}

    def connect(self, *arguments: Any, **_: Any) -> Any:
        """Return the lent connection; KeyError when it was taken back."""
        con, catalog = _lent[arguments[0]]
        self.default_schema_name = arguments[1]
        return _Connection(con, f"{catalog}.{arguments[1]}")

    def initialize(self, connection: Connection) -> None:
        """Ask the database nothing: all that SQLAlchemy would find out is stated above."""

    def get_schema_names(self, connection: Connection, **_: Any) -> list[str]:
        """Return the one schema that this connection is for."""
        return [self.default_schema_name or "main"]

    def get_table_names(self, connection: Connection, schema: str | None = None, **_: Any) -> list[str]:
        """Return the tables of a schema, ordered by name."""
        asked = text("select table_name from duckdb_tables() where schema_name = :schema order by table_name")
        return list(connection.scalars(asked, {"schema": schema or self.default_schema_name}))

    def get_view_names(self, connection: Connection, schema: str | None = None, **_: Any) -> list[str]:
        """Return the views of a schema, ordered by name."""
        asked = text("select view_name from duckdb_views() where schema_name = :schema order by view_name")
        return list(connection.scalars(asked, {"schema": schema or self.default_schema_name}))

    def has_table(self, connection: Connection, table_name: str, schema: str | None = None, **_: Any) -> bool:
        """Say whether a table or view of this name is there."""
        names = self.get_table_names(connection, schema) + self.get_view_names(connection, schema)
        return table_name in names

    def get_columns(
        self, connection: Connection, table_name: str, schema: str | None = None, **_: Any
    ) -> list[ReflectedColumn]:
        """Return name and type of each column, in order."""
        asked = text(
            "select column_name, data_type from duckdb_columns() "
            "where schema_name = :schema and table_name = :table order by column_index"
        )
        found = connection.execute(asked, {"schema": schema or self.default_schema_name, "table": table_name})
        return [_reflected(name, kind) for name, kind in found]


def _reflected(name: str, kind: str) -> ReflectedColumn:
    of = _TYPES.get(kind.split("(", maxsplit=1)[0], types.String)
    return {"name": name, "type": of(), "nullable": True, "default": None}


registry.register(NAME, __name__, "Dialect")
