"""What ``fraudctl run`` does: traffic in, a job, results out, and a view of it all."""
