"""The FraudDetector resource: typed models, validation and the CRD made from them. No I/O."""

from fraud_api.resource import FraudDetector, FraudDetectorSpec
from fraud_api.status import FraudDetectorStatus

__all__ = ["FraudDetector", "FraudDetectorSpec", "FraudDetectorStatus"]
