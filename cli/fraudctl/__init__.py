"""The command line: run, check and look into a FraudDetector on this machine."""

__version__ = "0.1.0"
