"""The room that decides with people: verdicts on what was found, and the score that follows.

Command line and desk call the same functions. Nothing here is changed once it was said: a call is what its
inspection says, read together with the history of what people did (`ReviewedCall`).
"""
