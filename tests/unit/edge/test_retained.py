"""What the broker must be told, and when again."""

from edge.retained import RetainedTopics


def test_only_the_newest_word_on_a_topic_is_told_and_only_once() -> None:
    topics = RetainedTopics()
    topics.keep("health", b"old")
    topics.keep("health", b"new")
    topics.keep("cameras", b"all")
    assert topics.take_unsaid() == {"health": b"new", "cameras": b"all"}
    assert topics.take_unsaid() == {}


def test_a_new_connection_is_told_everything_again() -> None:
    topics = RetainedTopics()
    topics.keep("health", b"new")
    topics.take_unsaid()
    topics.forget_what_was_said()
    assert topics.take_unsaid() == {"health": b"new"}
