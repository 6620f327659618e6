"""The faults: each is one place in the product's source and what stands there instead. All are mistakes that somebody
has made in software like this (reference to the law each breaks in its own line)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake. `before` stands exactly once in `file`, and `after` in its place once the fault is planted."""

    name: str
    file: str
    before: str
    after: str
    found_by: str
    """The tests that must go red: a selection as pytest takes it."""


FAULTS: tuple[Fault, ...] = (
    Fault(
        "a base is moved before its write is known to have arrived",
        "sync/apply.py",
        "        self._jira.edit(action.issue_id, action.edit)\n"
        "        self._moved(action, LinkRole.ISSUE, Moves(action.said, action.theirs))\n",
        "        self._moved(action, LinkRole.ISSUE, Moves(action.said, action.theirs))\n"
        "        self._jira.edit(action.issue_id, action.edit)\n",
        "tests/system/test_faults_writing.py",
    ),
    Fault(
        "a create of unknown outcome is tried again without a look",
        "sync/create_issues.py",
        "                    begun.append(_Begun(action, link))\n",
        "                    fresh.append(_Begun(action, link))\n",
        "tests/system/test_faults_creating.py::test_a_create_of_unknown_outcome_ends_in_one_object",
    ),
    Fault(
        "a page that was renamed before its create was known is made again",
        "sync/create_pages.py",
        "        pages = [page for page in made if action.record in page.body]\n",
        "        pages = made[:0]\n",
        "tests/system/test_faults_creating.py -k renames",
    ),
    Fault(
        "a comment stays that another has said while its worker slept right before the call",
        "sync/apply.py",
        "            if own:\n",
        "            if False and own:\n",
        "tests/system/test_once.py -k another_has_said",
    ),
    Fault(
        "a request whose review is late escalates nobody",
        "mappings/ladder.py",
        "or not has_tasks or is_reviewed(record)\n",
        "or not has_tasks\n",
        "tests/mappings/test_climbing.py",
    ),
    Fault(
        "a worker's death is counted for no key",
        "sync/work_statements.py",
        "            crashes=_c.crashes + case((how_many == 1, 1), else_=0),\n",
        "            crashes=_c.crashes,\n",
        "tests/sync/test_work_failing.py",
    ),
    Fault(
        "a create of unknown outcome is looked up at once and not after it must have happened",
        "sync/intents.py",
        "    if now < settles_at:\n",
        "    if False and now < settles_at:\n",
        "tests/system/test_faults_creating.py",
    ),
    Fault(
        "a worker finishes a key that is not its own any more",
        "sync/work_statements.py",
        '_is_held = and_(_c.key == bindparam("its_key"), _c.fence == bindparam("its_fence"), '
        "_c.lease_owner.is_not(None))\n",
        '_is_held = and_(_c.key == bindparam("its_key"), bindparam("its_fence") > 0)\n',
        "tests/sync/test_work.py",
    ),
    Fault(
        "an event that comes during the run counts as settled by it",
        "sync/work_statements.py",
        "FINISH = _finished.values(due_at=case((_c.wanted > _c.claimed, _c.run_at), else_=null()))\n",
        "FINISH = _finished.values(due_at=null())\n",
        "tests/sync/test_work.py",
    ),
    Fault(
        "a poll begins exactly where the last one ended",
        "sync/polls.py",
        "ask(newest - OVERLAP if newest else",
        "ask(newest if newest else",
        "tests/system/test_polls.py",
    ),
    Fault(
        "a comment is posted without keeping first that it is about to be",
        "sync/once.py",
        "        begin(conn, db.now(conn))\n",
        "        pass\n",
        "tests/system/test_once.py",
    ),
    Fault(
        "a webhook is answered although it could not be stored",
        "webhooks/door.py",
        '            return Outcome.NOT_STORED, facts | {"error": str(trouble)}\n',
        '            return Outcome.KEPT, facts | {"error": str(trouble)}\n',
        "tests/webhooks/test_door.py",
    ),
    Fault(
        "after a 429 only the worker that met it waits",
        "sync/limits.py",
        "        self._push(SITES, after_s)\n",
        "        self._push(SITES, 0)\n",
        "tests/system/test_faults_sites.py",
    ),
    Fault(
        "who collected the evidence may review it",
        "mappings/roles.py",
        " or (account_id in collectors and not is_auditor):\n",
        ":\n",
        "tests/mappings/test_roles.py",
    ),
    Fault(
        "a step of the ladder is taken without remembering it",
        "sync/intake.py",
        "        store.steps.add(fired.record, fired.due_version, fired.name, ctx.now)\n",
        "        pass\n",
        "tests/system/test_escalation.py",
    ),
    Fault(
        "a write is kept and not journaled",
        "sync/apply.py",
        '            self._journal(conn, action, f"{role} written", (is_same and link.key) or there)\n',
        "            pass\n",
        "tests/system/test_crash_at_every_step.py",
    ),
    Fault(
        "a page is written over the version somebody else has just made",
        "connector/confluence_write.py",
        '    return shapes.page_view(wire.put("/wiki/api/v2/pages/{page}", path={"page": page_id}, json=wanted), '
        "wiki_url)\n",
        "    for _ in range(9):\n"
        "        try:\n"
        '            answer = wire.put("/wiki/api/v2/pages/{page}", path={"page": page_id}, json=wanted)\n'
        "        except Exception as error:\n"
        '            if "409" not in str(error):\n'
        "                raise\n"
        '            wanted["version"]["number"] += 1\n'
        "        else:\n"
        "            return shapes.page_view(answer, wiki_url)\n",
        "tests/system/test_faults_writing.py",
    ),
    Fault(
        "what was said inside the company is copied to the auditor",
        "mappings/hearing.py",
        "        return heard.text, Visibility.INTERNAL\n",
        "        return heard.text, Visibility.AUDITOR\n",
        "tests/system/test_both_ways.py",
    ),
    Fault(
        "a counterpart that cannot be seen is made again",
        "sync/planner.py",
        "(link is None or link.state is LinkState.PENDING)\n",
        "(link is None or link.state is not LinkState.LIVE)\n",
        "tests/system/test_both_ways.py",
    ),
    Fault(
        "records of an import go before the polls",
        "sync/worker.py",
        "        for up_to in sorted({lane, last_lane}):\n",
        "        for up_to in [last_lane]:\n",
        "tests/system/test_polls.py -k keeps_no_poll",
    ),
    Fault(
        "only a 429 holds the workers, and not a site that says for how long it is down",
        "connector/session.py",
        "        if status == UNAVAILABLE and asked_s:\n",
        "        if False and asked_s:\n",
        "tests/system/test_fleet_limits.py -k down_for",
    ),
    Fault(
        "a record lies dead and nobody is told",
        "sync/watch.py",
        "        tell_dead(conn, died, db.now(conn))\n",
        "        pass\n",
        "tests/system/test_out_of_step.py -k workers_died",
    ),
)
