"""The subcommands of `lockgate`, one module each."""
