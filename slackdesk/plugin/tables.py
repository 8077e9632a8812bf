"""What a plugin's own tables have in common."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from slackdesk.database import Base, UtcDateTime


class OwnTables:
    """Mixed into the declarative base of a plugin: ``class Base(OwnTables, DeclarativeBase): …``.

    The tables have to begin with ``<name of the plugin>_``. Every table has a column ``revision``, which counts
    changes: a row that another change has reached first is not overwritten, the plugin's function is run again
    instead. Columns of datetimes are aware, in UTC.
    """

    revision: Mapped[int] = mapped_column(default=1)

    def __init_subclass__(cls, **options: Any) -> None:
        if DeclarativeBase in cls.__bases__:
            cls.metadata = MetaData(naming_convention=Base.metadata.naming_convention)  # type: ignore[attr-defined]
            annotations = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON}
            cls.type_annotation_map = annotations  # type: ignore[attr-defined]
        super().__init_subclass__(**options)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        table = getattr(cls, "__table__", None)
        return {} if table is None else {"version_id_col": table.c.revision}
