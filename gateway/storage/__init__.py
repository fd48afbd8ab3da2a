"""Kept clips.

In: redacted clips. Out: stored rows, a sample for review, exports, and deletions when their time is over."""
