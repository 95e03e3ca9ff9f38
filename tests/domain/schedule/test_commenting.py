from domain.errors import Forbidden, IllegalTransition, NotFound
from domain.events import Actor, CommentAcknowledged, CommentAdded, CommentEdited, CommentRemoved
from domain.schedule import commenting
from domain.schedule.state import replay
from tests.domain.schedule.test_planning import DRAFTED, OPENED
from tests.spec import ACTOR, NOW, STREAM, given, ids, recorded

new_id = ids()
WORDS, AFTER = new_id("comment"), new_id("comment")
PLANNER = Actor("user_01jd000000e008000000000bob", "Bob Planner")


def says(comment_id: str = WORDS, subject: str = STREAM) -> CommentAdded:
    return CommentAdded(comment_id=comment_id, subject_id=subject, text="Later, please")


SAID = (OPENED, DRAFTED, says())
SEEN = CommentAcknowledged(comment_id=WORDS)
BY_THE_STUDIO = {"by": PLANNER.id, "of_client": True}


def test_what_the_client_said_is_acknowledged_once() -> None:
    given(*SAID).when(commenting.acknowledge, WORDS, **BY_THE_STUDIO).then(SEEN)
    given(*SAID, SEEN).when(commenting.acknowledge, WORDS, **BY_THE_STUDIO).then()
    given(*SAID, SEEN, says(AFTER)).when(commenting.acknowledge, WORDS, **BY_THE_STUDIO).then()


def test_only_what_waits_for_the_studio_is_acknowledged() -> None:
    given(*SAID).when(commenting.acknowledge, WORDS, by=PLANNER.id, of_client=False).refused(
        IllegalTransition
    )
    given(*SAID, says(AFTER)).when(commenting.acknowledge, WORDS, **BY_THE_STUDIO).refused(IllegalTransition)
    elsewhere = says(AFTER, subject="show_tea")
    given(*SAID, elsewhere).when(commenting.acknowledge, WORDS, **BY_THE_STUDIO).then(SEEN)
    taken_back = (says(AFTER), CommentRemoved(comment_id=AFTER))
    given(*SAID, *taken_back).when(commenting.acknowledge, WORDS, **BY_THE_STUDIO).then(SEEN)


def test_nobody_acknowledges_their_own_words_or_removed_ones() -> None:
    given(*SAID).when(commenting.acknowledge, WORDS, by=ACTOR.id, of_client=True).refused(
        Forbidden, needs="somebody else"
    )
    removed = given(*SAID, CommentRemoved(comment_id=WORDS))
    removed.when(commenting.acknowledge, WORDS, **BY_THE_STUDIO).refused(NotFound)
    given(*SAID).when(commenting.acknowledge, AFTER, **BY_THE_STUDIO).refused(NotFound)


def test_a_comment_says_who_has_seen_it_until_it_is_said_otherwise() -> None:
    plan = replay([*recorded(SAID), *recorded([*SAID, SEEN], by=PLANNER)[-1:]])
    assert plan is not None
    comment = plan.comments[WORDS]
    assert (comment.acknowledged_by, comment.acknowledged_at, comment.version) == (PLANNER.id, NOW, 1)
    edited = replay(recorded([*SAID, SEEN, CommentEdited(comment_id=WORDS, text="Much later")]))
    assert edited is not None
    assert (edited.comments[WORDS].acknowledged_by, edited.comments[WORDS].acknowledged_at) == (None, None)
