"""Publish: a release → configs and secrets of a swarm, and the proxies' service rolled over to them. Beside the chain:
what `apply` does for one proxy in a directory, this does for the tasks of a service.

    release      the world → a bundle that was checked, as the tasks will read it
    pieces       its files → what the swarm keeps, each named by its content
    described    a service's description + pieces → the description that it should have
    cluster      the manager's calls
    publication  all of these → what would change; carried out
    rollout      the update → followed until Swarm is through, or back

Swarm starts each task with the new files, waits for its health check, and goes back to the old description by itself
when a new task fails. Nothing is written over; what no description of the service names any more is removed last.
"""
