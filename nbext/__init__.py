"""nbext: see what an LLM gateway did, right under the notebook cell that called it."""
