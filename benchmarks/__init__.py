"""How fast: programs that time the zoo beside others, with the extra `bench` installed."""
