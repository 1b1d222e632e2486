"""What a device is given so that what is written without a connection is not lost."""
