"""Export to MLflow's tracking store, without loss.

A queue beside the journal (`queue`) names the traces that are to be stored and those the store has
acknowledged. A process of its own (`worker`) reads their rows from the journal (`rows`), makes of
them what MLflow's autologging would have made (`spans`) and writes them by MLflow's public tracing
API (`store`), as long and as often as it takes. The kernel only asks (`exporter`).
"""
