"""Exercises: tasks that check themselves, and what runs and watches a learner's script.

A learner's script never runs in the process of the page. `watcher` is the program around it.
"""
