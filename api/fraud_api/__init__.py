"""The FraudDetector resource: typed models, validation and the CRD made from them."""

from fraud_api.load import load_file, load_text
from fraud_api.problems import InvalidDetector, Problem
from fraud_api.resource import FraudDetector, FraudDetectorSpec
from fraud_api.status import FraudDetectorStatus

__all__ = [
    "FraudDetector",
    "FraudDetectorSpec",
    "FraudDetectorStatus",
    "InvalidDetector",
    "Problem",
    "load_file",
    "load_text",
]
