"""Results of training: `result.json`, headlines, tables, model cards and pictures."""
