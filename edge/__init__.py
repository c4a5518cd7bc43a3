"""One site: cameras in, messages out."""
