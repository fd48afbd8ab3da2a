"""The files of a run for people.

In: results. Out: report.html and the other reports in the out folder. Each is searched before it is written.
"""
