"""Full-text search over published lots: `words` cuts, `model` keeps, `indexing` fills, `finding`
asks. What everybody may know goes in and nothing else; all of it can be made anew.
"""
