"""What people of each role may do in the review tool, without pages and routes.

In: a signed-in session, a clip and what the person said of it. Out: what they may see, or the fault that refuses them.
Each deed stands in the audit log. `roles.py` has the matrix of routes and roles, `signing.py` finds the session of a
request.
"""
