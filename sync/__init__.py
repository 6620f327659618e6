"""What is remembered, what is due, and the loop that brings the three sides together.

Here: tables, store, work, journal, engine, polls, sweep, worker, scheduler. What it needs of the far sides it
says as protocols (`sync.ports`). Never here: HTTP, Atlassian's wire, settings.
"""
