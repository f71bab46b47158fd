"""Training recipes: how the models of `zoo` are trained, exported, checked and recorded."""
