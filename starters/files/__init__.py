"""What people write: releases and catalogs, read with the line of every problem."""
