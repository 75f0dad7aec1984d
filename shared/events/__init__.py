"""What edge and control plane tell each other: refusals, revocations, leases."""
