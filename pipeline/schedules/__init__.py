"""Renders the unit that starts the weekly job: a cron line, systemd units, a GitHub workflow, a CronJob.

In: where the workspace, the command and the file of variables are. Out: files as text. Touches: nothing.
Never: starts anything; approves or publishes, or prints a unit that does. Why: a job that nobody
watches fails by its surroundings, so they are written once and tested.
"""
