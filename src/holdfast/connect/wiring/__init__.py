"""How agents are told to call Holdfast: what is written where, and how exactly that is taken out again."""
