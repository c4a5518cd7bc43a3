"""Tools beside the product: the demo, the RTSP server of tests and demo, benches, generators."""
