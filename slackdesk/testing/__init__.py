"""For authors of plugins: a desk to try them on, and the checks that every plugin has to pass."""
