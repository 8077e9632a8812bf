"""A simulated fortnight, and a model of the written rules that shares no code with the plugin."""
