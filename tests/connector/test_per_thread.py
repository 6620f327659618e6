"""Each thread has a client of its own, and keeps it."""

import threading

from connector.per_thread import PerThread


def test_a_thread_keeps_what_was_made_for_it_and_shares_it_with_none() -> None:
    mine: PerThread[object] = PerThread(object)
    seen: list[tuple[object, object]] = []
    threads = [threading.Thread(target=lambda: seen.append((mine(), mine()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(first is second for first, second in seen)
    assert len({id(first) for first, _ in seen} | {id(mine())}) == 5
