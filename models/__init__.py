"""All that knows a weights file: manifests, the weights, and the detector that runs them."""
