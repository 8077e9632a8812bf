"""The policy of the desk: from the reviewed file slackdesk.toml to what is in force.

``file`` is the shape of the file, ``reading`` reads it and ``checks`` compares its sections; ``directory`` reads the
workspace and ``resolution`` replaces names by ids; ``model`` is the result and its tables, ``store`` keeps it in SQL;
``difference`` tells two policies apart.
"""
