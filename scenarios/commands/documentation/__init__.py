"""Documentation that is made from the code: schemas, reference pages, the table of suites, the site.

In: models of files, meanings of their keys (`scenarios/docs/keys/`), the pages of the repository. Out: Markdown, JSON
Schemas, HTML.
"""
