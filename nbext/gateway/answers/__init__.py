"""What the stand-in says: deterministic answers that read like a model's."""
