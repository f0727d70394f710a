"""Full-text search over published lots, intermediary services and direct awards: `words` cuts,
`model` keeps, `indexing` and `others` fill, `finding` asks. What everybody may know goes in and nothing else; all of it can be made anew.
"""
