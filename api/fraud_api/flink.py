"""How the job runs: parallelism, pods, checkpoints, upgrades."""

from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from fraud_api.base import Model, Name, PositiveDuration, SecretRef

Quantity = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$", max_length=32)]


class Resources(Model):
    """What a pod asks for and may use."""

    cpu: Quantity = Field("100m", description="CPU, requested; a pod uses more where there is some.")
    memory: Quantity = Field("1Gi", description="Memory, requested and limited; also Flink's process size.")


class Pods(Model):
    """The pods of one role."""

    replicas: int = Field(1, ge=1, le=512, description="How many.")
    resources: Resources = Field(default_factory=Resources, description="CPU and memory of each.")
    pod_template: dict[str, Any] | None = Field(
        None,
        description="Strategic merge patch over the pod: tolerations, node selectors, labels.",
        json_schema_extra={"x-kubernetes-preserve-unknown-fields": True},
    )


class StateBackend(StrEnum):
    """Where working state is kept."""

    HASH_MAP = "HashMap"
    ROCKS_DB = "RocksDB"


class StorageType(StrEnum):
    """Where checkpoints are kept."""

    VOLUME = "Volume"
    S3 = "S3"


class AccessMode(StrEnum):
    """Access mode of a volume."""

    READ_WRITE_ONCE = "ReadWriteOnce"
    READ_WRITE_MANY = "ReadWriteMany"


class CheckpointStorage(Model):
    """Where checkpoints and savepoints are kept."""

    type: StorageType = Field(StorageType.VOLUME, description="Volume or S3.")
    size: Quantity = Field("1Gi", description="Size of the volume.")
    storage_class: (
        Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253)] | None
    ) = Field(None, description="Storage class of the volume; the cluster's default otherwise.")
    access_mode: AccessMode = Field(
        AccessMode.READ_WRITE_ONCE, description="A volume with a single writer keeps all pods on one node."
    )
    uri: Annotated[str, StringConstraints(pattern=r"^s3a?://[^\s]+$", max_length=1024)] | None = Field(
        None, description="S3: bucket and path, such as s3://bucket/flink."
    )
    endpoint: Annotated[str, StringConstraints(pattern=r"^[^\s]+$", max_length=512)] | None = Field(
        None, description="S3: endpoint instead of AWS's own."
    )
    secret_ref: SecretRef | None = Field(None, description="S3: Secret with accessKeyId and secretAccessKey.")

    @model_validator(mode="after")
    def _s3_has_a_place(self) -> Self:
        if (self.type is StorageType.S3) != (self.uri is not None):
            raise ValueError("uri goes with type S3, and type S3 needs it")
        return self


class Checkpoints(Model):
    """How often state is saved, and where."""

    interval: PositiveDuration = Field("10s", description="Time between checkpoints.")
    storage: CheckpointStorage = Field(default_factory=CheckpointStorage, description="Where they are kept.")


class UpgradeMode(StrEnum):
    """How a changed job takes its state along."""

    SAVEPOINT = "Savepoint"
    LAST_STATE = "LastState"
    STATELESS = "Stateless"


class Delivery(StrEnum):
    """Whether Kafka sinks use transactions."""

    AT_LEAST_ONCE = "AtLeastOnce"
    EXACTLY_ONCE = "ExactlyOnce"


ConfigValue = Annotated[str, StringConstraints(max_length=1024)]
ConfigKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-zA-Z0-9.-]*$", max_length=253)]


class Flink(Model):
    """How the Flink job runs."""

    parallelism: int = Field(1, ge=1, le=1024, description="Parallel instances of every operator.")
    job_manager: Pods = Field(default_factory=Pods, description="JobManager pods.")
    task_manager: Pods = Field(default_factory=Pods, description="TaskManager pods.")
    image_pull_secrets: Annotated[list[Name], Field(max_length=16)] = Field(
        default_factory=list, description="Secrets for pulling images."
    )
    state_backend: StateBackend = Field(StateBackend.HASH_MAP, description="HashMap (in memory) or RocksDB (on disk).")
    checkpoints: Checkpoints = Field(default_factory=Checkpoints, description="How often state is saved, and where.")
    upgrade_mode: UpgradeMode = Field(UpgradeMode.SAVEPOINT, description="Savepoint, LastState or Stateless.")
    configuration: Annotated[dict[ConfigKey, ConfigValue], Field(max_length=128)] = Field(
        default_factory=dict, description="Further settings, in Flink's own words."
    )
