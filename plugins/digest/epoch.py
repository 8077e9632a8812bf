"""Instants as seconds since 1970: a summary reads hundreds of thousands, and numbers need no conversion."""

from typing import Any

from sqlalchemy import ColumnElement, Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction


class epoch(GenericFunction[float]):
    """Seconds since 1970 of an instant, to a tenth of a millisecond."""

    type = Float()
    inherit_cache = True
    name = "epoch"


@compiles(epoch)
def _standard(element: epoch, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST(EXTRACT(EPOCH FROM {compiler.process(_argument(element), **options)}) AS DOUBLE PRECISION)"


@compiles(epoch, "sqlite")
def _sqlite(element: epoch, compiler: SQLCompiler, **options: Any) -> str:
    return f"((julianday({compiler.process(_argument(element), **options)}) - 2440587.5) * 86400.0)"


def _argument(element: epoch) -> ColumnElement[Any]:
    (argument,) = element.clauses
    return argument
