"""Jobs of the service: accepted once, kept on the disk, and worked on in processes apart."""
