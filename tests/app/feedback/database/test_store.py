"""The store of feedback, in SQLite and in PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, select, update

from app.feedback.database.store import FeedbackStore
from app.feedback.database.tables import LABELS, PICTURES
from tests.app.feedback.pictures import ANSWER, labelled


def count(engine: Engine) -> tuple[int, int]:
    """Return the number of pictures and of labels."""
    with engine.connect() as connection:
        pictures = connection.execute(select(func.count()).select_from(PICTURES)).scalar_one()
        labels = connection.execute(select(func.count()).select_from(LABELS)).scalar_one()
    return pictures, labels


def age(engine: Engine, feedback_id: str, days: float) -> None:
    """Make feedback older."""
    then = datetime.now(UTC) - timedelta(days=days)
    with engine.begin() as connection:
        where = PICTURES.c.id == feedback_id
        connection.execute(update(PICTURES).where(where).values(updated=then))


def test_what_is_stored_is_returned(engine: Engine) -> None:
    """Picture, label, answer, request and original come back as they were given."""
    store, given = FeedbackStore(engine), labelled(None, 3, original=b"a file")
    before = datetime.now(UTC)

    added = store.add(given)
    got = store.get(added.feedback.id)

    assert added.is_new
    assert got is not None
    assert got.picture == given
    assert got.has_original
    assert before - timedelta(seconds=1) < got.created == got.updated < datetime.now(UTC)
    assert [(one.label, one.answer) for one in got.labels] == [(given.label, ANSWER)]


def test_a_picture_is_stored_once(engine: Engine) -> None:
    """The same label again changes nothing; another one replaces it, and the history has both."""
    store = FeedbackStore(engine)

    outcomes = [store.add(labelled(digit)) for digit in (4, 4, 9, None)]

    assert [one.is_new for one in outcomes] == [True, False, True, True]
    assert len({one.feedback.id for one in outcomes}) == 1
    assert [one.label.digit for one in outcomes[-1].feedback.labels] == [4, 9, None]
    assert outcomes[-1].feedback.picture.label.digit is None
    assert count(engine) == (1, 3)


def test_the_answer_of_another_version_is_a_label_of_its_own(engine: Engine) -> None:
    """Otherwise the mistakes of the new version would not be known; its confidence is no matter."""
    store = FeedbackStore(engine)
    for answer in (
        ANSWER,
        ANSWER._replace(version="6"),
        ANSWER._replace(version="6", confidence=0),
    ):
        added = store.add(labelled(4, answer=answer))

    assert not added.is_new
    assert [one.answer.version for one in added.feedback.labels] == ["5", "6"]


def test_an_original_is_added_later_and_kept(engine: Engine) -> None:
    """Feedback by request id has none; the picture may be sent afterwards."""
    store = FeedbackStore(engine)

    first = store.add(labelled(4))
    second = store.add(labelled(4, original=b"file"))
    third = store.add(labelled(5))

    got = store.get(first.feedback.id)
    assert [one.feedback.has_original for one in (first, second, third)] == [False, True, True]
    assert got is not None
    assert got.picture.original == b"file"


def test_the_same_picture_from_many_threads_is_stored_once(engine: Engine) -> None:
    """None fails, and none of the labels is lost."""
    store = FeedbackStore(engine)
    with ThreadPoolExecutor(2) as pool:
        added = list(pool.map(lambda digit: store.add(labelled(digit)), [1, 2] * 10))

    assert len({one.feedback.id for one in added}) == 1
    assert count(engine) == (1, sum(one.is_new for one in added))


def test_pages_are_in_order_and_complete(engine: Engine) -> None:
    """A page continues after the number of the one before, also after a deletion."""
    store = FeedbackStore(engine)
    ids = [store.add(labelled(1, grey)).feedback.id for grey in range(5)]

    first = store.page(0, 2)
    store.delete(ids[1])
    rest = store.page(first[-1].number, 10)

    assert [one.id for one in (*first, *rest)] == ids
    assert [one.id for one in store.all()] == [ids[0], *ids[2:]]


def test_deleted_feedback_is_gone_with_its_history(engine: Engine) -> None:
    """The second deletion finds nothing."""
    store = FeedbackStore(engine)
    kept, gone = (store.add(labelled(1, grey)).feedback.id for grey in (1, 2))

    outcomes = [store.delete(gone), store.delete(gone)]

    assert outcomes == [True, False]
    assert (store.get(gone), count(engine)) == (None, (1, 1))
    assert store.get(kept) is not None


def test_old_feedback_is_not_shown_and_is_purged(engine: Engine) -> None:
    """After `days` from its last label; a new label begins them again."""
    store = FeedbackStore(engine, days=30)
    old, new = (store.add(labelled(1, grey)).feedback.id for grey in (1, 2))
    for one in (old, new):
        age(engine, one, 31)
    store.add(labelled(2, 2))

    shown = [one.id for one in store.page(0, 10)]

    assert (shown, store.get(old)) == ([new], None)
    assert count(engine) == (2, 3)
    assert (store.purge(), store.purge(), count(engine)) == (1, 0, (1, 2))
    assert FeedbackStore(engine).purge() == 0


def test_an_export_streams_originals_one_by_one(engine: Engine) -> None:
    """Without being asked for, they are not read."""
    store = FeedbackStore(engine)
    for grey in range(3):
        store.add(labelled(1, grey, original=b"file" if grey else None))

    plain = [one.picture.original for one in store.all()]
    originals = [one.picture.original for one in store.all(with_originals=True)]

    assert plain == [None, None, None]
    assert originals == [None, b"file", b"file"]
