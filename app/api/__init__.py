"""For the widget and integrators: reads standings, answers in JSON."""
