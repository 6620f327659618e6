"""Tieout's own account on the sites is another one from now on: what it did before is still its own doing."""

from __future__ import annotations

from connector.connect import connect_confluence, connect_jira
from connector.sandbox.accounts import CONFLUENCE_USERS, JIRA_USERS
from connector.sandbox.jira.setup import ADMINS
from connector.session import Habits
from mappings.records import Side
from sync.polls import Polls
from sync.retry import Retry
from sync.sites import Sites
from sync.store import Store
from sync.sweep import Sweeps
from sync.worker import Worker
from tests.system.looks import second_run_writes, texts_on, versions
from tests.system.scenes import decided, submitted
from tests.system.world import CLARA, PRIYA, World

STEWARD, TOKEN = "steward@acme.example", "sandbox-token-steward"


def sign_in_as_another(world: World) -> None:
    """A new service account takes the old one's place, and everything is started again with its token."""
    world.site.add_account(
        account_id="712020:00000000-0000-4000-8000-000000000041",
        display_name="Steward",
        email=STEWARD,
        email_visible=True,
        time_zone="UTC",
        token=TOKEN,
        groups={JIRA_USERS, CONFLUENCE_USERS, ADMINS},
    )
    connection = world.rules.jira.model_copy(update={"user": STEWARD})
    habits = Habits(sleep=lambda _: None, jitter=lambda: 0.5)

    def sites() -> Sites:
        jira = connect_jira(connection, TOKEN, session=world.session, habits=habits)
        return Sites(jira, connect_confluence(connection, TOKEN, session=world.session, habits=habits), world.rules)

    world.sites = sites()
    world.worker = Worker(world.db, sites(), world.vault, name="second", retry=Retry(), chance=lambda: 0.5)
    world.polls, world.sweeps = Polls(world.db, world.sites), Sweeps(world.db, world.sites)


def test_what_the_account_before_said_and_attached_is_not_taken_for_somebody_elses(world: World) -> None:
    card = submitted(world)
    decided(world, "question: Is this the whole population?")
    world.person(PRIYA).comment_issue(card, "auditor: it is")
    world.settle()
    said = texts_on(world, card), world.person(CLARA).comments_of_page(world.page()["id"]), versions(world)
    sign_in_as_another(world)
    assert second_run_writes(world) == []
    now = texts_on(world, card), world.person(CLARA).comments_of_page(world.page()["id"]), versions(world)
    assert now == said
    with world.db.read() as conn:
        sides = [item.side for item in Store(conn).evidence.of([world.request().uid])[world.request().uid]]
    assert sides == [Side.JIRA]
