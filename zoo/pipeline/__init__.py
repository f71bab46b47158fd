"""The stages in order: what `zoo.train`, `zoo.evaluate`, `zoo.export` and `zoo.verify` do."""
