"""TensorFlow Serving's API: a local server for development, clients, and configuration files."""
