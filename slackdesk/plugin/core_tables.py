"""Tables of the core that plugins may read by SQL of their own; docs/plugins.md says which columns may be relied on."""

from typing import cast

from sqlalchemy import Table

from slackdesk.tickets.model import HistoryEntry, Ticket, TicketMessage, TierStay

ticket_table = cast(Table, Ticket.__table__)
"""Every ticket."""

history_table = cast(Table, HistoryEntry.__table__)
"""Everything that happened to tickets."""

tier_stay_table = cast(Table, TierStay.__table__)
"""Every stay of a ticket in a tier."""

ticket_message_table = cast(Table, TicketMessage.__table__)
"""Both sides of the conversations."""
