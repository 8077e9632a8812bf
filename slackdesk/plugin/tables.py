"""The base of a plugin's own tables."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from slackdesk.database import Base, UtcDateTime


def table_base(plugin: str) -> type[DeclarativeBase]:
    """The declarative base for the tables of the plugin of that name, all of which have to begin with ``<name>_``.

    Every table has a column ``revision``, which counts changes: a row that another change has reached first is not
    overwritten, the plugin's function is run again instead. Columns of datetimes are aware, in UTC.
    """

    class PluginBase(DeclarativeBase):
        __abstract__ = True
        metadata = MetaData(naming_convention=Base.metadata.naming_convention)
        type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}  # noqa: RUF012

        revision: Mapped[int] = mapped_column(default=1)

        @declared_attr.directive
        def __mapper_args__(cls) -> dict[str, Any]:
            return {"version_id_col": cls.__table__.c.revision} if hasattr(cls, "__table__") else {}

        def __init_subclass__(cls, **options: Any) -> None:
            name = cls.__dict__.get("__tablename__", "")
            if name and not name.startswith(f"{plugin}_"):
                raise TypeError(f"__tablename__ = {name!r}: tables of {plugin} begin with {plugin}_")
            super().__init_subclass__(**options)

    return PluginBase
