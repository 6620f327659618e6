"""How much memory Tieout takes: a worker in a process of its own, with the site's state left behind in this one."""

import json
import subprocess
import sys

from bench.company import TASKS_EACH, add_families, family
from connector.sandbox.seed import BOT_TOKEN
from connector.sandbox.serve import running
from tests.system.world import SITE, World

NEW_REQUESTS = 70
"""With their tasks a little more than a worker takes at a time."""
MB = 1024 * 1024


def peak_of_tieout(world: World, first_new: int) -> tuple[float, float]:
    """Peak and beginning, in MB, of a worker that looks at all records and mirrors NEW_REQUESTS more."""
    add_families(world.db, [family(first_new + place, TASKS_EACH) for place in range(NEW_REQUESTS)])
    with running(world.site, pump=False) as address:
        world.site.base_url = SITE  # what stands on pages and issues stays as it was
        told = {
            "database": world.db.url,
            "now": world.clock.now().isoformat(),
            "rules": world.rules.model_dump_json(),
            "site": SITE,
            "address": address,
            "token": BOT_TOKEN,
        }
        command = [sys.executable, "-m", "bench.memory_worker"]
        done = subprocess.run(command, check=True, input=json.dumps(told), stdout=subprocess.PIPE, text=True)
    said = json.loads(done.stdout)
    return said["peak"] / MB, said["bare"] / MB
