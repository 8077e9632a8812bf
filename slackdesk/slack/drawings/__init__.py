"""How everything that tickets say is drawn, by the names of the sends (``slackdesk.tickets.outgoing``)."""

from slackdesk.dispatch.runners import Drawing
from slackdesk.slack.drawings.answers import AnswerDrawing
from slackdesk.slack.drawings.card import CardDrawing
from slackdesk.slack.drawings.conversation import AgentsMessageDrawing, ReplyPendingDrawing, RequesterMessageDrawing
from slackdesk.slack.drawings.home import HomeDrawing
from slackdesk.slack.drawings.notices import AgentsNoticeDrawing, PersonNoticeDrawing, RequesterNoticeDrawing
from slackdesk.slack.drawings.requester import QuestionAnsweredDrawing, QuestionDrawing, RootDrawing, StubDrawing
from slackdesk.slack.extensions import Extensions

DRAWINGS: dict[str, Drawing] = {
    "card": CardDrawing(),
    "agents_message": AgentsMessageDrawing(),
    "agents_notice": AgentsNoticeDrawing(),
    "root": RootDrawing(),
    "stub": StubDrawing(),
    "requester_message": RequesterMessageDrawing(),
    "requester_notice": RequesterNoticeDrawing(),
    "question": QuestionDrawing(),
    "question_answered": QuestionAnsweredDrawing(),
    "person_notice": PersonNoticeDrawing(),
    "reply_pending": ReplyPendingDrawing(),
    "home": HomeDrawing(),
    "answer": AnswerDrawing(),
}
"""Every send that the core asks for; ``slackdesk.bootstrap`` hands them to the worker."""


def drawings_with(extensions: Extensions) -> dict[str, Drawing]:
    """The same, with what plugins add to cards and Homes, and what they promise."""
    return DRAWINGS | {
        "card": CardDrawing(extensions),
        "home": HomeDrawing(extensions),
        "root": RootDrawing(extensions),
        "requester_notice": RequesterNoticeDrawing(extensions),
    }
