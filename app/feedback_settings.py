"""Settings of feedback and its database."""

from pydantic import BaseModel, Field

from app.setting_types import DatabaseUrl


class FeedbackSettings(BaseModel):
    """Settings of feedback, a part of ``Settings``."""

    database_url: DatabaseUrl = Field(
        None,
        description="Database of feedback, `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/"
        "NAME`; without it `/v1/feedback` is off. Needs the extra `feedback`.",
    )
    database_seconds: float = Field(
        2.0,
        gt=0,
        le=60,
        description="Longest wait of a feedback request for the database; then it is answered with "
        "503.",
    )
    keep_originals: bool = Field(
        False,
        description="Whether pictures that are sent with feedback are kept as they were sent, too; "
        "the picture of 28x28 pixels is always kept.",
    )
    feedback_days: float | None = Field(
        None,
        gt=0,
        le=36_500,
        description="Days after its last label when feedback is deleted; by default it is kept "
        "until it is deleted by a request.",
    )
    feedback_recent: int = Field(
        4096,
        ge=1,
        le=1_000_000,
        description="Pictures of recent requests that each process keeps in memory, for feedback "
        "that names its request; only if a database is set.",
    )
