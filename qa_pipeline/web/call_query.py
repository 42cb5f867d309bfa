"""What a person or a program looks for among the calls, as it stands in the URL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from qa_pipeline.days import beginning, end
from qa_pipeline.review.search import search_phrases
from qa_pipeline.store.call_filter import CallFilter, PageStart
from qa_pipeline.store.listings import ListedCall
from qa_pipeline.types import CallStatus, CallType, Grade, Layout, ReviewState


def nothing(value: Any) -> Any:
    """A field of a form that was left empty asks for nothing."""
    return None if isinstance(value, str) and not value.strip() else value


Text = Annotated[Annotated[str, Field(max_length=200)] | None, BeforeValidator(nothing)]

OPEN_STATES = (
    ReviewState.WAITING,
    ReviewState.IN_REVIEW,
    ReviewState.AWAITS_SECOND,
    ReviewState.CONFLICT,
)
"""What still needs somebody."""

MINE, NOBODY = "me", "nobody"


class CallQuery(BaseModel):
    """Filters, search and the place in the list; every field may be left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    q: Annotated[
        Text, Field(description="Words that were said; white space parts them, all must be found.")
    ] = None
    since: Annotated[date | None, BeforeValidator(nothing), Field(description="First day of the call.")] = (
        None
    )
    until: Annotated[date | None, BeforeValidator(nothing), Field(description="Last day of the call.")] = None
    agent: Annotated[Text, Field(description="Staff number of the agent.")] = None
    team: Text = None
    category: Annotated[Text, Field(description="Violation id of a finding, such as threat.arrest.")] = None
    grade: Annotated[Grade | None, BeforeValidator(nothing)] = None
    status: Annotated[CallStatus | None, BeforeValidator(nothing)] = None
    layout: Annotated[Layout | None, BeforeValidator(nothing)] = None
    type: Annotated[CallType | None, BeforeValidator(nothing)] = None
    state: Annotated[ReviewState | None, BeforeValidator(nothing)] = None
    view: Annotated[
        Literal["open", "all"] | None,
        BeforeValidator(nothing),
        Field(description="open: what still needs somebody; all."),
    ] = None
    assigned: Annotated[Text, Field(description="me, nobody, or the name of an account.")] = None
    after: Annotated[
        Annotated[str, Field(max_length=600)] | None,
        BeforeValidator(nothing),
        Field(description="`next` of the page before; the first page when left out."),
    ] = None

    def filter(self, *, name: str, timezone: str, view: str) -> CallFilter:
        """The same for the store.

        Args:
            name: of the account that asks.
            timezone: whose days are meant.
            view: where the query names none.
        """
        zone = ZoneInfo(timezone)
        states = OPEN_STATES if (self.view or view) == "open" and self.assigned is None else ()
        return CallFilter(
            since=beginning(self.since, zone),
            until=end(self.until, zone),
            agent_id=self.agent,
            team=self.team,
            category=self.category,
            grade=self.grade,
            status=self.status,
            layout=self.layout,
            call_type=self.type,
            states=(self.state,) if self.state else states,
            assigned_to={MINE: name, NOBODY: ""}.get(self.assigned or "", self.assigned),
            phrases=search_phrases(self.q or ""),
        )

    @property
    def start(self) -> PageStart | None:
        """Where the page begins.

        Raises:
            ValueError: `after` is not what a page gave out.
        """
        if self.after is None:
            return None
        priority, _, call_id = self.after.partition("_")
        return PageStart(priority=float(priority), call_id=call_id)

    @property
    def narrowed(self) -> bool:
        """Whether any of the filters beside the search is set."""
        fields = ("since", "until", "agent", "team", "category", "grade", "status", "layout", "type")
        return any(getattr(self, name) is not None for name in fields)

    def url(self, path: str = "/", **changes: object) -> str:
        """The address of this query with some fields changed; without `after` unless it is given."""
        fields: Mapping[str, object] = self.model_dump(mode="json", exclude_defaults=True, exclude={"after"})
        query = {key: value for key, value in {**fields, **changes}.items() if value not in (None, "")}
        return f"{path}?{urlencode(query, errors='backslashreplace')}" if query else path


class CallAddress(CallQuery):
    """The address of a call: the view that it was opened from, so that the next one comes from there too."""

    unmasked: bool = False

    @property
    def view_of_queue(self) -> CallQuery:
        """The view alone."""
        return CallQuery(**self.model_dump(exclude={"unmasked"}))


class CallListQuery(CallQuery):
    """A page of calls for a program, which says how many it takes at once."""

    limit: Annotated[int, Field(ge=1, le=200)] = 50


def next_start(call: ListedCall) -> str:
    """What the next page is asked for by, after this call."""
    return f"{call.priority!r}_{call.call_id}"
