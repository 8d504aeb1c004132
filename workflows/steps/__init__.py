"""What stories are told with: pieces that may use Temporal, and no port's details."""
