"""Each agent's log, read into one stream of typed events; and where those logs are found."""
