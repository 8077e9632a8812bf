"""What is wrong with a desk, where, how bad it is, and what to do: `slackdesk doctor` and `/desk doctor`.

``examination`` looks at all parts at once, each by itself, so that one that is away hides no other: ``machine``,
``database`` (and in it ``delivery`` and the policy in force, ``policy``), ``redis_server``, ``tokens``, and what the
policy names in Slack, ``workspace`` looked up and ``names`` judged. ``finding`` is what they all say it with.
"""
