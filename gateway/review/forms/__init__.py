"""The data that people send to the review tool and get from it.

In: forms and JSON. Out: checked shapes, answers, and the word that takes a withdrawal back."""
