"""What people do about findings: decide, and take decisions back. Everything here ends in the journal."""
