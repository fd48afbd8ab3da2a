"""The files a run leaves for people.

In: results. Out: report.html and the other reports in the out folder, each searched before it is written."""
