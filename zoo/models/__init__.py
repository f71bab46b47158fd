"""The models: one file, one builder, one name each."""
