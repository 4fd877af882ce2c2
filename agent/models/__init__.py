"""Chat and vision models: the provider factory, the embedded ones, and one for tests."""
