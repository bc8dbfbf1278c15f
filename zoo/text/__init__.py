"""Text, from raw bytes to ids, in the operations of TensorFlow's core.

Nothing here needs `tensorflow_text`, Python or XLA at serving time, so a SavedModel that holds
these steps takes raw strings and runs wherever TensorFlow Serving does.
"""
