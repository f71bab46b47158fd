"""Exporting a trained model: the Keras file, the SavedModel and the TFLite files, each verified."""
