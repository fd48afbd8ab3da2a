"""Label Studio as the review tool.

In: clips that a gateway kept. Out: tasks in Label Studio, reviewers who sign in and look at them, and every answer
of it searched."""
