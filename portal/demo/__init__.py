"""The demo: four real communities with made-up figures, people of every role, two posted months, one open."""
